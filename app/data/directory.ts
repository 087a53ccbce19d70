/**
 * From a public name to its shop, before any shop is known. Each function here is one of the database's few
 * definer functions, which return ids and nothing else.
 */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

async function ask<Result extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Result[]> {
  try {
    return (await pool().query<Result>(prepared(text, values))).rows;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** Ids never change, so what was found once is kept; what was not found is asked again. */
const shopsByDomain = new Map<string, ShopId>();
const rememberedShopsMax = 100_000;

/** The shop of a myshopify.com domain, or null. */
export async function findShopByDomain(domain: string): Promise<ShopId | null> {
  const known = shopsByDomain.get(domain);
  if (known !== undefined) return known;
  const [row] = await ask<{ id: ShopId | null }>('select find_shop_by_domain($1) as id', [domain]);
  if (row?.id == null) return null;
  if (shopsByDomain.size >= rememberedShopsMax) shopsByDomain.clear();
  shopsByDomain.set(domain, row.id);
  return row.id;
}

/** The shop and program of a public join page, or null. */
export async function findProgramBySlug(slug: string): Promise<{ shopId: ShopId; programId: ProgramId } | null> {
  const [row] = await ask<{ shop_id: ShopId; program_id: ProgramId }>('select * from find_shop_by_program_slug($1)', [
    slug,
  ]);
  return row === undefined ? null : { shopId: row.shop_id, programId: row.program_id };
}

/** The shop of a program id (Google fetches pictures by it), or null. */
export async function findShopByProgram(programId: string): Promise<ShopId | null> {
  const [row] = await ask<{ id: ShopId | null }>('select find_shop_by_program($1) as id', [programId]);
  return row?.id ?? null;
}

/** A shop that uploaded this picture, or null. */
export async function findShopByImage(hash: string): Promise<ShopId | null> {
  const [row] = await ask<{ id: ShopId | null }>('select find_shop_by_image($1) as id', [hash]);
  return row?.id ?? null;
}

/** The shop of a pass serial, or null. */
export async function findShopBySerial(serial: string): Promise<ShopId | null> {
  const [row] = await ask<{ id: ShopId | null }>('select find_shop_by_serial($1) as id', [serial]);
  return row?.id ?? null;
}

/** The shop of an API client that is not revoked, or null. */
export async function findShopByApiClient(clientId: string): Promise<ShopId | null> {
  const [row] = await ask<{ id: ShopId | null }>('select find_shop_by_api_client($1) as id', [clientId]);
  return row?.id ?? null;
}

/** Shops with an API client whose secret begins like this, revoked ones included; at most 10. */
export async function findShopsByKeyPrefix(keyPrefix: string): Promise<ShopId[]> {
  const rows = await ask<{ id: ShopId }>('select find_shops_by_key_prefix($1) as id', [keyPrefix]);
  return rows.map((row) => row.id);
}

export type ListedShop = {
  shopId: ShopId;
  domain: string;
  state: 'pending' | 'installed' | 'uninstalled' | 'redacted';
};

/** Shops in id order after `after`, at most 1,000 at a time. */
export async function listShops(after: ShopId | null, limit: number): Promise<ListedShop[]> {
  const rows = await ask<{ shop_id: ShopId; domain: string; state: ListedShop['state'] }>(
    'select * from list_shops($1, $2)',
    [after, limit],
  );
  return rows.map((row) => ({ shopId: row.shop_id, domain: row.domain, state: row.state }));
}

/** Shops that have deliveries to settle now. */
export async function shopsWithDueDeliveries(limit: number): Promise<ShopId[]> {
  const rows = await ask<{ id: ShopId }>('select shops_with_due_deliveries($1) as id', [limit]);
  return rows.map((row) => row.id);
}

/**
 * The serials a device should look at: all of them without a tag, else those changed in or after that snapshot.
 * The tag to remember is the snapshot's horizon, so no transaction can ever commit behind it.
 */
export async function passesOfDevice(
  device: string,
  asked: { since: string | null; /** Null is the platform's. */ passTypeIdentifier: string | null },
): Promise<{ serials: string[]; tag: string | null }> {
  const rows = await ask<{ serial: string; horizon: string }>(
    'select serial, horizon::text from passes_of_device($1, $2::xid8, $3)',
    [device, asked.since, asked.passTypeIdentifier],
  );
  return { serials: rows.map((row) => row.serial), tag: rows[0]?.horizon ?? null };
}

/** The newest transaction id the database has given out: tags above it come from another database. */
export async function newestTransaction(): Promise<bigint> {
  const [row] = await ask<{ id: string }>('select pg_snapshot_xmax(pg_current_snapshot())::text as id', []);
  return BigInt(row?.id ?? '0');
}

/** Whether the database answers. Throws `Unavailable` when it does not. */
export async function pingDatabase(): Promise<void> {
  await ask('select 1 as one', []);
}
