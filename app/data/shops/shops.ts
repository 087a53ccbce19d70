/** The shop itself: who it is, whether it is installed, and the key under which its secrets are sealed. */
import type { Tx } from '#app/data/tenancy.ts';
import { env } from '#app/lib/env.ts';
import { invariant, NotFound } from '#app/lib/errors.ts';
import { keyEncryptionKeys, newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import type { ShopKeys } from '#app/lib/sealed-box.ts';
import { createShopKeys, unwrapShopKeys, wrapShopKeys } from '#app/lib/shop-keys.ts';

export type ShopState = 'pending' | 'installed' | 'uninstalled' | 'redacted';

export type Shop = {
  domain: string;
  state: ShopState;
  name: string | null;
  currency: string | null;
  timeZone: string;
  country: string | null;
  scopes: string | null;
  needsReauthorization: boolean;
  installedAt: Date | null;
};

/** Registers a shop as pending, with a data key of its own. False when another process was first. */
export async function createShop(tx: Tx, domain: string, at: Date): Promise<boolean> {
  const kek = newestKeyEncryptionKey();
  const rows = await tx.query(
    `insert into shop (id, domain, data_key, data_key_kek, data_key_wrapped_at, created_at) values ($1, $2, $3, $4, $5, $5)
     on conflict (domain) do nothing returning id`,
    [tx.shopId, domain, wrapShopKeys(kek, createShopKeys(tx.shopId, env().SEALING_ALGORITHM)), kek.id, at],
  );
  if (rows.length === 1) await noteFirstKeys(tx, at);
  return rows.length === 1;
}

/** A line about each of a shop's first keys, where there is none of a key in use. Safe to repeat. */
async function noteFirstKeys(tx: Tx, at: Date): Promise<void> {
  await tx.query(
    `insert into shop_key (shop_id, purpose, version, state, created_by, created_at)
     select $1, p.purpose, 1, 'current', 'system', $2 from unnest(array['data', 'links']) as p(purpose)
     where not exists (select from shop_key k where k.shop_id = $1 and k.purpose = p.purpose and k.state <> 'retired')
     on conflict (shop_id, purpose, version) do update set state = 'current', created_by = excluded.created_by,
       created_at = excluded.created_at, valid_until = null, retired_at = null`,
    [tx.shopId, at],
  );
}

/** The shop of this transaction. Throws `NotFound` when it does not exist. */
export async function readShop(tx: Tx): Promise<Shop> {
  const [row] = await tx.query<{
    domain: string;
    state: ShopState;
    name: string | null;
    currency: string | null;
    time_zone: string;
    country: string | null;
    scopes: string | null;
    needs_reauthorization: boolean;
    installed_at: Date | null;
  }>(
    `select domain, state, name, currency, time_zone, country, scopes, needs_reauthorization, installed_at
     from shop where id = $1`,
    [tx.shopId],
  );
  if (row === undefined) throw new NotFound('shop-not-found', 'No such shop');
  return {
    domain: row.domain,
    state: row.state,
    name: row.name,
    currency: row.currency,
    timeZone: row.time_zone,
    country: row.country,
    scopes: row.scopes,
    needsReauthorization: row.needs_reauthorization,
    installedAt: row.installed_at,
  };
}

/** Holds the shop until the transaction ends: of two who set it up at once, the second sees what the first did. */
export async function lockShop(tx: Tx): Promise<void> {
  await tx.query('select 1 as one from shop where id = $1 for no key update', [tx.shopId]);
}

export type ShopDetails = { name: string; currency: string; timeZone: string; country: string | null; scopes: string };

/**
 * Marks the shop installed with what Shopify says about it; a shop that was redacted before starts afresh with a new
 * data key. Safe to repeat.
 */
export async function markInstalled(tx: Tx, details: ShopDetails, at: Date): Promise<void> {
  const kek = newestKeyEncryptionKey();
  await tx.query(
    `update shop set state = 'installed', name = $2, currency = $3, time_zone = $4, country = $5, scopes = $6,
       needs_reauthorization = false, installed_at = coalesce(case when state = 'installed' then installed_at end, $7),
       uninstalled_at = null,
       data_key_kek = case when data_key is null then $9 else data_key_kek end, data_key = coalesce(data_key, $8),
       data_key_wrapped_at = case when data_key is null then $7 else data_key_wrapped_at end
     where id = $1`,
    [
      tx.shopId,
      details.name,
      details.currency,
      details.timeZone,
      details.country,
      details.scopes,
      at,
      wrapShopKeys(kek, createShopKeys(tx.shopId, env().SEALING_ALGORITHM)),
      kek.id,
    ],
  );
  await noteFirstKeys(tx, at);
}

/** Updates what Shopify says about the shop, where it says something. Safe to repeat. */
export async function updateShopDetails(tx: Tx, details: Partial<ShopDetails>): Promise<void> {
  await tx.query(
    `update shop set name = coalesce($2, name), currency = coalesce($3, currency), time_zone = coalesce($4, time_zone),
       country = coalesce($5, country), scopes = coalesce($6, scopes) where id = $1`,
    [
      tx.shopId,
      details.name ?? null,
      details.currency ?? null,
      details.timeZone ?? null,
      details.country ?? null,
      details.scopes ?? null,
    ],
  );
}

/** Marks the shop uninstalled. Cards stay alive and read-only; nothing is deleted until Shopify asks. Safe to repeat. */
export async function markUninstalled(tx: Tx, at: Date): Promise<void> {
  await tx.query(
    `update shop set state = 'uninstalled', uninstalled_at = $2, needs_reauthorization = true
     where id = $1 and state in ('pending', 'installed')`,
    [tx.shopId, at],
  );
}

/** Says that Shopify refuses our tokens: the next time a merchant opens the app, new ones are fetched. Safe to repeat. */
export async function markNeedsReauthorization(tx: Tx): Promise<void> {
  await tx.query('update shop set needs_reauthorization = true where id = $1', [tx.shopId]);
}

/** Marks the shop erased: from now on what Shopify still sends about it is acknowledged and not kept. Safe to repeat. */
export async function markErased(tx: Tx): Promise<void> {
  await tx.query(`update shop set state = 'redacted' where id = $1`, [tx.shopId]);
}

/** Destroys the data key: everything sealed for this shop is unreadable from then on, in backups too. Safe to repeat. */
export async function shredShop(tx: Tx): Promise<void> {
  await tx.query(
    `update shop set state = 'redacted', data_key = null, data_key_kek = null, data_key_wrapped_at = null, name = null,
       country = null, scopes = null where id = $1`,
    [tx.shopId],
  );
  await tx.query(
    `update shop_key set state = 'retired', retired_at = clock_timestamp() where shop_id = $1 and state <> 'retired'`,
    [tx.shopId],
  );
  await tx.query(
    `update key_rotation set state = 'done', finished_at = clock_timestamp() where shop_id = $1 and state <> 'done'`,
    [tx.shopId],
  );
}

/** The shop's keys. Throws `NotFound` once they were destroyed. */
export async function readShopKeys(tx: Tx): Promise<ShopKeys> {
  const keys = await findShopKeys(tx);
  if (keys === null) throw new NotFound('shop-keys-destroyed', 'The data of this shop has been erased');
  return keys;
}

/** By shop, with what they were unwrapped from: keys that were replaced are not kept. */
const unwrapped = new Map<string, { wrapped: Buffer; keys: ShopKeys }>();
const unwrappedMax = 10_000;

/** The shop's keys, or null once they were destroyed. The row is asked every time; only the unwrapping is remembered. */
export async function findShopKeys(tx: Tx): Promise<ShopKeys | null> {
  const [row] = await tx.query<{ data_key: Buffer | null; data_key_kek: string | null }>(
    'select data_key, data_key_kek from shop where id = $1',
    [tx.shopId],
  );
  if (row?.data_key == null) return null;
  return openShopKeys(tx.shopId, row.data_key, row.data_key_kek);
}

/** Unwraps a data key that came with another row. */
export function openShopKeys(shopId: string, wrapped: Buffer, kekId: string | null): ShopKeys {
  const known = unwrapped.get(shopId);
  if (known?.wrapped.equals(wrapped) === true) return known.keys;
  const kek = keyEncryptionKeys().find((key) => key.id === kekId);
  invariant(kek !== undefined, `the key-encryption key "${kekId}" is not in KEY_ENCRYPTION_KEYS`);
  const keys = unwrapShopKeys(kek, shopId, wrapped);
  if (unwrapped.size >= unwrappedMax) unwrapped.clear();
  unwrapped.set(shopId, { wrapped, keys });
  return keys;
}
