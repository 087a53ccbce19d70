/**
 * One member's whole history, settled together.
 *
 * Caps per day and member, cool-downs, "first order" and tiers look at other sales, and always as those stood when this
 * sale was made: what was refunded or cancelled by then does not count, what was refunded later does. So the history is
 * walked once by (time of sale, id), occasions before orders of the same instant, and refunds and cancellations of what
 * was passed already are taken in at their own times. Arrival plays no part, and a refund never posts on another order:
 * one later than a sale cannot change how the member stood at it.
 */
import { type Settlement, settle, settleEvent } from '#app/domain/earning/earning.ts';
import { eligibleOrderMinor } from '#app/domain/earning/eligible.ts';
import { type MemberEvent, type MemberStanding, newcomer, type OrderFacts } from '#app/domain/earning/facts.ts';
import { openRuleTallies, type Passed, type RuleTallies } from '#app/domain/earning/rule-tallies.ts';
import { openTierCourse, type TierCourse } from '#app/domain/earning/tier-course.ts';
import { changeTimesMs, orderAsOf } from '#app/domain/orders/order-as-of.ts';
import { compareIds } from '#app/domain/orders/order-merge.ts';
import type { OrderState } from '#app/domain/orders/order.ts';
import { isStanding } from '#app/domain/orders/standing.ts';
import type { ProgramDocument, Tiers } from '#app/domain/programs/program.ts';

/** An order with the version of the program it counts by. */
export type HistoryOrder = { state: OrderState } & Counted;
export type HistoryEvent = { event: MemberEvent } & Counted;
export type HistoryItem = HistoryOrder | HistoryEvent;

type Counted = {
  document: ProgramDocument;
  facts: OrderFacts;
  /** How the member stood, where that is known from elsewhere; otherwise it follows from the history. */
  standing?: MemberStanding;
};

/** Everything of one member, in any order. */
export type MemberHistory = { orders: HistoryOrder[]; events: HistoryEvent[] };

/**
 * Whether some rule looks at more than the order or event itself. False: settling with `newcomer` is exact for everything
 * under this document.
 */
export function needsHistory(document: ProgramDocument): boolean {
  if (document.tiers?.levels.some((level) => level.multiplier !== undefined) === true) return true;
  return document.earnRules.some(({ conditions, caps, coolDownHours }) => {
    const asksWho = conditions.firstOrder !== undefined || conditions.tierIds !== undefined;
    return asksWho || caps?.perDay !== undefined || caps?.perMember !== undefined || coolDownHours !== undefined;
  });
}

/**
 * What each order and event of a member should have earned by now, by their ids; every one is answered for. The answer
 * depends on the set of orders and events alone.
 */
export function settleHistory(history: MemberHistory): {
  orders: Map<string, Settlement>;
  events: Map<string, Settlement>;
} {
  const walk = openWalk(history, []);
  walkTo(walk, Number.POSITIVE_INFINITY);
  // What is no sale yet has no standing, and earns nothing whatever it would be.
  const answerFor = (item: HistoryItem) =>
    walk.settled.get(item) ?? settleItem(item, stateOf(item), walk.standings.get(item) ?? newcomer);
  return {
    orders: new Map(history.orders.map((order) => [order.state.orderId, answerFor(order)])),
    events: new Map(history.events.map((event) => [event.event.eventId, answerFor(event)])),
  };
}

/**
 * How the member stands at an instant under this version of the program: what a sale made then would count with.
 * Everything at that very instant is earlier.
 */
export function standingAt(
  history: MemberHistory,
  { at, document, timeZone }: { at: Date; document: ProgramDocument; timeZone: string },
): MemberStanding {
  const walk = openWalk(history, [document]);
  walkTo(walk, at.getTime());
  return standingIn(walk, { atMs: at.getTime(), document, timeZone });
}

/** How the member stood at each order and event that was a sale or took place. */
export function standingsIn(history: MemberHistory): ReadonlyMap<HistoryItem, MemberStanding> {
  const walk = openWalk(history, []);
  walkTo(walk, Number.POSITIVE_INFINITY);
  return walk.standings;
}

