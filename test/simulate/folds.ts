/** Several members, some of whom Shopify makes one: each has sales and occasions of their own, told as whoever they were. */
import type { OrderNews } from '#app/domain/orders/order.ts';
import { accountSums } from '#test/simulate/account-sums.ts';
import { type Cast, joinings, joiningId, type Merge, type Owners, shuffled, whoIs } from '#test/simulate/cast.ts';
import type { ToldLife } from '#test/support/histories/lives.ts';
import type { Told } from '#test/support/histories/tell-order.ts';
import type { Random } from '#test/support/random.ts';
import { dayMs, hourMs } from '#test/support/oracle/wall-clock.ts';

/** Whoever is left, two who may become them, and somebody who is never made one with anybody. */
const people = ['7', '9', '6', '8'] as const;
const outsider = '8';
const buyers = ['7', '7', '9', '9', '6', '6', '8'] as const;

/** Who is merged into whom, the earlier first. */
const shapes = [
  [['9', '7']],
  [['6', '9'], ['9', '7']],
  [['6', '7'], ['9', '7']],
] as const; // prettier-ignore

const triesMax = 40;

/** Of these lives and who might have lived them, one in which it matters when they became one, where there is such a one. */
export function castFolds(lives: readonly ToldLife[], random: Random): Cast {
  const isAny = random.chance(0.2);
  for (let tried = 1; ; tried += 1) {
    const { cast, doesMatter } = castFold(random.pick(lives), random);
    if (isAny || tried === triesMax || doesMatter()) return cast;
  }
}

type Chosen = {
  cast: Cast;
  /** Whether anything would be otherwise had they stayed apart, and had they been one from the beginning. */
  doesMatter: () => boolean;
};

function castFold(life: ToldLife, random: Random): Chosen {
  const merges = chooseMerges(life, random);
  const accounts = new Map<string, string>();
  const owners: Owners = new Map();
  const heardWhole = new Set<string>();
  const renamed = new Map(
    [...life.told].map(([orderId, order]) => {
      const deliveries = nameOrder(order, merges, random);
      const names = namesIn(deliveries);
      const owner = names.at(-1) ?? null;
      const last = owner === null ? null : whoIs(owner, merges);
      owners.set(orderId, last);
      if (new Set(names).size > 1) heardWhole.add(orderId);
      // Whoever of them was named first made it.
      const buyer = names.find((name) => name !== null && whoIs(name, merges) === last) ?? null;
      const soldAt = life.life.orders.find(({ id }) => id === orderId)?.soldAt;
      if (buyer !== null) accounts.set(`order ${orderId}`, whoIs(buyer, merges, soldAt));
      return [orderId, { ...order, deliveries }];
    }),
  );
  const events = [...joinings(life, people), ...life.life.events];
  const tellers = new Map([
    ...life.life.events.map(({ id }) => [id, random.pick(buyers)] as const),
    ...people.map((customer) => [joiningId(customer), customer] as const),
  ]);
  for (const { id, at } of events) accounts.set(`event ${id}`, whoIs(tellers.get(id) ?? '', merges, at));
  const orders = life.life.orders.filter(({ id }) => accounts.has(`order ${id}`));
  const sums = accountSums({ orders, events }, accounts, merges);
  const joins = new Map(shuffled(people, random).map((customer) => [customer, customer]));
  const doesMatter = () =>
    [accounts, new Map([...accounts].map(([id, account]) => [id, whoIs(account, merges)]))].every(
      (others) => JSON.stringify(accountSums({ orders, events }, others, [])) !== JSON.stringify(sums),
    );
  return { cast: { told: { ...life, told: renamed }, owners, merges, joins, tellers, sums, heardWhole }, doesMatter };
}

/** At the very moment of a sale or occasion, or a while before or after one. */
function chooseMerges({ life }: ToldLife, random: Random): Merge[] {
  const moments = [...life.orders.map(({ soldAt }) => soldAt), ...life.events.map(({ at }) => at)];
  const shape = random.pick(shapes);
  const apart = [0, 0, 1_000, hourMs, -hourMs, dayMs];
  const times = shape.map(() => random.pick(moments) + random.pick(apart)).toSorted((one, two) => one - two);
  return shape.map(([gone, kept], index) => ({ gone, kept, at: (times[index] ?? 0) + index * 1_000 }));
}

/**
 * Names in the news of an order whose customer is who bought. Shopify writes orders down to whom that one was merged into:
 * never, a while after, or from the moment of the merge on. Seldom staff gives an order to somebody, or from them, or it
 * names nobody for a while.
 */
function nameOrder({ deliveries }: Told, merges: readonly Merge[], random: Random): OrderNews[] {
  const times = [...new Set(deliveries.flatMap(({ snapshot }) => snapshot?.updatedAt ?? []))].toSorted();
  const anyTime = () => times[random.between(0, times.length - 1)] ?? '';
  const first = random.pick(buyers);
  const second = random.chance(0.15) ? (first === outsider ? random.pick(people) : outsider) : first;
  const given = anyTime();
  const follows = random.pick(['never', 'later', 'later', 'at once'] as const);
  // The newest names somebody.
  const nameless = random.chance(0.1) ? times.slice(0, -1).at(random.between(0, times.length)) : undefined;
  const nameIn = (updatedAt: string) => {
    if (updatedAt === nameless) return null;
    const customer = updatedAt < given ? first : second;
    return follows === 'at once' ? whoIs(customer, merges, Date.parse(updatedAt)) : customer;
  };
  const named = deliveries.map((news) =>
    news.snapshot === null ? news : retold(news, nameIn(news.snapshot.updatedAt), news.snapshot.updatedAt),
  );
  if (follows === 'never') return named;
  for (const { gone, kept, at } of merges) {
    const last = named.at(-1);
    if (last?.snapshot == null || last.snapshot.customerId !== gone || random.chance(0.2)) continue;
    const updatedMs = Math.max(Date.parse(last.snapshot.updatedAt), at) + 1_000 * random.between(1, 90);
    named.push(retold(last, kept, new Date(updatedMs).toISOString()));
  }
  return named;
}

function retold(news: OrderNews, customerId: string | null, updatedAt: string): OrderNews {
  const { snapshot, tenders, received } = news;
  return {
    ...news,
    snapshot: snapshot === null ? null : { ...snapshot, customerId, updatedAt },
    ...(tenders !== undefined && { tenders: { ...tenders, asOf: updatedAt } }),
    ...(received !== undefined && { received: { ...received, asOf: updatedAt } }),
  };
}

/** In the order of their times. */
function namesIn(deliveries: OrderNews[]): (string | null)[] {
  return deliveries
    .flatMap(({ snapshot }) => snapshot ?? [])
    .toSorted((one, two) => (one.updatedAt < two.updatedAt ? -1 : Number(one.updatedAt > two.updatedAt)))
    .map(({ customerId }) => customerId);
}
