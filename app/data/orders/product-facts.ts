/**
 * What products were when Shopify was last asked. Messages that a product or a collection changed make the answers stale;
 * an answer that was on its way meanwhile is not kept. Times are the database's own, so that they can be compared.
 */
import type { Tx } from '#app/data/tenancy.ts';
import type { ProductFacts } from '#app/domain/earning/facts.ts';

/** Those of these products whose facts are known, by product id. */
export async function readProductFacts(tx: Tx, productIds: string[]): Promise<Map<string, ProductFacts>> {
  if (productIds.length === 0) return new Map();
  const rows = await tx.query<{ product_id: string; facts: ProductFacts }>(
    `select product_id, facts from product_facts
     where shop_id = $1 and product_id = any($2) and facts is not null and asked_at > coalesce(
       (select collections_changed_at from shop where id = $1), '-infinity')`,
    [tx.shopId, productIds],
  );
  return new Map(rows.map((row) => [row.product_id, row.facts]));
}

/** The database's clock as ISO 8601 UTC, to be read before Shopify is asked. */
export async function readAskingTime(tx: Tx): Promise<string> {
  const [row] = await tx.query<{ at: string }>(
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    [],
  );
  return row?.at ?? '';
}

/** Keeps answers that were asked for at `askedAt`, except where the product changed since. Safe to repeat. */
export async function writeProductFacts(
  tx: Tx,
  facts: ReadonlyMap<string, ProductFacts>,
  askedAt: string,
): Promise<void> {
  if (facts.size === 0) return;
  const rows = [...facts].toSorted(([one], [two]) => (one < two ? -1 : 1));
  await tx.query(
    `insert into product_facts (shop_id, product_id, facts, asked_at)
     select $1, *, $4::timestamptz from unnest($2::text[], $3::jsonb[])
     on conflict (shop_id, product_id) do update set facts = excluded.facts, asked_at = excluded.asked_at
       where product_facts.changed_at is null or product_facts.changed_at < excluded.asked_at`,
    [tx.shopId, rows.map(([productId]) => productId), rows.map(([, known]) => JSON.stringify(known)), askedAt],
  );
}

/** Which of the shop's rules look at products beyond their ids: without any, nothing has to be remembered. */
const needsProducts = `exists (select from rule_version where shop_id = $1
  and document::text ~ '"(collectionIds|excludedCollectionIds|productTags|excludedProductTags|productTypes|excludedProductTypes)"')`;

/** A product changed: what is known of it counts no more. Safe to repeat. */
export async function forgetProductFacts(tx: Tx, productId: string): Promise<void> {
  await tx.query(
    `insert into product_facts (shop_id, product_id, changed_at) select $1, $2, clock_timestamp() where ${needsProducts}
     on conflict (shop_id, product_id) do update set facts = null, changed_at = excluded.changed_at`,
    [tx.shopId, productId],
  );
}

/** A collection changed, and any product may have come or gone: what was asked before counts no more. Safe to repeat. */
export async function forgetCollections(tx: Tx): Promise<void> {
  await tx.query(`update shop set collections_changed_at = clock_timestamp() where id = $1 and ${needsProducts}`, [
    tx.shopId,
  ]);
}
