/**
 * The part of a program that the admin's forms edit: one stamp card, one points balance, and the rewards, in the words
 * of a form. Everything else in the document (further rules, conditions, settings) is kept as it is.
 *
 * It does not judge the whole document: the program's own schema does, when it is saved.
 */
import { currencyExponent } from '#app/domain/money.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import { plainProgram } from '#app/domain/programs/plain-program.ts';
import type { ProgramDocument, Unit } from '#app/domain/programs/program.ts';
import type { Benefit, Reward } from '#app/domain/programs/rewards.ts';
import { programNameFor } from '#app/domain/whole-words.ts';

export type StampBasis = 'visit' | 'item' | 'product';

export type StampOutline = {
  label: string;
  amount: number;
  basis: StampBasis;
  /** Numeric Shopify ids; only looked at when the basis is `product`. */
  productIds: string[];
  needed: number;
};

/** `amount` points for every `perMinor` minor units of the shop's currency. */
export type PointOutline = { label: string; amount: number; perMinor: number };

/** `key` is the reward's id, kept through edits so that members keep what they have reserved. */
export type RewardOutline = { key: string; counts: 'stamp' | 'point'; name: string; cost: number; benefit: Benefit };

export type ProgramOutline = {
  name: string;
  stamps: StampOutline | null;
  points: PointOutline | null;
  rewards: RewardOutline[];
  /** Months after which points and stamps expire; null for never. */
  expiryMonths: number | null;
  debtPolicy: 'carry' | 'write-off';
};

/** A round sum in every currency: 1.00 where there are cents, 100 where there are none, 1.000 where there are mils. */
function roundSumMinor(currency: string): number {
  return currencyExponent(currency) === 3 ? 1_000 : 100;
}

/** The stamp card a new program starts with. */
export function starterStamps(): StampOutline {
  return { label: 'Stamps', amount: 1, basis: 'visit', productIds: [], needed: 10 };
}

/** The points a new program starts with: one for each whole unit of money. */
export function starterPoints(currency: string): PointOutline {
  return { label: 'Points', amount: 1, perMinor: roundSumMinor(currency) };
}

/** The reward a full stamp card buys at first. */
export function starterStampReward(needed: number): RewardOutline {
  return {
    key: 'stamp-reward',
    counts: 'stamp',
    name: 'One on the house',
    cost: needed,
    benefit: { kind: 'custom', instructions: 'Hand over one item of the shopper’s choice for free.' },
  };
}

/** The reward points buy at first. */
export function starterPointReward(currency: string): RewardOutline {
  const amountMinor = 5 * roundSumMinor(currency);
  return {
    key: 'point-reward',
    counts: 'point',
    name: 'A thank-you discount',
    cost: 100,
    benefit: { kind: 'amount-off', amountMinor, currency },
  };
}

/** A program that is good without another thought: a stamp for every visit, the tenth is free. */
export function starterOutline(shopName: string): ProgramOutline {
  const stamps = starterStamps();
  return {
    name: programNameFor(shopName),
    stamps,
    points: null,
    rewards: [starterStampReward(stamps.needed)],
    expiryMonths: null,
    debtPolicy: 'carry',
  };
}

const stampUnitId = 'stamp';
const pointUnitId = 'point';

function stampUnitOf(document: ProgramDocument) {
  return document.units.find((unit) => unit.kind === 'stamp');
}

function pointUnitOf(document: ProgramDocument) {
  return document.units.find((unit) => unit.kind === 'point');
}

function stampRuleOf(document: ProgramDocument, unitId: string) {
  return document.earnRules.find((rule) => rule.unit === unitId && (rule.kind === 'item' || rule.kind === 'visit'));
}

function spendRuleOf(document: ProgramDocument, unitId: string) {
  return document.earnRules.find((rule) => rule.unit === unitId && rule.kind === 'spend');
}

/** Reads a document as the forms show it. Rewards of units the forms do not edit are left out. */
export function outlineOf(document: ProgramDocument, currency: string): ProgramOutline {
  const stampUnit = stampUnitOf(document);
  const pointUnit = pointUnitOf(document);
  const { expiry, debtPolicy } = document.settings;
  return {
    name: document.name,
    stamps: stampUnit?.kind === 'stamp' ? stampOutlineOf(document, stampUnit) : null,
    points: pointUnit ? pointOutlineOf(document, pointUnit, currency) : null,
    rewards: document.rewards.flatMap((reward) => {
      const counts = countsOf(reward.unit, stampUnit, pointUnit);
      return counts ? [{ key: reward.id, counts, name: reward.name, cost: reward.cost, benefit: reward.benefit }] : [];
    }),
    expiryMonths: expiry.mode === 'rolling' ? expiry.months : null,
    debtPolicy,
  };
}

function countsOf(unitId: string, stampUnit: Unit | undefined, pointUnit: Unit | undefined): 'stamp' | 'point' | null {
  if (unitId === stampUnit?.id) return 'stamp';
  return unitId === pointUnit?.id ? 'point' : null;
}

