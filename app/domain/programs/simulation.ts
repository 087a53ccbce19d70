/**
 * Adding up a simulation, member by member. What the orders would have given comes from the one function that settles
 * (`settleHistory`); here it is only compared with what is booked for them, and summed.
 */
import { type AccountItem, type Fold, joinAccounts } from '#app/domain/earning/accounts.ts';
import type { Settlement } from '#app/domain/earning/earning.ts';
import type { OrderFacts } from '#app/domain/earning/facts.ts';
import { settleHistory } from '#app/domain/earning/history.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { AffectedMember, SimulationResult } from '#app/domain/programs/simulation-figures.ts';
import { unitPrices, valueOf } from '#app/domain/programs/unit-price.ts';

/** Sums so far, as plain JSON: they are saved between two batches. */
export type SimulationSums = {
  orders: number;
  members: number;
  ordersWithoutFacts: number;
  fromDay: string | null;
  toDay: string | null;
  units: Record<string, UnitSums>;
  rules: Record<string, { amount: number; orders: number }>;
  days: Record<string, Record<string, { before: number; after: number }>>;
  step: 'day' | 'month';
};
type UnitSums = {
  before: number;
  after: number;
  winners: number;
  losers: number;
  unchanged: number;
  mostAffected: AffectedMember[];
};

/** A past order or event that counts by the document: what is booked for it, and the day on the shop's calendar. */
export type Replay = { booked: Readonly<Record<string, number>>; day: string; facts: OrderFacts };

/** One member to replay. What is not replayed keeps its own rules: it only says how the member stood. */
export type ReplayedMember = {
  memberId: string;
  /** By order id, and by event id. */
  orders: ReadonlyMap<string, Replay>;
  events: ReadonlyMap<string, Replay>;
  /** Everything they did, by the account it was done under: one, unless another member was folded into this one. */
  items: readonly AccountItem[];
  folds: readonly Fold[];
  /** Orders of the window that nobody can judge before Shopify was asked: they are left out. */
  ordersWithoutFacts: number;
};

const affectedMax = 10;

/** Sums of nothing. With `step` month, the chart has a point for each month. */
export function emptySums(step: 'day' | 'month'): SimulationSums {
  const nothing = { orders: 0, members: 0, ordersWithoutFacts: 0, fromDay: null, toDay: null };
  return { ...nothing, units: {}, rules: {}, days: {}, step };
}

/** The sums with these members added. Neither argument is changed. */
export function addMembers(
  sums: SimulationSums,
  members: readonly ReplayedMember[],
  document: ProgramDocument,
): SimulationSums {
  const next = structuredClone(sums);
  for (const member of members) addMember(next, member, document);
  return next;
}

function addMember(sums: SimulationSums, member: ReplayedMember, document: ProgramDocument): void {
  sums.members += 1;
  sums.orders += member.orders.size + member.ordersWithoutFacts;
  sums.ordersWithoutFacts += member.ordersWithoutFacts;
  const totals = new Map<string, Change>();
  for (const { replay, isOrder, settlement } of settleReplays(member, document)) {
    if (settlement.because === 'awaiting-facts') {
      sums.ordersWithoutFacts += 1;
      continue;
    }
    const after = new Map(settlement.targets.map((target) => [target.unit, target.amount]));
    const { booked, day } = replay;
    if (isOrder) addDay(sums, day);
    for (const unit of new Set([...Object.keys(booked), ...after.keys()])) {
      const change = { before: booked[unit] ?? 0, after: after.get(unit) ?? 0 };
      addTo(totals, unit, change);
      // Most occasions bring nothing by either rules: the chart is about days on which something was.
      if (isOrder || change.before !== 0 || change.after !== 0) addToDay(sums, day, unit, change);
    }
    addRules(sums, settlement.targets);
  }
  for (const [unit, total] of totals) addUnit(sums, { memberId: member.memberId, unit, ...total });
}

type Settled = { replay: Replay; isOrder: boolean; settlement: Settlement };

/** What each replayed order and event should have earned by the document. */
function settleReplays({ orders, events, items, folds }: ReplayedMember, document: ProgramDocument): Settled[] {
  const replayed = items.map((one): AccountItem => {
    const replay = 'state' in one.item ? orders.get(one.item.state.orderId) : events.get(one.item.event.eventId);
    return replay === undefined ? one : { ...one, item: { ...one.item, document, facts: replay.facts } };
  });
  const settled = settleHistory(joinAccounts(replayed, folds));
  const pick = (replays: ReadonlyMap<string, Replay>, settlements: ReadonlyMap<string, Settlement>, isOrder: boolean) =>
    [...replays].flatMap(([id, replay]): Settled[] => {
      const settlement = settlements.get(id);
      return settlement === undefined ? [] : [{ replay, isOrder, settlement }];
    });
  return [...pick(orders, settled.orders, true), ...pick(events, settled.events, false)];
}

