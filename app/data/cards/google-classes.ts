/** Which classes Google has, as of what content: a class is sent when it is new or would look different. */
import type { Tx } from '#app/data/tenancy.ts';
import { withShop } from '#app/data/tenancy.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type GoogleClassKey = { programId: ProgramId; designNumber: number; issuerId: string };

/** The fingerprint of the content that the issuer's class of this design was last sent with; null when Google has none. */
export async function readClassHash(tx: Tx, key: GoogleClassKey): Promise<Buffer | null> {
  const [row] = await tx.query<{ content_hash: Buffer }>(
    `select content_hash from google_class
     where shop_id = $1 and program_id = $2 and design_number = $3 and issuer_id = $4`,
    [tx.shopId, key.programId, key.designNumber, key.issuerId],
  );
  return row?.content_hash ?? null;
}

/**
 * Sees to it that Google has the class with this content: calls `send` unless it was sent before. Safe to repeat. Throws
 * what `send` throws.
 */
export async function bringClass(
  shopId: ShopId,
  key: GoogleClassKey,
  wanted: { content: object; at: Date; send: () => Promise<void> },
): Promise<void> {
  const contentHash = fingerprint(wanted.content);
  const held = await withShop(shopId, (tx) => readClassHash(tx, key));
  if (held?.equals(contentHash) === true) return;
  await wanted.send();
  await withShop(shopId, (tx) =>
    tx.query(
      `insert into google_class (shop_id, program_id, design_number, issuer_id, content_hash, synced_at)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (shop_id, program_id, design_number, issuer_id)
         do update set content_hash = excluded.content_hash, synced_at = excluded.synced_at`,
      [tx.shopId, key.programId, key.designNumber, key.issuerId, contentHash, wanted.at],
    ),
  );
}
