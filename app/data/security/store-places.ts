/** Where the shop's tills stand, as the merchant says. */
import type { Tx } from '#app/data/tenancy.ts';

export type StorePlace = { locationId: string; name: string; latitude: number; longitude: number };

/** All of them by name, at most 200. */
export async function listStorePlaces(tx: Tx): Promise<StorePlace[]> {
  return tx.query<StorePlace>(
    `select location_id as "locationId", name, latitude, longitude from store_place where shop_id = $1
     order by name, location_id limit 200`,
    [tx.shopId],
  );
}

/** Says where a till stands. Safe to repeat. */
export async function writeStorePlace(tx: Tx, place: StorePlace, at: Date): Promise<void> {
  await tx.query(
    `insert into store_place (shop_id, location_id, name, latitude, longitude, updated_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (shop_id, location_id) do update set name = excluded.name, latitude = excluded.latitude,
       longitude = excluded.longitude, updated_at = excluded.updated_at`,
    [tx.shopId, place.locationId, place.name, place.latitude, place.longitude, at],
  );
}

/** Forgets where a till stands. Safe to repeat. */
export async function deleteStorePlace(tx: Tx, locationId: string): Promise<void> {
  await tx.query('delete from store_place where shop_id = $1 and location_id = $2', [tx.shopId, locationId]);
}
