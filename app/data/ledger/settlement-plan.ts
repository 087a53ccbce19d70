/**
 * What orders and events should have earned by now. Where a program's rules look at no more than the order at hand, each
 * is settled alone; otherwise all of a member's history is settled together, because one sale decides about another.
 */
import { accountItem, readFolds } from '#app/data/ledger/history.ts';
import { readEventsOf, type StoredEvent } from '#app/data/ledger/member-events.ts';
import { type Rules, versionInForce } from '#app/data/ledger/rules-in-force.ts';
import type { Member } from '#app/data/members/members.ts';
import { lockOrdersOf } from '#app/data/orders/member-orders.ts';
import { pinFacts, readPinnedFacts } from '#app/data/orders/order-facts.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import type { RuleVersion } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { joinAccounts } from '#app/domain/earning/accounts.ts';
import { settle, settleEvent, type Settlement } from '#app/domain/earning/earning.ts';
import { newcomer } from '#app/domain/earning/facts.ts';
import { settleHistory } from '#app/domain/earning/history.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** An order or event with what it should have earned, by the version it is pinned to. */
export type Planned<Subject extends StoredOrder | StoredEvent> = {
  subject: Subject;
  version: RuleVersion;
  settlement: Settlement;
};

export type Plan = { orders: Planned<StoredOrder>[]; events: Planned<StoredEvent>[] };

export type Touched = {
  rules: Rules;
  orders: StoredOrder[];
  events: StoredEvent[];
  /** The owners of both. */
  members: Map<MemberId, Member>;
  timeZone: string;
};

/**
 * Works out what is due for these orders and events, and for all others of the same members that they bear on. Pins each
 * order's rules and facts; one that waits for facts is left out. Erased members are left out: their accounts are closed.
 */
export async function planSettlement(tx: Tx, touched: Touched): Promise<Plan> {
  const { rules, members } = touched;
  const orders = await pinOrders(tx, touched);
  const isHistorical = (memberId: MemberId | null) => {
    const member = memberId === null ? undefined : members.get(memberId);
    return member !== undefined && rules.historyPrograms.has(member.programId);
  };
  const events = touched.events.filter(({ memberId }) => members.get(memberId)?.state !== 'erased');
  const alone: Plan = {
    orders: orders.filter(({ memberId }) => !isHistorical(memberId)).flatMap((order) => planOrder(order, touched)),
    events: events.filter(({ memberId }) => !isHistorical(memberId)).flatMap((event) => planEvent(event, rules)),
  };
  const together = [...members.values()].filter(({ memberId, state }) => isHistorical(memberId) && state !== 'erased');
  if (together.length === 0) return alone;
  const histories = await planHistories(tx, touched, together);
  return { orders: [...alone.orders, ...histories.orders], events: [...alone.events, ...histories.events] };
}

/** Gives orders their rules and facts for ever. Answers those that can be settled. */
async function pinOrders(tx: Tx, { rules, orders, members, timeZone }: Touched): Promise<StoredOrder[]> {
  const wanted = orders.flatMap((order) => {
    const member = order.memberId === null ? undefined : members.get(order.memberId);
    const { latest } = order.state;
    if (member === undefined || member.state === 'erased' || latest === null) return [];
    order.ruleVersionId ??= versionInForce(rules, member.programId, new Date(latest.processedAt))?.versionId ?? null;
    const version = order.ruleVersionId === null ? undefined : rules.byId.get(order.ruleVersionId);
    return version === undefined ? [] : [{ order, document: version.document, member }];
  });
  const facts = wanted.length === 0 ? new Map() : await pinFacts(tx, wanted, timeZone);
  return wanted.flatMap(({ order }) => (facts.get(order.state.orderId) === 'missing' ? [] : [order]));
}

function planOrder(order: StoredOrder, { rules, timeZone }: Touched): Planned<StoredOrder>[] {
  const version = order.ruleVersionId === null ? undefined : rules.byId.get(order.ruleVersionId);
  if (version === undefined) return [];
  const facts = readPinnedFacts(order, timeZone);
  const settlement = settle({ order: order.state, document: version.document, facts, standing: newcomer });
  return [{ subject: order, version, settlement }];
}

function planEvent(stored: StoredEvent, rules: Rules): Planned<StoredEvent>[] {
  const version = stored.ruleVersionId === null ? undefined : rules.byId.get(stored.ruleVersionId);
  if (version === undefined) return [];
  const { event, facts } = stored;
  const settlement = settleEvent({ event, document: version.document, facts, standing: newcomer });
  return [{ subject: stored, version, settlement }];
}

async function planHistories(tx: Tx, touched: Touched, members: Member[]): Promise<Plan> {
  const { rules, timeZone } = touched;
  const memberIds = members.map((member) => member.memberId);
  const orders = await ordersOf(tx, touched, memberIds);
  const events = await eventsOf(tx, touched, memberIds);
  const folds = await readFolds(tx, [...orders, ...events]);
  const plan: Plan = { orders: [], events: [] };
  for (const memberId of memberIds) {
    const mine = { orders: ownedBy(orders, memberId), events: ownedBy(events, memberId) };
    const done = [...mine.orders, ...mine.events].flatMap((subject) => accountItem(subject, rules, timeZone) ?? []);
    const settled = settleHistory(joinAccounts(done, folds));
    plan.orders.push(...plannedOf(mine.orders, ({ state }) => settled.orders.get(state.orderId), rules));
    plan.events.push(...plannedOf(mine.events, ({ event }) => settled.events.get(event.eventId), rules));
  }
  return plan;
}

/** All orders of these members: as stored, but for those that are being settled. */
async function ordersOf(tx: Tx, touched: Touched, memberIds: MemberId[]): Promise<StoredOrder[]> {
  const known = new Map(touched.orders.map((order) => [order.state.orderId, order]));
  const stored = (await lockOrdersOf(tx, memberIds)).map((order) => known.get(order.state.orderId) ?? order);
  return [...new Set([...touched.orders, ...stored])].filter(({ state }) => state.latest !== null);
}

async function eventsOf(tx: Tx, touched: Touched, memberIds: MemberId[]): Promise<StoredEvent[]> {
  const known = new Map(touched.events.map((event) => [event.event.eventId, event]));
  return (await readEventsOf(tx, memberIds)).map((stored) => known.get(stored.event.eventId) ?? stored);
}

function ownedBy<Subject extends StoredOrder | StoredEvent>(subjects: Subject[], owner: MemberId): Subject[] {
  return subjects.filter(({ memberId }) => memberId === owner);
}

function plannedOf<Subject extends StoredOrder | StoredEvent>(
  subjects: Subject[],
  settlementOf: (subject: Subject) => Settlement | undefined,
  rules: Rules,
): Planned<Subject>[] {
  return subjects.flatMap((subject) => {
    const version = subject.ruleVersionId === null ? undefined : rules.byId.get(subject.ruleVersionId);
    const settlement = settlementOf(subject);
    return version === undefined || settlement === undefined ? [] : [{ subject, version, settlement }];
  });
}
