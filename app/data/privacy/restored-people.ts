/** Finding people whom a restored backup brought back. */
import { findTombstones, tombstoneOf } from '#app/data/privacy/tombstones.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';

const customersPerPage = 1_000;

/** Which customers whom the shop's orders and merges name have a tombstone. */
export async function findErasedCustomersOfOrders(tx: Tx): Promise<string[]> {
  const keys = await findShopKeys(tx);
  if (keys === null) return [];
  const erased: string[] = [];
  let after = '';
  for (;;) {
    const rows = await tx.query<{ customer_id: string }>(
      `select customer_id from order_state where shop_id = $1 and customer_id > $2 union
       select customer_id from former_customer where shop_id = $1 and customer_id > $2 union
       select gone_id from merged_customer where shop_id = $1 and gone_id > $2 union
       select kept_id from merged_customer where shop_id = $1 and kept_id > $2 order by 1 limit $3`,
      [tx.shopId, after, customersPerPage],
    );
    const prints = new Map(
      rows.map(({ customer_id: id }) => [id, tombstoneOf(keys, `customer/${id}`)] satisfies [string, Buffer]),
    );
    const found = await findTombstones(tx, [...prints.values()]);
    for (const [id, print] of prints) if (found.has(print.toString('hex'))) erased.push(id);
    const last = rows.at(-1)?.customer_id;
    if (last === undefined || rows.length < customersPerPage) return erased;
    after = last;
  }
}
