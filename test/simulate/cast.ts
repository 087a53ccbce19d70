/** Who takes part in a life: customers, those of them whom Shopify makes one, and as whom they become members. */
import { plainFacts } from '#app/domain/earning/facts.ts';
import type { ToldLife } from '#test/support/histories/lives.ts';
import type { Sums } from '#test/support/histories/sums.ts';
import { never, witnessOf } from '#test/support/oracle/earning.ts';
import type { LifeEvent } from '#test/support/oracle/life.ts';
import { dayMs } from '#test/support/oracle/wall-clock.ts';
import type { Random } from '#test/support/random.ts';

/** From an instant on, the one customer is the other. */
export type Merge = { gone: string; kept: string; at: number };

/** By order id, whose it is by the newest news of it, once everything is told. */
export type Owners = Map<string, string | null>;

export type Cast = {
  told: ToldLife;
  owners: Owners;
  merges: Merge[];
  /** By the customer they turn out to have been, as whom they join; the first to join first. */
  joins: Map<string, string>;
  /** By event id, as whose it is told; also of joining, which the product tells itself. */
  tellers: Map<string, string>;
  /** What each order and occasion should have earned whose it is in the end. */
  sums: Sums;
  /** Orders of which no news may be lost: only all of it together tells who made the sale. */
  heardWhole: ReadonlySet<string>;
};

/** Who a customer is by an instant, or in the end. */
export function whoIs(customer: string, merges: readonly Merge[], at = never): string {
  const merge = merges.find(({ gone, at: mergedAt }) => gone === customer && mergedAt <= at);
  return merge === undefined ? customer : whoIs(merge.kept, merges, at);
}

/** All join before anything else happens. */
export function joiningMs({ life }: ToldLife): number {
  const [first] = witnessOf(life).occasions;
  if (first === undefined) throw new Error('nothing ever happens in this life');
  return first.at - 10 * dayMs;
}

/** That each of these customers joined, as something that may earn. */
export function joinings(told: ToldLife, customers: readonly string[]): LifeEvent[] {
  const [document] = told.versions;
  const common = { at: joiningMs(told), kind: 'sign-up', name: null, isRevoked: false } as const;
  const facts = plainFacts(told.timeZone);
  return customers.map((customer) => ({ ...common, id: joiningId(customer), document, facts }));
}

export const joiningId = (customer: string) => `joined-${customer}`;

export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .toSorted((one, two) => one.place - two.place)
    .map(({ item }) => item);
}
