/**
 * What a merchant does to a draft beyond typing into a field: add, remove and move its parts. Every edit takes a document
 * and returns a new one in which nothing points at what is gone.
 */
import { currencyExponent } from '#app/domain/money.ts';
import type { Campaign, EarnRule } from '#app/domain/programs/earn-rules.ts';
import { limits } from '#app/domain/programs/program-limits.ts';
import type { ProgramDocument, Tiers, Unit } from '#app/domain/programs/program.ts';
import type { Benefit, Collection, Reward } from '#app/domain/programs/rewards.ts';

/** A new part of a draft. `id` must be free; what is chosen here is only where the merchant begins. */
export type Beginning = { id: string; document: ProgramDocument; currency: string };

/** A round sum in every currency: 1.00 where there are cents, 100 where there are none, 1.000 where there are mils. */
export function roundSumMinor(currency: string): number {
  return currencyExponent(currency) === 3 ? 1_000 : 100;
}

function firstUnit(document: ProgramDocument, kind: Unit['kind']): Unit | undefined {
  return document.units.find((unit) => unit.kind === kind) ?? document.units[0];
}

/** Adds a rule that counts money, items, visits or an occasion, in the first unit that suits it. */
export function addRule(kind: EarnRule['kind'], { id, document, currency }: Beginning): ProgramDocument {
  const unit = firstUnit(document, kind === 'spend' || kind === 'event' ? 'point' : 'stamp')?.id ?? '';
  const common = { id, unit, conditions: {} };
  const rules: Record<EarnRule['kind'], EarnRule> = {
    spend: {
      ...common,
      kind: 'spend',
      rates: [{ currency, amount: 1, perMinor: roundSumMinor(currency) }],
      rounding: 'floor',
    },
    item: { ...common, kind: 'item', amount: 1 },
    visit: { ...common, kind: 'visit', amount: 1 },
    event: { ...common, kind: 'event', event: 'sign-up', amount: 10 },
  };
  return { ...document, earnRules: [...document.earnRules, rules[kind]] };
}

/** Takes a rule out; a campaign that named only this rule is left to be mended, so that it does not count for others. */
export function removeRule(document: ProgramDocument, ruleId: string): ProgramDocument {
  return {
    ...document,
    earnRules: document.earnRules.filter((rule) => rule.id !== ruleId),
    campaigns: document.campaigns.map((campaign) =>
      campaign.ruleIds ? { ...campaign, ruleIds: campaign.ruleIds.filter((id) => id !== ruleId) } : campaign,
    ),
  };
}

/** A campaign that doubles everything for a week from the given day (2026-11-21) of the shop's calendar. */
export function newCampaign(id: string, today: string): Campaign {
  const start = new Date(`${today}T00:00:00Z`);
  const end = new Date(start.getTime() + 7 * 86_400_000).toISOString().slice(0, 10);
  return { id, name: 'Double week', from: `${today}T00:00`, to: `${end}T00:00`, multiplier: { times: 2, over: 1 } };
}

/** Tiers that a merchant may begin with: two, by points where there are any, else by orders. */
export function starterTiers(document: ProgramDocument, newId: () => string): Tiers {
  const unit = document.units.find((candidate) => candidate.kind === 'point');
  const [silver, gold] = unit ? [500, 2_000] : [5, 20];
  return {
    qualifiesBy: unit ? { kind: 'unit', unit: unit.id } : { kind: 'orders' },
    window: { kind: 'rolling', months: 12 },
    graceDays: 30,
    levels: [
      { id: newId(), name: 'Silver', threshold: silver },
      { id: newId(), name: 'Gold', threshold: gold, multiplier: { times: 3, over: 2 } },
    ],
  };
}

/** One more tier, above the highest. */
export function addLevel(tiers: Tiers, id: string): Tiers {
  const highest = tiers.levels.at(-1)?.threshold;
  const threshold = highest === undefined || !Number.isSafeInteger(highest) ? 100 : highest * 2;
  return { ...tiers, levels: [...tiers.levels, { id, name: 'New tier', threshold }] };
}