/** The course of the member's tiers up to an instant, by the tiers of one document; what happens at it counts. */
export function tierCourseTo(
  history: MemberHistory,
  { at, tiers, timeZone }: { at: Date; tiers: Tiers; timeZone: string },
): TierCourse {
  const walk = openWalk(history, [{ tiers }]);
  walkTo(walk, at.getTime());
  return courseIn(walk, tiers, timeZone);
}

type Moment = { atMs: number; id: string; item: HistoryItem };

/** What an order or event comes to at some instant. */
type Outcome = {
  given: Map<string, number>;
  units: Map<string, number>;
  spendMinor: bigint;
  isStanding: boolean;
};

/** A moment that was passed: how the member stood then, and what it comes to by now. */
type Step = Passed & { item: HistoryItem; standing: MemberStanding; outcome: Outcome };
type Change = { step: Step; atMs: number; isSale: boolean; before: Outcome; after: Outcome };

type Walk = {
  moments: Moment[];
  /** Refunds and cancellations after the sale, in the order of their times. */
  turns: { atMs: number; item: HistoryItem }[];
  nextMoment: number;
  nextTurn: number;
  steps: Map<HistoryItem, Step>;
  standings: Map<HistoryItem, MemberStanding>;
  /** Settlements that already are the final ones, because nothing happened after the sale. */
  settled: Map<HistoryItem, Settlement>;
  tallies: RuleTallies;
  standingOrders: number;
  /** Kept only when some document has tiers. */
  changes: Change[] | null;
  countsSpend: boolean;
  courses: Map<string, { course: TierCourse; taken: number }>;
};

const nothingYet: Outcome = { given: new Map(), units: new Map(), spendMinor: 0n, isStanding: false };

function openWalk({ orders, events }: MemberHistory, asked: Pick<ProgramDocument, 'tiers'>[]): Walk {
  const moments: Moment[] = [];
  const turns: Walk['turns'] = [];
  for (const item of events)
    if (!item.event.isRevoked) moments.push({ atMs: item.event.occurredAt.getTime(), id: item.event.eventId, item });
  for (const item of orders) {
    const { latest, orderId } = item.state;
    if (latest === null) continue;
    const atMs = Date.parse(latest.processedAt);
    moments.push({ atMs, id: orderId, item });
    for (const turnMs of changeTimesMs(item.state, atMs)) turns.push({ atMs: turnMs, item });
  }
  const tiers = [
    ...orders.map(({ document }) => document),
    ...events.map(({ document }) => document),
    ...asked,
  ].flatMap((document) => document.tiers ?? []);
  return {
    moments: moments.toSorted(byTime),
    turns: turns.toSorted((one, two) => one.atMs - two.atMs),
    nextMoment: 0,
    nextTurn: 0,
    steps: new Map(),
    standings: new Map(),
    settled: new Map(),
    tallies: openRuleTallies(),
    standingOrders: 0,
    changes: tiers.length > 0 ? [] : null,
    countsSpend: tiers.some(({ qualifiesBy }) => qualifiesBy.kind === 'spend'),
    courses: new Map(),
  };
}

function byTime(one: Moment, two: Moment): number {
  if (one.atMs !== two.atMs) return one.atMs - two.atMs;
  const isOrder = 'state' in one.item;
  if (isOrder !== 'state' in two.item) return isOrder ? 1 : -1;
  return compareIds(one.id, two.id);
}

/** Passes everything up to an instant, it included. */
function walkTo(walk: Walk, atMs: number): void {
  for (let moment = walk.moments[walk.nextMoment]; moment !== undefined && moment.atMs <= atMs;) {
    takeTurns(walk, moment.atMs);
    pass(walk, moment);
    walk.nextMoment += 1;
    moment = walk.moments[walk.nextMoment];
  }
  // Nobody asks how things stand at the end of all time.
  if (atMs !== Number.POSITIVE_INFINITY) takeTurns(walk, atMs);
}

function pass(walk: Walk, { atMs, item }: Moment): void {
  const { document, facts } = item;
  const standing = item.standing ?? standingIn(walk, { atMs, document, timeZone: facts.timeZone });
  const state = stateOf(item, atMs);
  const settlement = settleItem(item, state, standing);
  if (state === stateOf(item)) walk.settled.set(item, settlement);
  const outcome = outcomeOf(walk, { item, state, settlement });
  const step: Step = { atMs, given: outcome.given, item, standing, outcome };
  walk.steps.set(item, step);
  walk.standings.set(item, standing);
  walk.tallies.pass(step);
  note(walk, { step, atMs, isSale: true, before: nothingYet, after: outcome });
}

