/** Shopify makes two customers one: what it says of that, and everything in whatever order it may be said. */
import { deliver, drain, makeDocument, type TestShop } from '#test/support/factories.ts';

let newest = 9_960_000_000;
/** A customer id nobody had yet. */
export const newCustomer = () => String((newest += 1));

/** Nine in the morning of a day of March. */
export const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T09:00:00Z`;

/** Tells that the one was merged into the other, and applies it. */
export async function merge(shop: TestShop, gone: string, kept: string): Promise<void> {
  await deliver(shop, 'customers/merge', mergeBody(gone, kept));
  await drain(shop);
}

type Story = { told: (() => Promise<unknown>)[]; end: () => Promise<unknown> };

/** What the story comes to in every order in which its parts can be told, each once. */
export async function inEveryOrder(begin: () => Promise<Story>): Promise<string[]> {
  const count = (await begin()).told.length;
  const finals = new Set<string>();
  for (const order of permutations([...Array.from({ length: count }).keys()])) {
    const { told, end } = await begin();
    for (const index of order) await told[index]?.();
    finals.add(JSON.stringify(await end()));
  }
  return [...finals];
}

/** A program whose rules look back: somebody's first order counts twice. */
export function withFirstOrderBonus(): ReturnType<typeof makeDocument> {
  const document = makeDocument();
  const [rule] = document.earnRules;
  if (rule === undefined) throw new Error('the sample program has no rule');
  const first = { ...rule, id: 'first', conditions: { ...rule.conditions, firstOrder: true as const } };
  return { ...document, earnRules: [rule, first] };
}

/** The body of `customers/merge`: the one customer is gone, the other is kept. */
export function mergeBody(gone: string, kept: string): Record<string, unknown> {
  return {
    admin_graphql_api_customer_kept_id: `gid://shopify/Customer/${kept}`,
    admin_graphql_api_customer_deleted_id: `gid://shopify/Customer/${gone}`,
    admin_graphql_api_job_id: null,
    status: 'completed',
    errors: [],
  };
}

/** Every order in which these can come. */
export function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