/** Takes a tier out, with all that names it; without the last one there are no tiers. */
export function removeLevel(document: ProgramDocument, levelId: string): ProgramDocument {
  if (document.tiers === null) return document;
  const levels = document.tiers.levels.filter((level) => level.id !== levelId);
  const without = (ids: string[] | undefined) => (ids ? { tierIds: ids.filter((id) => id !== levelId) } : {});
  return {
    ...document,
    tiers: levels.length === 0 ? null : { ...document.tiers, levels },
    earnRules: document.earnRules.map((rule) => ({
      ...rule,
      conditions: { ...rule.conditions, ...without(rule.conditions.tierIds) },
    })),
    rewards: document.rewards.map((reward) => ({ ...reward, ...without(reward.tierIds) })),
  };
}

/** Takes all tiers out. */
export function removeTiers(document: ProgramDocument): ProgramDocument {
  return (document.tiers?.levels ?? []).reduce((before, level) => removeLevel(before, level.id), document);
}

/** Adds points or a stamp card. */
export function addUnit(document: ProgramDocument, unit: { kind: Unit['kind']; id: string }): ProgramDocument {
  const added: Unit =
    unit.kind === 'point'
      ? { ...unit, kind: 'point', label: freeLabel('Points', document) }
      : { ...unit, kind: 'stamp', label: freeLabel('Stamps', document), stampsNeeded: 10 };
  return { ...document, units: [...document.units, added] };
}

/** `Stamps`, or `Stamps 2` where there are some already. */
function freeLabel(label: string, { units }: ProgramDocument): string {
  const taken = new Set(units.map((unit) => unit.label.trim().toLowerCase()));
  const numbered = Array.from({ length: limits.unitsMax }, (_, index) => `${label} ${index + 2}`);
  return [label, ...numbered].find((candidate) => !taken.has(candidate.toLowerCase())) ?? label;
}

/** Takes a unit out, with the rules that earn it and the rewards that cost it. What members hold of it stays theirs. */
export function removeUnit(document: ProgramDocument, unitId: string): ProgramDocument {
  const rules = document.earnRules.filter((rule) => rule.unit === unitId);
  const trimmed = rules.reduce((before, rule) => removeRule(before, rule.id), document);
  const { tiers, referral } = trimmed;
  const qualifies = tiers?.qualifiesBy;
  const side = (gift: { unit: string; amount: number } | null | undefined) =>
    gift?.unit === unitId ? null : (gift ?? null);
  return {
    ...trimmed,
    units: trimmed.units.filter((unit) => unit.id !== unitId),
    tiers:
      tiers && qualifies?.kind === 'unit' && qualifies.unit === unitId
        ? { ...tiers, qualifiesBy: { kind: 'orders' } }
        : tiers,
    rewards: trimmed.rewards.filter((reward) => reward.unit !== unitId),
    collections: trimmed.collections.map((collection) => ({
      ...collection,
      units: collection.units.filter((id) => id !== unitId),
    })),
    referral: referral && { ...referral, friend: side(referral.friend), referrer: side(referral.referrer) },
  };
}

/** A full stamp card changes its size: what cost a full card goes on costing a full card. */
export function resizeCard(document: ProgramDocument, unitId: string, stampsNeeded: number): ProgramDocument {
  const before = document.units.find((unit) => unit.id === unitId);
  if (before?.kind !== 'stamp') return document;
  return {
    ...document,
    units: document.units.map((unit) => (unit.id === unitId ? { ...before, stampsNeeded } : unit)),
    rewards: document.rewards.map((reward) =>
      reward.unit === unitId && reward.cost === before.stampsNeeded ? { ...reward, cost: stampsNeeded } : reward,
    ),
  };
}

/** Adds a collection of all stamp types there are. */
export function addCollection(document: ProgramDocument, id: string): ProgramDocument {
  const units = document.units.filter((unit) => unit.kind === 'stamp').map((unit) => unit.id);
  const added: Collection = { kind: 'all', id, name: 'Collection', units: units.slice(0, limits.unitsMax) };
  return { ...document, collections: [...document.collections, added] };
}

/** Takes a collection out, with the rewards that only it gives. */
export function removeCollection(document: ProgramDocument, collectionId: string): ProgramDocument {
  return {
    ...document,
    collections: document.collections.filter((collection) => collection.id !== collectionId),
    rewards: document.rewards.filter((reward) => reward.collectionId !== collectionId),
  };
}

