/**
 * Plays a life out against the whole system: real PostgreSQL, the real drainer and flows, a clock that is set, and the
 * faults of the world: deliveries doubled, delayed, out of order and lost, connections killed in the middle of the work.
 * Afterwards what was lost is told again, as reconciliation does, and everything must be as the oracle says.
 */
import { addDelivery } from '#app/data/orders/inbox.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';
import { packNews } from '#app/domain/orders/order-wire.ts';
import { commitReservation } from '#app/flows/members/commit-reservation.ts';
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { recordMemberEvent } from '#app/flows/members/record-event.ts';
import { releaseReservation } from '#app/flows/members/release-reservation.ts';
import { reserveReward } from '#app/flows/members/reserve-reward.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { settleOrders } from '#app/flows/orders/settle-orders.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { isFailure, Unavailable } from '#app/lib/errors.ts';
import { deliver, drain, type TestSystem } from '#test/support/factories.ts';
import { customers, sumsOf } from '#test/simulate/owners.ts';
import { createRandom, type Random } from '#test/support/random.ts';
import { dayMs, hourMs } from '#test/support/oracle/wall-clock.ts';
import { mergeBody } from '#test/support/merging.ts';
import { lifeOf, makeWorld, simulatedReward, type World } from '#test/simulate/world.ts';

export type Faults = { doubled: number; lost: number; killed: number };
export type Outcome = { seed: number; deliveries: number; faults: Faults; problems: string[] };

type Play = {
  world: World;
  system: TestSystem;
  random: Random;
  /** What is still to be told, in no order: news of orders, and that two customers are one. */
  underWay: (OrderNews | 'merge')[];
  toldEvents: Set<string>;
  nowMs: number;
  steps: number;
  faults: Faults;
};

/** Plays `steps` things out, then lets the world come to rest and compares. Every seed is a shop of its own. */
export async function simulate(system: TestSystem, asked: { seed: number; steps: number }): Promise<Outcome> {
  const { seed, steps } = asked;
  const lived = lifeOf(seed);
  const { told } = lived;
  const random = createRandom(seed);
  const world = await makeWorld(lived, `sim-${seed}-${Date.now().toString(36)}`);
  const underWay = ['merge' as const, ...[...told.told.values()].flatMap(({ deliveries }) => deliveries)];
  const deliveries = underWay.length;
  const nowMs = Math.max(
    ...[...told.life.orders, ...told.life.events].map((one) => ('at' in one ? one.at : one.soldAt)),
    0,
  );
  const faults = { doubled: 0, lost: 0, killed: 0 };
  const play: Play = { world, system, random, underWay, toldEvents: new Set(), nowMs, steps: 0, faults };
  for (; play.steps < steps; play.steps += 1) await step(play);
  await comeToRest(play);
  return { seed, deliveries, faults, problems: await problemsOf(play) };
}

const actions = ['deliver', 'deliver', 'deliver', 'settle', 'settle', 'kill', 'event', 'spend', 'age'] as const;

async function step(play: Play): Promise<void> {
  const { random, world } = play;
  setClockOffsetMs(play.nowMs - Date.now());
  switch (random.pick(actions)) {
    case 'deliver':
      return deliverOne(play);
    case 'settle':
      return void (await patiently(() => settleOrders({ shopId: world.shop.shopId })));
    case 'kill':
      return killInside(play);
    case 'event':
      return tellEvent(play);
    case 'spend':
      return spend(play);
    case 'age':
      play.nowMs += random.pick([hourMs, dayMs, 9 * dayMs, 40 * dayMs]);
      setClockOffsetMs(play.nowMs - Date.now());
      return void (await patiently(() => expireLots({ shopId: world.shop.shopId })));
  }
}

