/** Going through all shops, or one. */
import { findShops } from '#app/flows/shops/find-shops.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type Verdict = {
  checked: number;
  firstBad: Record<string, unknown> | null;
  /** Of the ledger: how many entries were looked at, and how many of them have no digest to be held against. */
  entries?: { entries: number; withoutDigest: number };
};

/** Visits one shop (by domain or id), or all of them one after the other. */
export async function visitShops(shop: string | null, visit: (shopId: ShopId) => Promise<void>): Promise<void> {
  let after: ShopId | null = null;
  for (;;) {
    const shops: ShopId[] = await findShops({ shop, after });
    for (const shopId of shops) await visit(shopId);
    after = shops.at(-1) ?? null;
    if (after === null) return;
  }
}

/** Verifies shop by shop, to the end, so that `checked` tells the whole extent; the first bad one is kept. */
export async function verifyShops(verify: (shopId: ShopId) => Promise<Verdict>, shop: string | null): Promise<Verdict> {
  const total: Verdict = { checked: 0, firstBad: null };
  await visitShops(shop, async (shopId) => {
    const { checked, firstBad, entries } = await verify(shopId);
    total.checked += checked;
    if (entries !== undefined)
      total.entries = {
        entries: entries.entries + (total.entries?.entries ?? 0),
        withoutDigest: entries.withoutDigest + (total.entries?.withoutDigest ?? 0),
      };
    if (firstBad !== null) total.firstBad ??= { shopId, ...firstBad };
  });
  return total;
}
