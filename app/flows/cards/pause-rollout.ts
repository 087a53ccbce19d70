/** A rollout is held where it is, or goes on. Cards that carry the new design keep it meanwhile. */
import { holdRollout, lockRollout } from '#app/data/cards/rollouts.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type PauseRollout = { shopId: ShopId; rolloutId: string; isPaused: boolean; actor: string };

/** Pauses it, or lets it go on. Throws `NotFound`, `Conflict` (`rollout-over`). Safe to repeat. */
export async function pauseRollout({ shopId, rolloutId, isPaused, actor }: PauseRollout): Promise<void> {
  await withShop(shopId, async (tx) => {
    const rollout = await lockRollout(tx, rolloutId);
    if (rollout === null) throw new NotFound('rollout-not-found', 'No such rollout');
    if (rollout.state !== 'running' && rollout.state !== 'paused')
      throw new Conflict('rollout-over', 'The rollout is over', { publicMessage: 'This rollout is over already.' });
    if ((rollout.state === 'paused') === isPaused) return;
    const at = now();
    await holdRollout(tx, rollout, { isPaused, at });
    await appendAudit(tx, {
      actor,
      action: isPaused ? 'card.rollout-pause' : 'card.rollout-continue',
      object: `rollout:${rolloutId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: at,
    });
  });
}