/** The database may be away for a moment: whoever asks, asks again. */
async function patiently<Answer>(work: () => Promise<Answer>): Promise<Answer | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isFailure(error) || attempt >= 20) throw error;
      if (!(error instanceof Unavailable)) return null;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function deliverOne(play: Play): Promise<void> {
  const { random, underWay, faults } = play;
  if (underWay.length === 0) return;
  const [news] = underWay.splice(random.between(0, underWay.length - 1), 1);
  if (news === undefined) return;
  if (random.chance(0.15) && canBeLost(play, news)) {
    faults.lost += 1;
    return;
  }
  if (random.chance(0.25)) {
    faults.doubled += 1;
    underWay.push(news);
  }
  await put(play, news);
}

/** Only what reconciliation can make good: an order whose last delivery tells all of it. */
function canBeLost({ world }: Play, news: OrderNews | 'merge'): boolean {
  return news !== 'merge' && world.told.told.get(news.orderId)?.lastTellsAll === true;
}

let puts = 0;

const merge = mergeBody(customers.gone, customers.own);

async function put({ world }: Play, news: OrderNews | 'merge'): Promise<void> {
  puts += 1;
  const webhookId = `simulated-${puts}`;
  if (news === 'merge') return void (await patiently(() => deliver(world.shop, 'customers/merge', merge, webhookId)));
  await patiently(() =>
    withShop(world.shop.shopId, (tx) =>
      addDelivery(tx, {
        webhookId,
        topic: 'orders/updated',
        projection: JSON.stringify(packNews(news)),
        sealed: null,
        triggeredAt: null,
      }),
    ),
  );
}

/** Kills every connection of the system at some moment of a settlement. */
async function killInside({ world, system, random, faults }: Play): Promise<void> {
  const work = settleOrders({ shopId: world.shop.shopId }).catch((error: unknown) => {
    if (!isFailure(error)) throw error;
    return 0;
  });
  await new Promise((resolve) => setTimeout(resolve, random.between(0, 12)));
  await system.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
  faults.killed += 1;
  await work;
}

async function tellEvent({ world, toldEvents, random }: Play): Promise<void> {
  const open = world.told.life.events.filter(({ id }) => !toldEvents.has(id));
  if (open.length === 0) return;
  const event = random.pick(open);
  const { kind, name } = event;
  if (kind !== 'review' && kind !== 'custom') return;
  const told = await patiently(() =>
    recordMemberEvent({
      shopId: world.shop.shopId,
      memberId: world.memberId,
      kind,
      name,
      eventKey: event.id,
      occurredAt: new Date(event.at),
      actor: 'api:simulation',
    }),
  );
  // Told a second time now and then, which must change nothing.
  if (told !== null && random.chance(0.7)) toldEvents.add(event.id);
}

async function spend(play: Play): Promise<void> {
  const { world, random } = play;
  const { shopId } = world.shop;
  const claim = { locationId: null, staffId: null, deviceId: null };
  const reserved = await patiently(() =>
    reserveReward({
      shopId,
      memberId: world.memberId,
      rewardId: simulatedReward.id,
      channel: 'pos',
      locationId: null,
      cart: null,
      idempotencyKey: `spend-${play.steps}`,
      holdMinutes: 10,
      actor: 'staff:simulation',
      staff: null,
      claim,
      approvedBy: null,
    }),
  );
  if (reserved?.kind !== 'reserved') return;
  const { reservationId } = reserved;
  await patiently<unknown>(() =>
    random.chance(0.6)
      ? commitReservation({ shopId, reservationId, orderId: null, actor: 'staff:simulation' })
      : releaseReservation({ shopId, reservationId, actor: 'staff:simulation' }),
  );
}

/** All that is still under way arrives, and of every order the last news again, as a comparison with Shopify brings it. */
async function comeToRest(play: Play): Promise<void> {
  const { world, underWay } = play;
  for (const news of underWay.splice(0)) await put(play, news);
  for (const { deliveries } of world.told.told.values()) {
    const last = deliveries.at(-1);
    if (last !== undefined) await put(play, last);
  }
  while (world.told.life.events.some(({ id }) => !play.toldEvents.has(id))) await tellEvent(play);
  await patiently(() => drain(world.shop));
}