type Change = { before: number; after: number };

function addDay(sums: SimulationSums, day: string): void {
  sums.fromDay = sums.fromDay === null || day < sums.fromDay ? day : sums.fromDay;
  sums.toDay = sums.toDay === null || day > sums.toDay ? day : sums.toDay;
}

function addTo(totals: Map<string, Change>, unit: string, change: Change): void {
  const known = totals.get(unit) ?? { before: 0, after: 0 };
  totals.set(unit, { before: known.before + change.before, after: known.after + change.after });
}

function addToDay(sums: SimulationSums, day: string, unit: string, change: Change): void {
  const key = sums.step === 'month' ? day.slice(0, 'yyyy-mm'.length) : day;
  const units = (sums.days[key] ??= {});
  const known = (units[unit] ??= { before: 0, after: 0 });
  known.before += change.before;
  known.after += change.after;
}

function addRules(sums: SimulationSums, targets: Settlement['targets']): void {
  const given = new Map<string, number>();
  for (const { explanation } of targets)
    for (const { ruleId, amount } of explanation) given.set(ruleId, (given.get(ruleId) ?? 0) + amount);
  for (const [ruleId, amount] of given) {
    const known = (sums.rules[ruleId] ??= { amount: 0, orders: 0 });
    known.amount += amount;
    known.orders += amount === 0 ? 0 : 1;
  }
}

function addUnit(sums: SimulationSums, total: Change & { memberId: string; unit: string }): void {
  const { memberId, unit, before, after } = total;
  const known = (sums.units[unit] ??= { before: 0, after: 0, winners: 0, losers: 0, unchanged: 0, mostAffected: [] });
  known.before += before;
  known.after += after;
  if (before === after) known.unchanged += 1;
  else known[after > before ? 'winners' : 'losers'] += 1;
  if (before === after) return;
  known.mostAffected.push({ memberId, before, after });
  known.mostAffected.sort(byDifference);
  known.mostAffected.length = Math.min(known.mostAffected.length, affectedMax);
}

function byDifference(one: AffectedMember, two: AffectedMember): number {
  const difference = Math.abs(two.after - two.before) - Math.abs(one.after - one.before);
  if (difference !== 0) return difference;
  return one.memberId < two.memberId ? -1 : 1;
}

export type SimulationFrame = {
  document: ProgramDocument;
  /** What is in force now; its rewards price what was booked. Null before the first version. */
  published: ProgramDocument | null;
  currency: string;
  /** What the program's members hold now, by unit. */
  outstanding: ReadonlyMap<string, number>;
};

/** The sums as people read them: every unit of the document, and those that only the booked orders know. */
export function simulationResult(sums: SimulationSums, frame: SimulationFrame): SimulationResult {
  const { document, published, currency, outstanding } = frame;
  const prices = unitPrices(document, currency);
  const oldPrices = unitPrices(published ?? document, currency);
  const known = new Map([...(published?.units ?? []), ...document.units].map((unit) => [unit.id, unit]));
  const nothing: UnitSums = { before: 0, after: 0, winners: 0, losers: 0, unchanged: 0, mostAffected: [] };
  const units = [...new Set([...known.keys(), ...Object.keys(sums.units)])].map((unit) => {
    const { before, after, ...members } = sums.units[unit] ?? nothing;
    const held = outstanding.get(unit) ?? 0;
    const heldAfter = Math.max(0, held + after - before);
    const [price, oldPrice] = [prices.get(unit), oldPrices.get(unit)];
    return {
      unit,
      label: known.get(unit)?.label ?? unit,
      kind: known.get(unit)?.kind ?? ('point' as const),
      before,
      after,
      beforeValueMinor: valueOf(before, oldPrice),
      afterValueMinor: valueOf(after, price),
      outstanding: held,
      outstandingAfter: heldAfter,
      outstandingValueMinor: valueOf(held, oldPrice),
      outstandingAfterValueMinor: valueOf(heldAfter, price),
      ...members,
    };
  });
  return {
    currency,
    orders: sums.orders,
    members: sums.members,
    ordersWithoutFacts: sums.ordersWithoutFacts,
    fromDay: sums.fromDay,
    toDay: sums.toDay,
    units,
    rules: document.earnRules.map((rule) => ({
      ruleId: rule.id,
      name: rule.name ?? null,
      unit: rule.unit,
      ...(sums.rules[rule.id] ?? { amount: 0, orders: 0 }),
    })),
    series: Object.keys(sums.days)
      .toSorted()
      .map((day) => ({
        day,
        units: Object.entries(sums.days[day] ?? {}).map(([unit, change]) => ({ unit, ...change })),
      })),
    step: sums.step,
  };
}
