/** What a simulation replays of members: everything they did, and which of it counts by the document. */
import { accountItem, readFolds } from '#app/data/ledger/history.ts';
import { readEventsOf, type StoredEvent } from '#app/data/ledger/member-events.ts';
import { readRules, type Rules } from '#app/data/ledger/rules-in-force.ts';
import { type Member, readMembers } from '#app/data/members/members.ts';
import { readOrdersOf } from '#app/data/orders/member-orders.ts';
import { readPinnedFacts } from '#app/data/orders/order-facts.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { readProductFacts } from '#app/data/orders/product-facts.ts';
import type { SimulationWindow } from '#app/data/programs/simulations.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { localDateOf } from '#app/domain/calendar.ts';
import type { Fold } from '#app/domain/earning/accounts.ts';
import { eventFactsNeeded, factsNeeded } from '#app/domain/orders/facts-needed.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { simulatedFacts } from '#app/domain/programs/simulated-facts.ts';
import type { Replay, ReplayedMember } from '#app/domain/programs/simulation.ts';
import type { MemberId } from '#app/lib/ids.ts';

type Reading = {
  rules: Rules;
  window: SimulationWindow;
  timeZone: string;
  document: ProgramDocument;
  products: Awaited<ReturnType<typeof readProductFacts>>;
};

/** The members as a simulation replays them. Reads only, and locks nothing. */
export async function readReplayedMembers(
  tx: Tx,
  memberIds: MemberId[],
  about: Pick<Reading, 'window' | 'timeZone' | 'document'>,
): Promise<ReplayedMember[]> {
  const members = new Map((await readMembers(tx, memberIds)).map((member) => [member.memberId, member]));
  const orders = await readOrdersOf(tx, memberIds);
  const events = await readEventsOf(tx, memberIds);
  const folds = await readFolds(tx, [...orders, ...events]);
  const productIds = factsNeeded(about.document).products ? orders.flatMap(productsOf) : [];
  const products = await readProductFacts(tx, [...new Set(productIds)]);
  const reading: Reading = { ...about, rules: await readRules(tx), products };
  return [...members.values()].map((member) =>
    replayedMember(member, {
      reading,
      folds,
      orders: orders.filter((order) => order.memberId === member.memberId && order.state.latest !== null),
      events: events.filter((event) => event.memberId === member.memberId),
    }),
  );
}

type Done = {
  reading: Reading;
  folds: Fold[];
  orders: StoredOrder[];
  events: StoredEvent[];
};

function replayedMember(member: Member, { reading, folds, orders, events }: Done): ReplayedMember {
  const counted = orders.filter((order) => order.ruleVersionId !== null && isInWindow(order, reading.window));
  const known = counted.flatMap((order): [string, Replay][] => {
    const replay = orderReplay(order, member, reading);
    return replay === null ? [] : [[order.state.orderId, replay]];
  });
  const replayedEvents = events.flatMap((event): [string, Replay][] => {
    const replay = eventReplay(event, member, reading);
    return replay === null ? [] : [[event.event.eventId, replay]];
  });
  return {
    memberId: member.memberId,
    orders: new Map(known),
    events: new Map(replayedEvents),
    items: [...orders, ...events].flatMap((done) => accountItem(done, reading.rules, reading.timeZone) ?? []),
    folds,
    ordersWithoutFacts: counted.length - known.length,
  };
}

function saleTime({ state }: StoredOrder): Date {
  return new Date(state.latest?.processedAt ?? 0);
}

function isInWindow(order: StoredOrder, { fromAt, fromOrder, untilAt }: SimulationWindow): boolean {
  const at = saleTime(order);
  if (at > untilAt || at < fromAt) return false;
  return at > fromAt || order.state.orderId >= fromOrder;
}

/** Null while the order's own rules, or the document, miss a fact of it. */
function orderReplay(order: StoredOrder, member: Member, reading: Reading): Replay | null {
  const version = order.ruleVersionId === null ? undefined : reading.rules.byId.get(order.ruleVersionId);
  if (version === undefined || order.needsFetch) return null;
  const facts = simulatedFacts({
    pinned: readPinnedFacts(order, reading.timeZone),
    pinnedNeeds: factsNeeded(version.document),
    needs: factsNeeded(reading.document),
    productIds: productsOf(order),
    products: reading.products,
    memberTags: member.tags,
    isCustomer: member.shopifyCustomerId !== null,
  });
  return facts === null ? null : { booked: order.booked, day: dayOf(saleTime(order), reading), facts };
}

const noProducts = { products: false, market: false };

function eventReplay(stored: StoredEvent, member: Member, reading: Reading): Replay | null {
  const { occurredAt } = stored.event;
  const version = stored.ruleVersionId === null ? undefined : reading.rules.byId.get(stored.ruleVersionId);
  const { fromAt, untilAt } = reading.window;
  if (version === undefined || occurredAt < fromAt || occurredAt > untilAt) return null;
  const facts = simulatedFacts({
    pinned: stored.facts,
    pinnedNeeds: { ...noProducts, ...eventFactsNeeded(version.document) },
    needs: { ...noProducts, ...eventFactsNeeded(reading.document) },
    productIds: [],
    products: reading.products,
    memberTags: member.tags,
    isCustomer: member.shopifyCustomerId !== null,
  });
  return facts === null ? null : { booked: stored.booked, day: dayOf(occurredAt, reading), facts };
}

function productsOf({ state }: Pick<StoredOrder, 'state'>): string[] {
  const lines = [...(state.latest?.lines ?? []), ...(state.paidUp?.lines ?? [])];
  return [...new Set(lines.flatMap((line) => line.productId ?? []))];
}

function dayOf(at: Date, { timeZone }: Reading): string {
  const { year, month, day } = localDateOf(at, timeZone);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
