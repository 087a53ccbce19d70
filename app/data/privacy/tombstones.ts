/**
 * Tombstones: keyed fingerprints of who was erased. They keep late news from bringing anybody back, and, kept outside of
 * every backup, they erase again whom an old backup brought back. Nothing can be read from them.
 */
import type { Tx } from '#app/data/tenancy.ts';
import { type ShopKeys, tombstoneIndex } from '#app/lib/sealed-box.ts';

/** A keyed fingerprint of an erased customer or member, from which nothing can be read. */
export function tombstoneOf(keys: ShopKeys, what: `customer/${string}` | `member/${string}`): Buffer {
  return tombstoneIndex(keys, what);
}

/** Remembers that these were erased. Safe to repeat. */
export async function addTombstones(tx: Tx, fingerprints: Buffer[], at: Date): Promise<void> {
  await tx.query(
    `insert into tombstone (shop_id, fingerprint, erased_at) select $1, unnest($2::bytea[]), $3 on conflict do nothing`,
    [tx.shopId, fingerprints, at],
  );
}

/** Whether the shop, or anybody of it, was ever erased: where nobody was, nobody has to be looked up. */
export async function readErasures(tx: Tx): Promise<{ isShopErased: boolean; isAnybodyErased: boolean }> {
  const [row] = await tx.query<{ shop: boolean; anybody: boolean }>(
    `select state = 'redacted' as shop, exists (select from tombstone where shop_id = $1) as anybody from shop where id = $1`,
    [tx.shopId],
  );
  return { isShopErased: row?.shop ?? true, isAnybodyErased: row?.anybody ?? true };
}

/** Which of these fingerprints were erased, in hexadecimal, with when that was. */
export async function findTombstones(tx: Tx, fingerprints: Buffer[]): Promise<Map<string, Date>> {
  const rows = await tx.query<{ fingerprint: Buffer; erased_at: Date }>(
    'select fingerprint, erased_at from tombstone where shop_id = $1 and fingerprint = any($2)',
    [tx.shopId, fingerprints],
  );
  return new Map(rows.map((row) => [row.fingerprint.toString('hex'), row.erased_at]));
}
