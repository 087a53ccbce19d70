/** Device registrations: which Apple devices ask for updates of which pass. Push tokens are sealed. */
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { PassId } from '#app/lib/ids.ts';
import { seal, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';

const place = (passId: string, device: string) => ({
  table: 'device_registration',
  column: 'push_token',
  row: `${passId}/${device}`,
});

/** Opens the push token of a registration. */
export function openPushToken(
  keys: ShopKeys,
  registration: { passId: string; device: string; sealed: Buffer },
): string {
  return unseal(keys, place(registration.passId, registration.device), registration.sealed);
}

/** Registers a device, or takes its newest push token. Answers whether it is new. Safe to repeat. */
export async function registerDevice(
  tx: Tx,
  registration: { passId: PassId; device: string; pushToken: string; at: Date },
): Promise<boolean> {
  const { passId, device, pushToken, at } = registration;
  const sealed = seal(await readShopKeys(tx), place(passId, device), pushToken);
  const [row] = await tx.query<{ is_new: boolean }>(
    `insert into device_registration (shop_id, pass_id, device_library_identifier, push_token, registered_at, token_at)
     values ($1, $2, $3, $4, $5, $5)
     on conflict (shop_id, pass_id, device_library_identifier)
       do update set push_token = excluded.push_token, token_at = excluded.token_at, push_tries = 0, next_push_at = null
     returning xmax = 0 as is_new`,
    [tx.shopId, passId, device, sealed, at],
  );
  return row?.is_new ?? false;
}

/** Ends a registration. Safe to repeat; answers whether there was one. */
export async function unregisterDevice(tx: Tx, passId: PassId, device: string): Promise<boolean> {
  const rows = await tx.query(
    `delete from device_registration where shop_id = $1 and pass_id = $2 and device_library_identifier = $3
     returning 1 as one`,
    [tx.shopId, passId, device],
  );
  return rows.length === 1;
}

/** How many devices carry each of these passes. */
export async function countDevices(tx: Tx, passIds: PassId[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ pass_id: string; devices: number }>(
    `select pass_id, count(*)::int as devices from device_registration
     where shop_id = $1 and pass_id = any($2) group by pass_id`,
    [tx.shopId, passIds],
  );
  return new Map(rows.map((row) => [row.pass_id, row.devices]));
}

/** Ends registrations of passes that became void before an instant. Answers how many, at most `limit`. */
export async function purgeVoidDevices(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from device_registration where shop_id = $1 and (pass_id, device_library_identifier) in (
       select r.pass_id, r.device_library_identifier from device_registration r
       join pass p on p.shop_id = r.shop_id and p.id = r.pass_id
       where r.shop_id = $1 and p.voided_at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}

/** Ends all registrations of these members' passes. Safe to repeat; answers how many there were. */
export async function deleteDevices(tx: Tx, memberIds: string[]): Promise<number> {
  const rows = await tx.query(
    `delete from device_registration where shop_id = $1 and pass_id in (
       select id from pass where shop_id = $1 and member_id = any($2)) returning 1 as one`,
    [tx.shopId, memberIds],
  );
  return rows.length;
}