function stampOutlineOf(document: ProgramDocument, unit: Extract<Unit, { kind: 'stamp' }>): StampOutline {
  const rule = stampRuleOf(document, unit.id);
  const productIds = rule?.conditions.productIds ?? [];
  const itemBasis: StampBasis = productIds.length > 0 ? 'product' : 'item';
  return {
    label: unit.label,
    amount: rule?.kind === 'item' || rule?.kind === 'visit' ? rule.amount : 1,
    basis: rule?.kind === 'item' ? itemBasis : 'visit',
    productIds,
    needed: unit.stampsNeeded,
  };
}

function pointOutlineOf(document: ProgramDocument, unit: Unit, currency: string): PointOutline {
  const rule = spendRuleOf(document, unit.id);
  const rates = rule?.kind === 'spend' ? rule.rates : [];
  const rate = rates.find((candidate) => candidate.currency === currency) ?? rates[0];
  return { label: unit.label, amount: rate?.amount ?? 1, perMinor: rate?.perMinor ?? roundSumMinor(currency) };
}

/**
 * Writes the outline into a document. Rules, rewards and settings the forms do not show are kept; those of a unit that
 * was taken out go with it. Without a document it makes a new one.
 */
export function applyOutline(base: ProgramDocument | null, outline: ProgramOutline, currency: string): ProgramDocument {
  const before = base ?? emptyDocument;
  const stampId = stampUnitOf(before)?.id ?? stampUnitId;
  const pointId = pointUnitOf(before)?.id ?? pointUnitId;
  const isEdited = (unitId: string) => unitId === stampId || unitId === pointId;
  const units = [...editedUnits(outline, stampId, pointId), ...before.units.filter((unit) => !isEdited(unit.id))];
  const unitIds = new Set(units.map((unit) => unit.id));
  const edited = editedRules({ before, outline, stampId, pointId, currency });
  const editedIds = new Set(edited.map((rule) => rule.id));
  return {
    ...before,
    name: outline.name.trim(),
    units,
    earnRules: [...edited, ...before.earnRules.filter((rule) => !editedIds.has(rule.id) && unitIds.has(rule.unit))],
    rewards: [
      ...editedRewards(outline, stampId, pointId),
      ...before.rewards.filter((reward) => !isEdited(reward.unit)),
    ],
    settings: {
      ...before.settings,
      debtPolicy: outline.debtPolicy,
      expiry: outline.expiryMonths === null ? { mode: 'none' } : { mode: 'rolling', months: outline.expiryMonths },
    },
  };
}

const emptyDocument: ProgramDocument = {
  ...plainProgram,
  name: '',
  units: [],
  earnRules: [],
};

function editedUnits({ stamps, points }: ProgramOutline, stampId: string, pointId: string): Unit[] {
  const units: Unit[] = [];
  if (stamps) units.push({ kind: 'stamp', id: stampId, label: stamps.label.trim(), stampsNeeded: stamps.needed });
  if (points) units.push({ kind: 'point', id: pointId, label: points.label.trim() });
  return units;
}

type RulesInput = {
  before: ProgramDocument;
  outline: ProgramOutline;
  stampId: string;
  pointId: string;
  currency: string;
};

function editedRules({ before, outline, stampId, pointId, currency }: RulesInput): EarnRule[] {
  const { stamps, points } = outline;
  return [
    ...(stamps ? [stampRule(stamps, stampId, stampRuleOf(before, stampId))] : []),
    ...(points ? [pointRule({ points, unit: pointId, currency }, spendRuleOf(before, pointId))] : []),
  ];
}

type PointRule = { points: PointOutline; unit: string; currency: string };

/** Rates for other currencies than the shop's stay as they are. */
function pointRule({ points, unit, currency }: PointRule, before: EarnRule | undefined): EarnRule {
  const spend = before?.kind === 'spend' ? before : null;
  const otherRates = (spend?.rates ?? []).filter((rate) => rate.currency !== currency);
  return {
    kind: 'spend',
    id: spend?.id ?? 'point-rule',
    unit,
    rates: [{ currency, amount: points.amount, perMinor: points.perMinor }, ...otherRates],
    rounding: spend?.rounding ?? 'floor',
    conditions: spend?.conditions ?? {},
  };
}

function stampRule(stamps: StampOutline, unit: string, before: EarnRule | undefined): EarnRule {
  const { productIds: _replaced, ...conditions } = before?.conditions ?? {};
  const common = { id: before?.id ?? 'stamp-rule', unit, amount: stamps.amount };
  if (stamps.basis === 'visit') return { ...common, kind: 'visit', conditions };
  if (stamps.basis === 'item') return { ...common, kind: 'item', conditions };
  return { ...common, kind: 'item', conditions: { ...conditions, productIds: stamps.productIds } };
}

function editedRewards(outline: ProgramOutline, stampId: string, pointId: string): Reward[] {
  return outline.rewards
    .filter((reward) => (reward.counts === 'stamp' ? outline.stamps : outline.points) !== null)
    .map(({ key, counts, name, cost, benefit }) => {
      const unit = counts === 'stamp' ? stampId : pointId;
      return { id: key, name: name.trim(), unit, cost, benefit };
    });
}
