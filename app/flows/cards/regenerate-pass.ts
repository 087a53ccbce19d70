/** A card may look different: its content is rebuilt, and the wallet is told only when something visible changed. */
import { readCardView } from '#app/data/cards/card-view.ts';
import { findPass, markAnnounced } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Announces the pass's current content unless it was announced already. Safe to repeat. */
export async function regeneratePass({ shopId, passId }: { shopId: ShopId; passId: string }): Promise<void> {
  await withShop(shopId, async (tx) => {
    const pass = await findPass(tx, passId);
    if (pass === null || pass.announcedVersion >= pass.version) return;
    const view = await readCardView(tx, pass.memberId, { pass, at: now() });
    // The link in the card is renewed monthly; that alone is nothing to wake a phone for.
    const hash = fingerprint({ ...view.content, cardUrl: '', design: view.design.number });
    const isSame = pass.announcedHash !== null && pass.announcedHash.equals(hash);
    const isMine = await markAnnounced(tx, pass.passId, { version: pass.version, hash });
    if (isSame || !isMine) return;
    await (pass.wallet === 'apple'
      ? enqueue(tx, 'push-apple', { passId: pass.passId })
      : enqueue(tx, 'sync-google', { passId: pass.passId }));
  });
}
