/** A card may look different: its content is rebuilt, and the wallet is told only when something visible changed. */
import { askBulkPushes } from '#app/data/cards/bulk-pushes.ts';
import { readCardView } from '#app/data/cards/card-view.ts';
import { markUnchanged } from '#app/data/cards/freshness.ts';
import { findPass, markAnnounced } from '#app/data/cards/passes.ts';
import { keepPrepared } from '#app/data/cards/prepared-passes.ts';
import { lastPushedAt } from '#app/data/cards/pushes.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { bulkPauseMs, pushDelayMs } from '#app/domain/cards/push-pacing.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Announces the pass's current content unless it was announced already. Safe to repeat. */
export async function regeneratePass(asked: { shopId: ShopId; passId: string; isBulk: boolean }): Promise<void> {
  const { shopId, passId, isBulk } = asked;
  await withShop(shopId, async (tx) => {
    const pass = await findPass(tx, passId);
    if (pass === null || pass.announcedVersion >= pass.version) return;
    const view = await readCardView(tx, pass.memberId, { pass, at: now() });
    // The links in the card are renewed monthly; that alone is nothing to wake a phone for.
    const hash = fingerprint({
      ...view.content,
      isQuiet: false,
      cardUrl: '',
      preferencesUrl: '',
      design: view.design.number,
    });
    // A wallet that fetched something newer than was announced may show anything: it is told.
    const isSame =
      pass.announcedHash !== null && pass.announcedHash.equals(hash) && pass.seenVersion <= pass.announcedVersion;
    const isMine = await markAnnounced(tx, pass.passId, {
      version: pass.version,
      hash,
      designNumber: view.design.number,
    });
    if (isMine && pass.wallet === 'apple') await keepPrepared(tx, pass, { view, at: now() });
    if (isSame) await markUnchanged(tx, pass.passId, pass);
    if (isSame || !isMine) return;
    if (pass.wallet === 'google') return enqueue(tx, 'sync-google', { passId: pass.passId, isBulk });
    return isBulk ? joinLine(tx, pass.passId) : pushSoon(tx, pass.passId);
  });
}

/** What changes again at once goes with it: n quick changes are one push. */
async function pushSoon(tx: Tx, passId: string): Promise<void> {
  const delayMs = pushDelayMs({ lastPushedAt: await lastPushedAt(tx, passId), at: now() });
  await enqueue(tx, 'push-apple', { passId }, new Date(Date.now() + delayMs));
}

async function joinLine(tx: Tx, passId: string): Promise<void> {
  const at = await askBulkPushes(tx, [passId], bulkPauseMs);
  if (at !== null) await enqueue(tx, 'push-waiting', {}, at);
}
