/**
 * Plays lives out against the whole system: real PostgreSQL, the real drainer and flows, a clock that is set, and the
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
import { receiveWebhook } from '#app/flows/orders/receive-webhook.ts';
import { settleOrders } from '#app/flows/orders/settle-orders.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { isFailure, Unavailable } from '#app/lib/errors.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { drain, type TestSystem } from '#test/support/factories.ts';
import { type Merge, shuffled } from '#test/simulate/cast.ts';
import { problemsOf } from '#test/simulate/problems.ts';
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
  underWay: (OrderNews | Merge)[];
  toldEvents: Set<string>;
  /** Reservations that nobody has decided about yet. */
  open: string[];
  /** How often somebody spent, by whom they were then. */
  spent: Map<MemberId, number>;
  nowMs: number;
  steps: number;
  faults: Faults;
};

/** Plays `steps` things out, then lets the world come to rest and compares. Every seed is a shop of its own. */
export async function simulate(system: TestSystem, asked: { seed: number; steps: number }): Promise<Outcome> {
  const { seed, steps } = asked;
  const cast = lifeOf(seed);
  const { told, merges } = cast;
  const random = createRandom(seed);
  const world = await makeWorld(cast, `sim-${seed}-${Date.now().toString(36)}`);
  const underWay = [...merges, ...[...told.told.values()].flatMap(({ deliveries }) => deliveries)];
  const deliveries = underWay.length;
  const times = [...told.life.orders, ...told.life.events, ...merges].map((one) => ('at' in one ? one.at : one.soldAt));
  const faults = { doubled: 0, lost: 0, killed: 0 };
  const nothing = { toldEvents: new Set<string>(), open: [], spent: new Map<MemberId, number>(), steps: 0 };
  const play: Play = { world, system, random, underWay, nowMs: Math.max(...times), faults, ...nothing };
  for (; play.steps < steps; play.steps += 1) await step(play);
  await comeToRest(play);
  return { seed, deliveries, faults, problems: await problemsOf(play) };
}

// prettier-ignore
const actions = ['deliver', 'deliver', 'deliver', 'settle', 'settle', 'kill', 'event', 'spend', 'decide', 'age'] as const;

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
      return reserve(play);
    case 'decide':
      return decide(play);
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
function canBeLost({ world }: Play, news: OrderNews | Merge): boolean {
  if ('gone' in news || world.heardWhole.has(news.orderId)) return false;
  return world.told.told.get(news.orderId)?.lastTellsAll === true;
}

let puts = 0;

async function put(play: Play, news: OrderNews | Merge): Promise<void> {
  const { world } = play;
  puts += 1;
  const webhookId = `simulated-${puts}`;
  if ('gone' in news) return putMerge(play, news, webhookId);
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

/** How long Shopify tries to tell of a merge. What came in time may be applied at any time after. */
const tellingMaxMs = 4 * hourMs;

/** Says when it happened, to the clock of a while after. */
async function putMerge(play: Play, { gone, kept, at }: Merge, webhookId: string): Promise<void> {
  const { world, random, nowMs } = play;
  const body = mergeBody(gone, kept);
  const told = { shopDomain: world.shop.domain, topic: 'customers/merge', webhookId, triggeredAt: new Date(at) };
  const lateMs = random.between(0, tellingMaxMs);
  await patiently(() => {
    setClockOffsetMs(at + lateMs - Date.now());
    return receiveWebhook({ ...told, body, text: JSON.stringify(body) });
  });
  setClockOffsetMs(nowMs - Date.now());
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
  const memberId = world.members.get(world.tellers.get(event.id) ?? '');
  if (memberId === undefined || (kind !== 'review' && kind !== 'custom')) return;
  const told = await patiently(() =>
    recordMemberEvent({
      shopId: world.shop.shopId,
      memberId,
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

/** Any of them, also as whoever they were before. */
async function reserve({ world, random, steps, open, spent }: Play): Promise<void> {
  const memberId = random.pick([...world.members.values()]);
  const reserved = await patiently(() =>
    reserveReward({
      shopId: world.shop.shopId,
      memberId,
      rewardId: simulatedReward.id,
      channel: 'pos',
      locationId: null,
      cart: null,
      idempotencyKey: `spend-${steps}`,
      holdMinutes: 10,
      actor: 'staff:simulation',
      staff: null,
      claim: { locationId: null, staffId: null, deviceId: null },
      approvedBy: null,
    }),
  );
  if (reserved?.kind !== 'reserved') return;
  open.push(reserved.reservationId);
  if (random.chance(0.5)) await decide({ world, random, open, spent });
}

/** A sale goes through or not, also long after it was begun. */
async function decide({
  world,
  random,
  open,
  spent,
}: Pick<Play, 'world' | 'random' | 'open' | 'spent'>): Promise<void> {
  const [reservationId] = open.splice(random.between(0, open.length - 1), 1);
  if (reservationId === undefined) return;
  const asked = { shopId: world.shop.shopId, reservationId, actor: 'staff:simulation' };
  if (random.chance(0.3)) return void (await patiently(() => releaseReservation(asked)));
  const outcome = await patiently(() => commitReservation({ ...asked, orderId: null }));
  if (outcome?.kind === 'committed') spent.set(outcome.memberId, (spent.get(outcome.memberId) ?? 0) + 1);
}

/**
 * All that is still under way arrives, in no order, and of every order the last news again, as a comparison with Shopify
 * brings it.
 */
async function comeToRest(play: Play): Promise<void> {
  const { world, underWay, random } = play;
  for (const news of shuffled(underWay.splice(0), random)) {
    await put(play, news);
    if (random.chance(0.3)) await patiently(() => settleOrders({ shopId: world.shop.shopId }));
  }
  for (const { deliveries } of world.told.told.values()) {
    const last = deliveries.at(-1);
    if (last !== undefined) await put(play, last);
  }
  while (world.told.life.events.some(({ id }) => !play.toldEvents.has(id))) await tellEvent(play);
  while (play.open.length > 0) await decide(play);
  await patiently(() => drain(world.shop));
  await patiently(() => expireLots({ shopId: world.shop.shopId }));
}
