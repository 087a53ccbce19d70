/** Whether everybody who was ever erased is gone from this database. */
import { readMembers } from '#app/data/members/members.ts';
import { readErasures } from '#app/data/privacy/tombstones.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type KeptErasure, listKeptCases, readKeptErasures, summarizeCases } from '#app/gateways/erasure-store.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** How many erasures are kept outside the database, and the first of which somebody is still there. Safe to repeat. */
export async function checkErasures(): Promise<{ checked: number; firstBad: { caseId: string } | null }> {
  const kept = await readKeptErasures();
  let firstBad: { caseId: string } | null = null;
  for (const erasure of kept) if (firstBad === null && !(await isGone(erasure))) firstBad = { caseId: erasure.caseId };
  return { checked: kept.length, firstBad };
}

/** How many erasures are kept, and a fingerprint of which. */
export async function summarizeErasures(): Promise<{ count: number; fingerprint: string }> {
  return summarizeCases(await listKeptCases());
}

async function isGone({ of, shopId, memberIds }: KeptErasure): Promise<boolean> {
  return withShop(shopId as ShopId, async (tx) => {
    if ((await readErasures(tx)).isShopErased) return true;
    if (of === 'shop-erasure') return false;
    return (await readMembers(tx, memberIds)).every(({ state }) => state === 'erased');
  });
}
