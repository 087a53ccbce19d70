/**
 * Checks every entry of a shop against what was written, and every balance against its entries, lots and reservations. It
 * never repairs: a difference is a bug to be found.
 */
import { type AlteredEntry, type EntriesChecked, verifyEntries } from '#app/data/ledger/entry-audit.ts';
import { type Imbalance, verifyBalances as verifySlice } from '#app/data/ledger/ledger-audit.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';

const sliceMax = 2_000;
const pageMax = 5_000;
/** One is enough to know; this many help to see what happened. */
const alteredNamedMax = 100;

/** Verifies a shop slice by slice and reports what is wrong, altered entries first: others follow from them. Safe to repeat. */
export async function verifyBalances({
  shopId,
}: {
  shopId: ShopId;
}): Promise<{ checked: number; imbalances: (Imbalance | AlteredEntry)[]; entries: EntriesChecked }> {
  const { altered, ...entries } = await verifyAllEntries(shopId);
  let after: MemberId | null = null;
  let checked = 0;
  const imbalances: (Imbalance | AlteredEntry)[] = altered;
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
  return { checked, imbalances, entries };
}

async function verifyAllEntries(shopId: ShopId): Promise<EntriesChecked & { altered: AlteredEntry[] }> {
  const all: EntriesChecked & { altered: AlteredEntry[] } = { entries: 0, withoutDigest: 0, altered: [] };
  let after: string | null = null;
  do {
    const from: string | null = after;
    const page: Awaited<ReturnType<typeof verifyEntries>> = await withShop(shopId, (tx) =>
      verifyEntries(tx, { after: from, limit: pageMax }),
    );
    all.entries += page.entries;
    all.withoutDigest += page.withoutDigest;
    all.altered.push(...page.altered.slice(0, alteredNamedMax - all.altered.length));
    after = page.next;
  } while (after !== null);
  return all;
}
