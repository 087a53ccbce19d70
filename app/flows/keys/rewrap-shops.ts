/** Everything that lies under an earlier key-encryption key comes under the newest: then the earlier ones can be taken away. */
import { listShops } from '#app/data/directory.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { rewrapDisclosures } from '#app/data/system/disclosures.ts';
import { rewrapKeys } from '#app/data/shops/shop-keys.ts';
import { rewrapCodeSecrets } from '#app/data/system/operators.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const shopsPerPage = 500;
const reportsPerPage = 200;

export type RewrapProgress = { shops: number; rewrapped: number };

/**
 * Goes through what is of no shop and then all shops, one short transaction each; nobody notices. `onProgress` is told after every page. Safe to repeat
 * and to stop anywhere: what is wrapped already is left alone.
 */
export async function rewrapShops({
  actor,
  onProgress,
}: {
  actor: string;
  onProgress: (progress: RewrapProgress) => void;
}): Promise<RewrapProgress> {
  const progress = { shops: 0, rewrapped: 0 };
  await rewrapCodeSecrets();
  while ((await rewrapDisclosures(reportsPerPage)) > 0);
  let after: ShopId | null = null;
  for (;;) {
    const shops = await listShops(after, shopsPerPage);
    for (const { shopId } of shops) {
      const isRewrapped = await withShop(shopId, async (tx) => {
        const at = now();
        if (!(await rewrapKeys(tx, at))) return false;
        await appendAudit(tx, {
          actor,
          action: 'key.rewrap',
          object: 'shop-keys',
          beforeHash: null,
          afterHash: null,
          reason: 'a newer key-encryption key',
          occurredAt: at,
        });
        return true;
      });
      progress.shops += 1;
      if (isRewrapped) progress.rewrapped += 1;
    }
    onProgress({ ...progress });
    const last = shops.at(-1);
    if (last === undefined || shops.length < shopsPerPage) return progress;
    after = last.shopId;
  }
}
