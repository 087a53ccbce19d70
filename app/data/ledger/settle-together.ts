/** One settlement: balances are locked, what is due is worked out, differences are posted and written with their causes. */
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { openFulfilledLots } from '#app/data/ledger/lots.ts';
import { type StoredEvent, writeBookedEvents } from '#app/data/ledger/member-events.ts';
import { followFolds, type LeftOwners } from '#app/data/ledger/order-owners.ts';
import { findAccounts } from '#app/data/ledger/sale-accounts.ts';
import { readMembers } from '#app/data/members/members.ts';
import { postAll, type Posting } from '#app/data/ledger/posting.ts';
import type { Rules } from '#app/data/ledger/rules-in-force.ts';
import { type Plan, type Planned, planSettlement } from '#app/data/ledger/settlement-plan.ts';
import { packState, type StoredOrder, writeOrders } from '#app/data/orders/orders.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { Settlement } from '#app/domain/earning/earning.ts';
import { factsForAnother } from '#app/domain/earning/facts.ts';
import { storedExplanation } from '#app/domain/earning/stored-explanation.ts';
import { availableFrom } from '#app/domain/ledger/pending.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type Together = {
  rules: Rules;
  /** Locked, with what is new merged in and their owners found. */
  orders: StoredOrder[];
  /** Each order as it was stored, to see afterwards which must be written; null for new ones. */
  before: Map<StoredOrder, string | null>;
  left: LeftOwners;
  events: StoredEvent[];
  /** Orders that may count as another member's sale than before. */
  recounted: StoredOrder[];
  /** Others whose balances will be changed in the same transaction: all are locked at once, in one order. */
  beside: MemberId[];
  at: Date;
};

/** Settles orders and events, and what else of the same members they bear on. Answers the members who got or lost. */
export async function settleTogether(tx: Tx, together: Together): Promise<MemberId[]> {
  const { rules, orders, left, events, at } = together;
  const owners = ownersOf(orders, events);
  const formers = [...new Set(left.values())];
  let balances = await lockBalances(tx, [...owners, ...formers, ...together.beside]);
  const members = await followFolds(tx, orders, owners);
  await findAccounts(tx, together.recounted);
  const followed = ownersOf(orders, events);
  if (followed.some((memberId) => !owners.includes(memberId)))
    balances = await lockBalances(tx, [...followed, ...formers]);
  const takenDeltas = [...left].flatMap(([order, formerId]) => leavingPostings(order, formerId, rules));
  if (formers.length > 0) for (const former of await readMembers(tx, formers)) members.set(former.memberId, former);
  const { timeZone } = owners.length + formers.length > 0 ? await readShop(tx) : { timeZone: 'UTC' };
  const plan = await planSettlement(tx, { rules, orders, events, members, timeZone });
  const touched = new Set(orders);
  const orderDeltas = plan.orders.map((planned) =>
    orderPostings(planned, { at, isTouched: touched.has(planned.subject) }),
  );
  const eventDeltas = plan.events.map((planned) => eventPostings(planned, at));
  const postings = [...takenDeltas, ...orderDeltas.flat(), ...eventDeltas.flat()];
  await postAll(tx, { postings, balances, timeZone, bookedAt: at });
  const isPosted = (_: unknown, index: number) => (orderDeltas[index] ?? []).length > 0;
  const others = plan.orders.filter(isPosted).flatMap(({ subject }) => (touched.has(subject) ? [] : [subject]));
  const changed = orders.filter((order) => {
    const before = together.before.get(order) ?? null;
    return before === null || before !== JSON.stringify(order);
  });
  await writeOrders(tx, [...changed, ...others]);
  await writeBookedEvents(
    tx,
    plan.events.filter((_, index) => (eventDeltas[index] ?? []).length > 0).map(({ subject }) => subject),
  );
  await openFulfilled(tx, plan, touched);
  return [...new Set(postings.map((posting) => posting.memberId))];
}

function ownersOf(orders: StoredOrder[], events: StoredEvent[]): MemberId[] {
  return [...new Set([...orders.flatMap((order) => order.memberId ?? []), ...events.map((event) => event.memberId)])];
}

