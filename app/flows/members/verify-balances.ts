/** Checks every balance of a shop against its entries and lots. It never repairs: a difference is a bug to be found. */
import { type Imbalance, verifyBalances as verifySlice } from '#app/data/ledger/ledger-audit.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';

const sliceMax = 2_000;

/** Verifies a shop slice by slice and reports what is wrong. Safe to repeat. */
export async function verifyBalances({
  shopId,
}: {
  shopId: ShopId;
}): Promise<{ checked: number; imbalances: Imbalance[] }> {
  let after: MemberId | null = null;
  let checked = 0;
  const imbalances: Imbalance[] = [];
  do {
    const from: MemberId | null = after;
    const slice: Awaited<ReturnType<typeof verifySlice>> = await withShop(shopId, (tx) =>
      verifySlice(tx, { after: from, limit: sliceMax }),
    );
    checked += slice.checked;
    imbalances.push(...slice.imbalances);
    after = slice.next;
  } while (after !== null);
  for (const { memberId } of imbalances)
    log.error('a balance does not add up', { shopId, memberId, code: 'ledger-imbalance' });
  return { checked, imbalances };
}