/** What a reward of this kind is at first. */
export function starterBenefit(kind: Benefit['kind'], currency: string): Benefit {
  const amountMinor = 5 * roundSumMinor(currency);
  const benefits: Record<Benefit['kind'], Benefit> = {
    'amount-off': { kind: 'amount-off', amountMinor, currency },
    'percent-off': { kind: 'percent-off', percent: 10 },
    'free-product': { kind: 'free-product', productId: '' },
    'free-shipping': { kind: 'free-shipping' },
    'store-credit': { kind: 'store-credit', amountMinor, currency },
    'gift-card': { kind: 'gift-card', amountMinor, currency },
    custom: { kind: 'custom', instructions: 'Hand over one item of the shopper’s choice for free.' },
  };
  return benefits[kind];
}

/** Adds a reward for a full card, or for 100 points where there is no card. */
export function addReward({ id, document, currency }: Beginning): ProgramDocument {
  const unit = firstUnit(document, 'stamp');
  const reward: Reward = {
    id,
    name: 'New reward',
    unit: unit?.id ?? '',
    cost: unit?.kind === 'stamp' ? unit.stampsNeeded : 100,
    benefit: starterBenefit('custom', currency),
  };
  return { ...document, rewards: [...document.rewards, reward] };
}

/** How a member comes by a reward: by paying, by a stamp in the middle of a card, or by a collection. */
export type RewardWay = 'cost' | 'mid-card' | 'collection';

/** The way of a reward. */
export function wayOf(reward: Reward): RewardWay {
  if (reward.atStamp !== undefined) return 'mid-card';
  return reward.collectionId === undefined ? 'cost' : 'collection';
}

/** Changes the way, with a first guess of what it then needs. */
export function changeWay(reward: Reward, way: RewardWay, document: ProgramDocument): Reward {
  const { atStamp: _stamp, collectionId: _collection, ...plain } = reward;
  if (way === 'mid-card') return midCard(plain, document);
  if (way === 'collection') return collected(plain, document);
  const unit = document.units.find((candidate) => candidate.id === reward.unit);
  return { ...plain, cost: unit?.kind === 'stamp' ? unit.stampsNeeded : 100 };
}

function midCard(reward: Reward, { units }: ProgramDocument): Reward {
  const cards = units.filter((unit) => unit.kind === 'stamp');
  const card = cards.find((unit) => unit.id === reward.unit) ?? cards[0];
  const atStamp = Math.max(1, Math.floor((card?.stampsNeeded ?? 2) / 2));
  return { ...reward, unit: card?.id ?? reward.unit, cost: 0, atStamp };
}

function collected(reward: Reward, { collections }: ProgramDocument): Reward {
  const [collection] = collections;
  return { ...reward, unit: collection?.units[0] ?? reward.unit, cost: 0, collectionId: collection?.id ?? '' };
}

/** Moves an entry of a list up (-1) or down (+1); at the end of the list nothing happens. */
export function moved<Item>(items: readonly Item[], index: number, by: -1 | 1): Item[] {
  const target = index + by;
  const item = items[index];
  if (item === undefined || target < 0 || target >= items.length) return [...items];
  return items.toSpliced(index, 1).toSpliced(target, 0, item);
}

/** Reads `1.5`, `1,5` or `4/3` as a multiplication by whole numbers; null when it is none, or finer than we count. */
export function readMultiplier(text: string): { times: number; over: number } | null {
  const [, whole = '', fraction = ''] = /^(\d{1,4})(?:[.,](\d{1,3}))?$/.exec(text.trim()) ?? [];
  const [, above = '', below = ''] = /^(\d{1,5})\s*\/\s*(\d{1,4})$/.exec(text.trim()) ?? [];
  const times = whole === '' ? Number(above) : Number(whole + fraction);
  const over = whole === '' ? Number(below) : 10 ** fraction.length;
  if (!(times > 0) || !(over > 0)) return null;
  const divisor = greatestDivisor(times, over);
  return { times: times / divisor, over: over / divisor };
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}