function takeTurns(walk: Walk, untilMs: number): void {
  for (let turn = walk.turns[walk.nextTurn]; turn !== undefined && turn.atMs <= untilMs;) {
    const step = walk.steps.get(turn.item);
    if (step !== undefined) turnStep(walk, step, turn.atMs);
    walk.nextTurn += 1;
    turn = walk.turns[walk.nextTurn];
  }
}

function turnStep(walk: Walk, step: Step, atMs: number): void {
  const { item, standing, outcome: before } = step;
  const state = stateOf(item, atMs);
  const after = outcomeOf(walk, { item, state, settlement: settleItem(item, state, standing) });
  walk.tallies.change(step, after.given);
  step.outcome = after;
  note(walk, { step, atMs, isSale: false, before, after });
}

function note(walk: Walk, change: Change): void {
  walk.standingOrders += Number(change.after.isStanding) - Number(change.before.isStanding);
  walk.changes?.push(change);
}

/** An order as it stood at an instant, or as it is known now; null for an event, which nothing changes. */
function stateOf(item: HistoryItem, atMs?: number): OrderState | null {
  if (!('state' in item)) return null;
  return atMs === undefined ? item.state : orderAsOf(item.state, new Date(atMs));
}

function settleItem(item: HistoryItem, state: OrderState | null, standing: MemberStanding): Settlement {
  const { document, facts } = item;
  if ('event' in item) return settleEvent({ event: item.event, document, facts, standing });
  return settle({ order: state ?? item.state, document, facts, standing });
}

function outcomeOf(
  walk: Walk,
  { item, state, settlement }: { item: HistoryItem; state: OrderState | null; settlement: Settlement },
): Outcome {
  const given = new Map<string, number>();
  const units = new Map<string, number>();
  for (const { unit, amount, explanation } of settlement.targets) {
    units.set(unit, amount);
    for (const part of explanation) given.set(part.ruleId, (given.get(part.ruleId) ?? 0) + part.amount);
  }
  return {
    given,
    units,
    spendMinor: state !== null && walk.countsSpend ? eligibleOrderMinor(state, item) : 0n,
    isStanding: state !== null && isStanding(state),
  };
}

function standingIn(
  walk: Walk,
  { atMs, document, timeZone }: { atMs: number; document: ProgramDocument; timeZone: string },
): MemberStanding {
  const { tiers } = document;
  const level = tiers === null ? -1 : courseIn(walk, tiers, timeZone).standAt(atMs).level;
  return {
    tierId: tiers?.levels[level]?.id ?? null,
    isFirstOrder: walk.standingOrders === 0,
    used: walk.tallies.usesAt(atMs, timeZone),
  };
}

/** Tiers never change once they are published, and the same ones are asked about for every sale. */
const tiersKeys = new WeakMap<Tiers, string>();

function tiersKey(tiers: Tiers): string {
  const key = tiersKeys.get(tiers) ?? JSON.stringify(tiers);
  tiersKeys.set(tiers, key);
  return key;
}

/** Each version's tiers look at the whole history in their own way, from its beginning. */
function courseIn(walk: Walk, tiers: Tiers, timeZone: string): TierCourse {
  const key = `${timeZone} ${tiersKey(tiers)}`;
  let followed = walk.courses.get(key);
  if (followed === undefined) {
    followed = { course: openTierCourse(tiers, timeZone), taken: 0 };
    walk.courses.set(key, followed);
  }
  const changes = walk.changes ?? [];
  for (const { step, atMs, isSale, before, after } of changes.slice(followed.taken)) {
    const amount = qualifying(after, tiers) - qualifying(before, tiers);
    followed.course.take({ source: step, atMs, saleMs: step.atMs, isSale, amount });
  }
  followed.taken = changes.length;
  return followed.course;
}

function qualifying(outcome: Outcome, { qualifiesBy }: Tiers): bigint {
  if (qualifiesBy.kind === 'unit') return BigInt(outcome.units.get(qualifiesBy.unit) ?? 0);
  return qualifiesBy.kind === 'spend' ? outcome.spendMinor : BigInt(outcome.isStanding);
}
