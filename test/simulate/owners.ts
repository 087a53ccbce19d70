/** One member, whose orders the shop puts down to anybody, and whom Shopify makes one with a customer who never joined. */
import type { OrderNews } from '#app/domain/orders/order.ts';
import { type Cast, joiningId, joinings, type Owners } from '#test/simulate/cast.ts';
import type { ToldLife } from '#test/support/histories/lives.ts';
import { oracleSums, type Sums } from '#test/support/histories/sums.ts';
import type { Random } from '#test/support/random.ts';

/** The customer the life is told of, whom Shopify makes one with them in between, and another who is a member too. */
const customers = { own: '7', gone: '9', other: '8' } as const;

const members = [customers.own, customers.other] as const;
const everybody = [customers.own, customers.gone, customers.other, null] as const;
const themselves = [customers.own, customers.own, customers.gone] as const;

/** The member joins as either of the two who become one. */
export function castOne(life: ToldLife, random: Random): Cast {
  const { told, owners } = nameOwners(life, random);
  const isKnownAsGone = random.chance(0.5);
  const first = Math.min(...life.life.orders.map(({ soldAt }) => soldAt));
  return {
    told,
    owners,
    merges: [{ gone: customers.gone, kept: customers.own, at: first }],
    joins: new Map([
      [customers.own, isKnownAsGone ? customers.gone : customers.own],
      [customers.other, customers.other],
    ]),
    tellers: new Map([
      ...life.life.events.map(({ id }) => [id, customers.own] as const),
      ...members.map((customer) => [joiningId(customer), customer] as const),
    ]),
    sums: sumsOf(told, owners),
    heardWhole: new Set(),
  };
}

/** Lets the shop put down orders to somebody else first, or later, or take the name off; most stay whose they are. */
function nameOwners(told: ToldLife, random: Random): { told: ToldLife; owners: Owners } {
  const owners: Owners = new Map();
  const renamed = new Map(
    [...told.told].map(([orderId, order]) => {
      const times = [...new Set(order.deliveries.flatMap(({ snapshot }) => snapshot?.updatedAt ?? []))].toSorted();
      const isMoved = random.chance(0.5);
      const [first, last] = isMoved
        ? [random.pick(everybody), random.pick(everybody)]
        : repeated(random.pick(themselves));
      const from = times[random.between(0, times.length - 1)] ?? '';
      owners.set(orderId, last === customers.gone ? customers.own : last);
      const nameIn = (updatedAt: string) => (updatedAt < from ? first : last);
      const deliveries = order.deliveries.map(({ snapshot, ...news }): OrderNews => ({
        ...news,
        snapshot: snapshot === null ? null : { ...snapshot, customerId: nameIn(snapshot.updatedAt) },
      }));
      return [orderId, { ...order, deliveries }];
    }),
  );
  return { told: { ...told, told: renamed }, owners };
}

const repeated = <Value>(value: Value): [Value, Value] => [value, value];

/** What each order should have earned whom it is of in the end, and each occasion its member. */
function sumsOf(told: ToldLife, owners: Owners): Sums {
  const lifeOf = (customer: string) => {
    const orders = told.life.orders.filter(({ id }) => owners.get(id) === customer);
    const events = customer === customers.own ? told.life.events : [];
    return { ...told, life: { orders, events: [...joinings(told, [customer]), ...events] } };
  };
  return { ...oracleSums(lifeOf(customers.own)), ...oracleSums(lifeOf(customers.other)) };
}
