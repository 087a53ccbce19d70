/** Pictures that shops uploaded, by the hash of their content. A row's content never changes. */
import type { Tx } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';

export type ShopImage = { hash: string; content: Buffer; width: number; height: number };

/** Keeps a picture; the same one again only counts as uploaded anew. Answers whether it is new. Safe to repeat. */
export async function insertShopImage(tx: Tx, image: ShopImage, at: Date): Promise<boolean> {
  const [row] = await tx.query<{ is_new: boolean }>(
    `insert into shop_image (shop_id, hash, content, width, height, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (shop_id, hash) do update set created_at = excluded.created_at
     returning xmax = 0 as is_new`,
    [tx.shopId, image.hash, image.content, image.width, image.height, at],
  );
  return row?.is_new ?? false;
}

/** How many pictures the shop uploaded since then. */
export async function countShopImages(tx: Tx, since: Date): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    'select count(*)::integer as count from shop_image where shop_id = $1 and created_at > $2',
    [tx.shopId, since],
  );
  return row?.count ?? 0;
}

/** Whether the shop itself uploaded this picture. */
export async function hasShopImage(tx: Tx, hash: string): Promise<boolean> {
  const rows = await tx.query('select 1 as one from shop_image where shop_id = $1 and hash = $2', [tx.shopId, hash]);
  return rows.length > 0;
}

/** The PNG of one picture of the shop, or null. */
export async function readShopImage(tx: Tx, hash: string): Promise<Buffer | null> {
  const [row] = await tx.query<{ content: Buffer }>('select content from shop_image where shop_id = $1 and hash = $2', [
    tx.shopId,
    hash,
  ]);
  return row?.content ?? null;
}

/** The logo a design names, as a PNG; null when it names none, or one that is not there any more. */
export async function readLogo(tx: Tx, { logoImage }: CardDesign): Promise<Buffer | null> {
  return logoImage === null ? null : readShopImage(tx, logoImage);
}

/** Removes pictures that no design ever named. Answers how many, at most `limit`. */
export async function purgeShopImages(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from shop_image where shop_id = $1 and hash in (
       select i.hash from shop_image i where i.shop_id = $1 and i.created_at < $2 and not exists (
         select from card_design d where d.shop_id = $1 and d.design->>'logoImage' = i.hash) limit $3)
     returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
