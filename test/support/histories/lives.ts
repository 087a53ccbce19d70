/** Random lives of one member under a program that changes: sales, occasions, and what is told of them. */
import * as fc from 'fast-check';

import type { HistoryEvent, HistoryOrder, MemberHistory } from '#app/domain/earning/history.ts';
import type { OrderFacts, ProductFacts } from '#app/domain/earning/facts.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { liveOrder, type OrderSeed, orderSeed } from '#test/support/histories/order-lives.ts';
import { type Versions, versionsArbitrary } from '#test/support/histories/programs.ts';
import { tellOrder, type Told } from '#test/support/histories/tell-order.ts';
import type { Life, LifeEvent, LifeOrder } from '#test/support/oracle/life.ts';
import { dayMs, hourMs } from '#test/support/oracle/wall-clock.ts';

/** A life, and all that is told about it. */
export type ToldLife = {
  timeZone: string;
  versions: Versions;
  life: Life;
  /** By order id. */
  told: Map<string, Told>;
};

export const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Africa/Cairo',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Pacific/Apia',
] as const;

/** Close to ends of months and years, to a leap day, and to nights in which clocks are changed in each of the zones. */
export const beginnings = [
  '2026-01-31T23:30:00Z',
  '2026-03-28T23:50:00Z',
  '2026-03-29T00:29:00Z',
  '2025-12-31T20:10:00Z',
  '2026-10-24T23:05:00Z',
  '2026-06-15T09:00:00Z',
  '2028-02-28T23:40:00Z',
  // New York forwards and back, Lord Howe by half an hour, Cairo and Santiago at midnight, the day that Apia left out.
  '2026-03-08T06:45:00Z',
  '2026-11-01T05:20:00Z',
  '2026-10-03T15:10:00Z',
  '2026-04-04T14:40:00Z',
  '2026-04-23T21:50:00Z',
  '2026-09-06T03:50:00Z',
  '2011-12-30T09:40:00Z',
].map((text) => Date.parse(text));

/** From one thing to the next: at once, exactly a cool-down later, over a midnight, into another month or year. */
const gapMs = fc.oneof(
  fc.constantFrom(0, 60_000, hourMs, 5 * hourMs, dayMs, 3 * dayMs, 30 * dayMs),
  fc.integer({ min: 1, max: 3_000 }).map((minutes) => minutes * 60_000),
  fc.integer({ min: 5, max: 400 }).map((days) => days * dayMs + 123_000),
);

const productFacts: fc.Arbitrary<ProductFacts> = fc.record({
  collectionIds: fc.subarray(['501', '502', '503']),
  tags: fc.subarray(['summer', 'New', 'Sale']),
  productType: fc.constantFrom(null, 'Beans', 'beans', 'Cups'),
});

const factsSeed = fc.record({
  products: fc.array(productFacts, { minLength: 3, maxLength: 3 }),
  memberTags: fc.subarray(['vip', 'Staff']),
  segmentIds: fc.subarray(['81', '82']),
});
type FactsSeed = typeof factsSeed extends fc.Arbitrary<infer Seed> ? Seed : never;

/** A product of which nothing is known is among them: 14. */
function factsOf(seed: FactsSeed, timeZone: string): OrderFacts {
  const [first, second, third] = seed.products;
  return {
    timeZone,
    products: { ...(first && { '11': first }), ...(second && { '12': second }), ...(third && { '13': third }) },
    memberTags: seed.memberTags,
    segmentIds: seed.segmentIds,
    marketId: null,
  };
}

const eventSeed = fc.record({
  kind: fc.constantFrom('sign-up' as const, 'birthday' as const, 'review' as const, 'custom' as const),
  name: fc.constantFrom('car-wash', 'other'),
  isRevoked: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  facts: factsSeed,
});

const happeningSeed = fc.record({
  gapMs,
  idShift: fc.nat(8),
  what: fc.oneof(
    { weight: 4, arbitrary: fc.record({ order: orderSeed, facts: factsSeed }) },
    { weight: 1, arbitrary: fc.record({ event: eventSeed }) },
  ),
});

/** Any life, under any program unless one is asked for. */
export function lifeArbitrary(versionsOf: fc.Arbitrary<Versions> = versionsArbitrary): fc.Arbitrary<ToldLife> {
  return fc
    .record({
      versions: versionsOf,
      timeZone: fc.constantFrom(...zones),
      begins: fc.constantFrom(...beginnings),
      shopCurrency: fc.constantFrom('EUR', 'EUR', 'EUR', 'JPY', 'KWD'),
      happenings: fc.array(happeningSeed, { minLength: 1, maxLength: 7, size: 'medium' }),
      /** How many things happen under each version but the last. */
      changes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 2 }),
    })
    .map(({ versions, timeZone, begins, shopCurrency, happenings, changes }) => {
      const orders: LifeOrder[] = [];
      const events: LifeEvent[] = [];
      const told = new Map<string, Told>();
      let at = begins;
      for (const [index, { what, gapMs: gap, idShift }] of happenings.entries()) {
        at += gap;
        const document = versionAt(versions, changes, index);
        // Ids do not follow times: an offline sale is told late, an imported one has any number.
        const id = String(1_000 + idShift * 100 + index);
        if ('event' in what) {
          const { kind, name, isRevoked } = what.event;
          const facts = factsOf(what.event.facts, timeZone);
          // An occasion has a moment of its own, as nothing says whether it or a sale of that moment came first.
          at += 1_000;
          events.push({ id, at, kind, name: kind === 'custom' ? name : null, isRevoked, document, facts });
          at += 1_000;
        } else {
          const order = toldOrder(what.order, {
            id,
            soldAt: at,
            document,
            facts: factsOf(what.facts, timeZone),
            shopCurrency,
          });
          orders.push(order.life);
          told.set(id, order.told);
        }
      }
      return readable({ timeZone, versions, life: { orders, events }, told });
    });
}

