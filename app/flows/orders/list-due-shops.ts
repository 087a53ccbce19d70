/** Which shops have deliveries waiting. */
import { shopsWithDueDeliveries } from '#app/data/directory.ts';
import type { ShopId } from '#app/lib/ids.ts';

const shopsMax = 200;

/** Shops with due deliveries, at most 200. */
export async function listDueShops(): Promise<ShopId[]> {
  return shopsWithDueDeliveries(shopsMax);
}