async function problemsOf({ world, system, toldEvents }: Play): Promise<string[]> {
  const { shopId } = world.shop;
  const problems: string[] = [];
  const { imbalances } = await verifyBalances({ shopId });
  problems.push(...imbalances.map((imbalance) => JSON.stringify(imbalance)));
  const isForgiving = world.told.versions.every(({ settings }) => settings.debtPolicy === 'write-off');
  const owing = await system.sql('select unit, amount from balance where shop_id = $1 and amount < 0', [shopId]);
  if (isForgiving)
    problems.push(...owing.map((row) => `a debt although debts are written off: ${JSON.stringify(row)}`));
  const left = await system.sql<{ state: string; problem: string | null }>(
    "select state, problem from inbox where shop_id = $1 and state <> 'done'",
    [shopId],
  );
  problems.push(...left.map(({ state, problem }) => `a delivery is left ${state}: ${problem}`));
  const sums = sumsOf(world.told, world.owners);
  problems.push(...(await strayEntries({ world, system })));
  const orders = await system.sql<{ order_id: string; booked: Record<string, number> }>(
    'select order_id, booked from order_state where shop_id = $1',
    [shopId],
  );
  for (const { order_id: orderId, booked } of orders)
    problems.push(...differences(`order ${orderId}`, sums[`order ${orderId}`] ?? {}, booked));
  const events = await system.sql<{ event_key: string; booked: Record<string, number> }>(
    "select event_key, booked from member_event where shop_id = $1 and kind in ('review', 'custom')",
    [shopId],
  );
  if (events.length !== toldEvents.size) problems.push(`${events.length} events were kept, ${toldEvents.size} told`);
  for (const { event_key: key, booked } of events) {
    const id = key.split(':').at(-1) ?? key;
    problems.push(...differences(`event ${id}`, sums[`event ${id}`] ?? {}, booked));
  }
  return problems;
}

/** Whoever an order is not of has nothing left of it, and whose it is has all that is booked for it. */
async function strayEntries({ world, system }: Pick<Play, 'world' | 'system'>): Promise<string[]> {
  const entries = await system.sql<{ order_id: string; member_id: string; unit: string; left: number; due: number }>(
    `select e.order_id, e.member_id, e.unit, sum(e.amount)::int as left,
       case when e.member_id = o.member_id then coalesce((o.booked->>e.unit)::int, 0) else 0 end as due
     from ledger_entry e join order_state o on o.shop_id = e.shop_id and o.order_id = e.order_id
     where e.shop_id = $1 and e.source = 'order' and e.kind in ('accrual', 'reversal')
     group by e.order_id, e.member_id, e.unit, o.member_id, o.booked`,
    [world.shop.shopId],
  );
  const owned = await system.sql<{ order_id: string; member_id: string | null }>(
    'select order_id, member_id from order_state where shop_id = $1',
    [world.shop.shopId],
  );
  const ownerOf = (orderId: string) => world.members.get(world.owners.get(orderId) ?? '') ?? null;
  return [
    ...entries
      .filter(({ left, due }) => left !== due)
      .map(
        ({ order_id: id, unit, left, due }) => `a member has ${left} ${unit} of order ${id}, and should have ${due}`,
      ),
    ...owned
      .filter(({ order_id: id, member_id: memberId }) => memberId !== ownerOf(id))
      .map(({ order_id: id }) => `order ${id} is another’s than its newest news says`),
  ];
}

function differences(what: string, expected: Record<string, number>, booked: Record<string, number>): string[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(booked)])].flatMap((unit) => {
    const [should, is] = [expected[unit] ?? 0, booked[unit] ?? 0];
    return should === is ? [] : [`${what} has ${is} ${unit} booked, and should have ${should}`];
  });
}