/** A life that a failure prints as what happened, without what was told of it. */
function readable(told: ToldLife): ToldLife {
  const text = () => {
    const line = (value: object) => `\n  ${JSON.stringify(value)}`;
    const versions = told.versions.map(({ earnRules, campaigns, tiers, settings }) =>
      line({ earnRules, campaigns, tiers, settings }),
    );
    const happened = [...told.life.orders, ...told.life.events].map(({ document, ...rest }) =>
      line({ version: told.versions.indexOf(document), ...rest }),
    );
    return `in ${told.timeZone}${versions.join('')}${happened.join('')}\n`;
  };
  return Object.assign(told, { [fc.toStringMethod]: text });
}

function readableArrival(deliveries: OrderNews[]): OrderNews[] {
  const text = () =>
    deliveries
      .map(({ orderId, snapshot, refunds }) => `${orderId} ${snapshot?.financialStatus ?? 'refund'} ${refunds.length}`)
      .join(', ');
  return Object.assign(deliveries, { [fc.toStringMethod]: text });
}

function toldOrder(told: OrderSeed, sale: Parameters<typeof liveOrder>[1]): { life: LifeOrder; told: Told } {
  // Nobody calls an order refunded of which money is still awaited.
  const seed: OrderSeed = told.edit === 'up-unpaid' && told.ending === 'refunded' ? { ...told, edit: 'up-paid' } : told;
  const life = liveOrder(seed, sale);
  return { life, told: tellOrder(life, seed) };
}

function versionAt(versions: Versions, changes: number[], index: number): ProgramDocument {
  let version = 0;
  let left = index;
  while (version < versions.length - 1 && left >= (changes[version] ?? 1)) {
    left -= changes[version] ?? 1;
    version += 1;
  }
  return versions[version] ?? versions[0];
}

/** The history the engine reads once these deliveries were taken in, in this order. */
export function historyOf({ life, told }: ToldLife, arrived?: readonly OrderNews[]): MemberHistory {
  const states = new Map(life.orders.map(({ id }) => [id, emptyOrder(id)]));
  for (const news of arrived ?? [...told.values()].flatMap(({ deliveries }) => deliveries)) {
    const state = states.get(news.orderId);
    if (state !== undefined) states.set(news.orderId, mergeNews(state, news));
  }
  return {
    orders: life.orders.flatMap(({ id, document, facts }): HistoryOrder[] => {
      const state = states.get(id);
      return state === undefined || state.latest === null ? [] : [{ state, document, facts }];
    }),
    events: life.events.map(historyEventOf),
  };
}

function historyEventOf(event: LifeEvent): HistoryEvent {
  const { id, kind, name, at, isRevoked, document, facts } = event;
  return { event: { eventId: id, kind, name, occurredAt: new Date(at), isRevoked }, document, facts };
}

/** All deliveries of a life in an order of arrival as cruel as can be: shuffled, and some of them again. */
export function arrivalArbitrary(told: ReadonlyMap<string, Told>): fc.Arbitrary<OrderNews[]> {
  const all = [...told.values()].flatMap(({ deliveries }) => deliveries);
  return shuffledWithRepeats(all).map(readableArrival);
}

/** Deliveries of which some are lost, and afterwards of each order the whole as it then is, as a reconciliation asks for it. */
export function lossyArrivalArbitrary(told: ReadonlyMap<string, Told>): fc.Arbitrary<OrderNews[]> {
  const parts = [...told.values()].map(({ deliveries, lastTellsAll }) =>
    lastTellsAll
      ? fc.subarray(deliveries).map((heard) => ({ heard, repairs: deliveries.slice(-1) }))
      : fc.constant({ heard: deliveries, repairs: deliveries.slice(-1) }),
  );
  return fc
    .tuple(...parts)
    .chain((orders) =>
      fc
        .tuple(
          shuffledWithRepeats(orders.flatMap(({ heard }) => heard)),
          shuffledWithRepeats(orders.flatMap(({ repairs }) => repairs)),
        )
        .map(([heard, repairs]) => readableArrival([...heard, ...repairs])),
    );
}

function shuffledWithRepeats(all: OrderNews[]): fc.Arbitrary<OrderNews[]> {
  if (all.length === 0) return fc.constant([]);
  return fc
    .array(fc.constantFrom(...all), { maxLength: 5 })
    .chain((again) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }));
}
