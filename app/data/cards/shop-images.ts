/** Pictures that shops uploaded, by the hash of their content. A row's content never changes. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { InvalidInput, RateLimited } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type ShopImage = { hash: string; content: Buffer; width: number; height: number };

/** Keeps a picture; the same one again only counts as uploaded anew. Answers whether it is new. Safe to repeat. */
async function insertShopImage(tx: Tx, image: ShopImage, at: Date): Promise<boolean> {
  const [row] = await tx.query<{ is_new: boolean }>(
    `insert into shop_image (shop_id, hash, content, width, height, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (shop_id, hash) do update set created_at = excluded.created_at
     returning xmax = 0 as is_new`,
    [tx.shopId, image.hash, image.content, image.width, image.height, at],
  );
  return row?.is_new ?? false;
}

/** How many pictures the shop uploaded since then. */
async function countShopImages(tx: Tx, since: Date): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    'select count(*)::integer as count from shop_image where shop_id = $1 and created_at > $2',
    [tx.shopId, since],
  );
  return row?.count ?? 0;
}

const imageNames = { logoImage: 'logo', stripImage: 'strip' } as const;

/**
 * Throws `InvalidInput` with code `logo-not-found` or `strip-not-found` unless the shop itself uploaded what a design names:
 * the hash of another shop's picture is public, using it is not.
 */
export async function demandShopImages(tx: Tx, design: Pick<CardDesign, keyof typeof imageNames>): Promise<void> {
  for (const field of ['logoImage', 'stripImage'] as const) {
    const hash = design[field];
    if (hash === null || (await hasShopImage(tx, hash))) continue;
    const name = imageNames[field];
    const publicMessage = `The ${name === 'logo' ? 'logo' : 'picture'} is not there any more. Please upload it again.`;
    throw new InvalidInput(`${name}-not-found`, 'The design names a picture the shop did not upload', {
      publicMessage,
      issues: [{ path: field, message: publicMessage }],
    });
  }
}

async function hasShopImage(tx: Tx, hash: string): Promise<boolean> {
  const rows = await tx.query('select 1 as one from shop_image where shop_id = $1 and hash = $2', [tx.shopId, hash]);
  return rows.length > 0;
}

const dayMs = 24 * 3_600_000;
const hourMs = 3_600_000;
const uploadsPerDayMax = 50;

/**
 * Keeps an uploaded picture and notes who brought it. Safe to repeat: the same picture is kept and noted once. Throws
 * `RateLimited` after 50 different ones in a day.
 */
export async function keepUpload(
  tx: Tx,
  image: ShopImage,
  upload: { action: 'logo.upload' | 'strip.upload'; actor: string; at: Date },
): Promise<void> {
  const { action, actor, at } = upload;
  const isNew = await insertShopImage(tx, image, at);
  if ((await countShopImages(tx, new Date(at.getTime() - dayMs))) > uploadsPerDayMax)
    throw new RateLimited('too-many-logos', 'The shop uploaded too many pictures today', {
      publicMessage: `More than ${uploadsPerDayMax} pictures were uploaded today. Please go on tomorrow.`,
      retryAfterMs: hourMs,
    });
  if (!isNew) return;
  const afterHash = Buffer.from(image.hash, 'hex');
  const object = `image:${image.hash}`;
  await appendAudit(tx, { actor, action, object, beforeHash: null, afterHash, reason: null, occurredAt: at });
}

/** The PNG of one picture of the shop, or null. */
export async function readShopImage(tx: Tx, hash: string): Promise<Buffer | null> {
  const [row] = await tx.query<{ content: Buffer }>('select content from shop_image where shop_id = $1 and hash = $2', [
    tx.shopId,
    hash,
  ]);
  return row?.content ?? null;
}

/** Reads the shop's pictures when something has to be drawn from them, each in a transaction of its own. */
export function imageReader(shopId: ShopId): (hash: string) => Promise<Buffer | null> {
  return (hash) => withShop(shopId, (tx) => readShopImage(tx, hash));
}

/** Removes pictures that no design and no draft ever named. Answers how many, at most `limit`. */
export async function purgeShopImages(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from shop_image where shop_id = $1 and hash in (
       select i.hash from shop_image i where i.shop_id = $1 and i.created_at < $2 and not exists (
         select from card_design d where d.shop_id = $1 and i.hash in (d.design->>'logoImage', d.design->>'stripImage')
       ) and not exists (
         select from card_draft d where d.shop_id = $1 and i.hash in (d.design->>'logoImage', d.design->>'stripImage')
       ) limit $3)
     returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
