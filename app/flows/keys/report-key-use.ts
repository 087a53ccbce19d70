/** What still lies under which key-encryption key: one under which nothing lies can be taken away. */
import { listShops } from '#app/data/directory.ts';
import { listKeys } from '#app/data/shops/shop-keys.ts';
import { listPlatformKeys } from '#app/data/system/key-registry.ts';
import { countPlatformUse } from '#app/data/system/key-use.ts';
import { withShop } from '#app/data/tenancy.ts';
import { keyEncryptionKeys } from '#app/lib/key-ring.ts';
import type { ShopId } from '#app/lib/ids.ts';

const shopsPerPage = 500;
const keysMax = 100;

export type KeyUse = {
  id: string;
  state: 'newest' | 'in-use' | 'taken-away';
  firstUsedAt: Date;
  shops: number;
  jobs: number;
  operators: number;
  reports: number;
};

async function countShops(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let after: ShopId | null = null;
  for (;;) {
    const shops = await listShops(after, shopsPerPage);
    for (const { shopId } of shops) {
      const { kekId } = (await withShop(shopId, (tx) => listKeys(tx, 1))).wrapped;
      if (kekId !== null) counts.set(kekId, (counts.get(kekId) ?? 0) + 1);
    }
    const last = shops.at(-1);
    if (last === undefined || shops.length < shopsPerPage) return counts;
    after = last.shopId;
  }
}

/** Every key-encryption key there ever was with what lies under it. Reads only. */
export async function reportKeyUse(): Promise<KeyUse[]> {
  const ids = keyEncryptionKeys().map(({ id }) => id);
  const [shops, others] = [await countShops(), await countPlatformUse()];
  return (await listPlatformKeys(keysMax)).map(({ id, firstUsedAt }) => {
    const { jobs, operators, reports } = others.find(({ keyId }) => keyId === id) ?? {
      jobs: 0,
      operators: 0,
      reports: 0,
    };
    const state = id === ids[0] ? 'newest' : ids.includes(id) ? 'in-use' : 'taken-away';
    return { id, state, firstUsedAt, shops: shops.get(id) ?? 0, jobs, operators, reports };
  });
}
