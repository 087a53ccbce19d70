/** Erasures that are not kept outside the database yet, because they are older than the folder, are kept now. */
import { type DoneErasure, listDoneErasures } from '#app/data/privacy/kept-cases.ts';
import { withShop } from '#app/data/tenancy.ts';
import { keepErasure, listKeptCases } from '#app/gateways/erasure-store.ts';
import type { ShopId } from '#app/lib/ids.ts';

const casesPerPage = 500;

/** Keeps what is missing, so that a folder that was lost fills again. Safe to repeat. Throws `Unavailable`. */
export async function keepEarlierErasures({ shopId }: { shopId: ShopId }): Promise<void> {
  const kept = new Set(await listKeptCases());
  let after: string | null = null;
  for (;;) {
    const from: string | null = after;
    const page: DoneErasure[] = await withShop(shopId, (tx) => listDoneErasures(tx, from, casesPerPage));
    for (const done of page)
      if (!kept.has(done.caseId))
        await keepErasure({
          of: done.kind,
          shopId,
          caseId: done.caseId,
          memberIds: done.memberIds,
          fingerprints: done.fingerprints.map((print) => print.toString('base64')),
          erasedAt: done.closedAt.toISOString(),
        });
    after = page.at(-1)?.caseId ?? null;
    if (after === null || page.length < casesPerPage) return;
  }
}
