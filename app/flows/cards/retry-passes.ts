/** Cards that are behind are sent once more: one that somebody looks at, or all of a shop in slices. */
import { forgetPushes, listStale, type StalePass } from '#app/data/cards/freshness.ts';
import { findPass, listAgain } from '#app/data/cards/passes.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { isWorthRetrying, staleCauseOf } from '#app/domain/cards/freshness.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import { isId, type PassId, type ShopId } from '#app/lib/ids.ts';

const sliceMax = 500;

type Sent = { passId: PassId; wallet: 'apple' | 'google'; isBulk: boolean };

/** The content is rebuilt first when that did not happen yet; else the wallet is told again. */
async function sendAgain(tx: Tx, { passId, wallet, isBulk }: Sent): Promise<void> {
  // A device that listed the card and then failed to fetch it holds a tag that is newer than the change.
  await listAgain(tx, passId);
  await enqueue(tx, 'regenerate-pass', { passId, isBulk });
  await enqueue(tx, wallet === 'apple' ? 'push-apple' : 'sync-google', { passId, isBulk });
}

/** Sends one card again. Safe to repeat: what waits already is asked for once. Throws `NotFound`. */
export async function retryPass(asked: { shopId: ShopId; passId: string; actor: string }): Promise<void> {
  await withShop(asked.shopId, async (tx) => {
    const pass = isId(asked.passId) ? await findPass(tx, asked.passId) : null;
    if (pass === null) throw new NotFound('pass-not-found', 'No such card');
    await forgetPushes(tx, [pass.passId]);
    await sendAgain(tx, { ...pass, isBulk: false });
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'pass.retry',
      object: `pass:${pass.passId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
  });
}

/** Asks for all cards that are behind to be sent again. Safe to repeat: one such job of a shop waits at a time. */
export async function retryAllPasses({ shopId, actor }: { shopId: ShopId; actor: string }): Promise<void> {
  await withShop(shopId, async (tx) => {
    await enqueue(tx, 'retry-passes', { after: null });
    await appendAudit(tx, {
      actor,
      action: 'pass.retry-all',
      object: 'shop',
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
  });
}

/** Sends one slice again and asks for the next. Safe to repeat, and to kill. */
export async function retryPasses(slice: {
  shopId: ShopId;
  after: { staleSince: string; passId: string } | null;
}): Promise<void> {
  await withShop(slice.shopId, async (tx) => {
    const after = slice.after === null ? null : { ...slice.after, staleSince: new Date(slice.after.staleSince) };
    const stale = await listStale(tx, after, sliceMax);
    const wanted = stale.filter((pass) => isWorthRetrying(staleCauseOf(pass)));
    await forgetPushes(
      tx,
      wanted.map(({ passId }) => passId),
    );
    for (const pass of wanted) await sendAgain(tx, { ...pass, isBulk: true });
    const last = stale.at(-1);
    if (last !== undefined && stale.length === sliceMax) await enqueue(tx, 'retry-passes', { after: positionOf(last) });
  });
}

function positionOf({ staleSince, passId }: StalePass): { staleSince: string; passId: string } {
  return { staleSince: staleSince.toISOString(), passId };
}
