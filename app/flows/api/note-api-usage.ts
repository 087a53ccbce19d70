/** Adds what clients asked for to their days. */
import { addApiUsage, type ApiUsage } from '#app/data/shops/api-usage.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type NotedUsage = { shopId: ShopId; clientId: string; day: Date; usage: ApiUsage };

/** Writes one client's figures. Repeating it counts them twice. Throws `Unavailable`. */
export async function noteApiUsage({ shopId, clientId, day, usage }: NotedUsage): Promise<void> {
  await withShop(shopId, (tx) => addApiUsage(tx, clientId, { day, usage }));
}