/** Takes what is due less what is booked, and notes that it is booked now. */
function takeDeltas(
  subject: { booked: Record<string, number>; settlements: number },
  settlement: Settlement,
): { unit: string; delta: number; ordinal: number; explanation: unknown }[] {
  const targets = new Map(settlement.targets.map((target) => [target.unit, target]));
  const ordinal = subject.settlements + 1;
  const deltas = [...new Set([...targets.keys(), ...Object.keys(subject.booked)])].flatMap((unit) => {
    const target = targets.get(unit);
    const delta = (target?.amount ?? 0) - (subject.booked[unit] ?? 0);
    if (delta === 0) return [];
    subject.booked[unit] = (subject.booked[unit] ?? 0) + delta;
    const parts = storedExplanation(target?.explanation ?? []);
    return [{ unit, delta, ordinal, explanation: { because: settlement.because, parts } }];
  });
  if (deltas.length > 0) subject.settlements = ordinal;
  return deltas;
}

function orderPostings(
  { subject: order, version, settlement }: Planned<StoredOrder>,
  { at, isTouched }: { at: Date; isTouched: boolean },
): Posting[] {
  const { memberId, state } = order;
  const { orderId, latest } = state;
  if (memberId === null || latest === null || settlement.because === 'awaiting-facts') return [];
  const deltas = takeDeltas(order, settlement);
  if (deltas.length === 0) return [];
  const { settings } = version.document;
  const madeAt = new Date(latest.processedAt);
  const fulfilledAt = latest.fulfilledAt === null ? null : new Date(latest.fulfilledAt);
  const availableAt = availableFrom(settings.pending, { madeAt, fulfilledAt });
  const inputsHash = fingerprint({ state: packState(state), facts: order.facts, version: version.versionId });
  // What an earlier sale took away, as its own news arrived, is taken away when it arrived.
  const takenAt = isTouched ? new Date(latest.updatedAt) : at;
  return deltas.map(({ unit, delta, ordinal, explanation }) => ({
    memberId,
    unit,
    delta,
    source: 'order',
    sourceKey: `order:${orderId}:${unit}:${ordinal}`,
    owner: { orderId },
    ruleVersionId: version.versionId,
    settings,
    inputsHash,
    explanation,
    actor: 'system',
    occurredAt: delta > 0 ? madeAt : takenAt,
    availableAt,
  }));
}

/**
 * What an order brought a member is taken back once it turns out to be another's, whole and in every unit; then it counts as
 * if nothing had been booked for it. Nothing where it is theirs after all, because customers were made one.
 */
function leavingPostings(order: StoredOrder, formerId: MemberId, rules: Rules): Posting[] {
  const { state, booked, ruleVersionId } = order;
  const { latest, orderId } = state;
  if (order.memberId === formerId) return [];
  const version = ruleVersionId === null ? undefined : rules.byId.get(ruleVersionId);
  const deltas = Object.entries(booked).filter(([, amount]) => amount !== 0);
  order.booked = {};
  order.ruleVersionId = null;
  order.facts = order.facts === null ? null : factsForAnother(order.facts);
  if (latest === null || version === undefined || deltas.length === 0) return [];
  order.settlements += 1;
  return deltas.map(([unit, amount]) => ({
    memberId: formerId,
    unit,
    delta: -amount,
    source: 'order',
    sourceKey: `order:${orderId}:${unit}:${order.settlements}`,
    owner: { orderId },
    ruleVersionId: version.versionId,
    settings: version.document.settings,
    inputsHash: fingerprint({ state: packState(state), facts: order.facts, version: version.versionId }),
    explanation: { because: 'another-member', parts: [] },
    actor: 'system',
    occurredAt: new Date(latest.updatedAt),
    availableAt: null,
  }));
}

function eventPostings({ subject, version, settlement }: Planned<StoredEvent>, at: Date): Posting[] {
  const { event, memberId, facts, actor } = subject;
  const { eventId, occurredAt } = event;
  return takeDeltas(subject, settlement).map(({ unit, delta, ordinal, explanation }) => ({
    memberId,
    unit,
    delta,
    source: 'event',
    sourceKey: `event:${eventId}:${unit}:${ordinal}`,
    owner: { causeId: eventId },
    ruleVersionId: version.versionId,
    settings: version.document.settings,
    inputsHash: fingerprint({ event, facts, version: version.versionId }),
    explanation,
    actor,
    occurredAt: delta > 0 ? occurredAt : at,
    availableAt: occurredAt,
  }));
}

/** What waited for an order's fulfilment can be spent once it is told. */
async function openFulfilled(tx: Tx, plan: Plan, touched: Set<StoredOrder>): Promise<void> {
  await openFulfilledLots(
    tx,
    plan.orders.flatMap(({ subject, version }) => {
      const { orderId, latest } = subject.state;
      const isWaiting = version.document.settings.pending.until === 'fulfilled' && touched.has(subject);
      return isWaiting && latest?.fulfilledAt != null ? [{ orderId, at: new Date(latest.fulfilledAt) }] : [];
    }),
  );
}
