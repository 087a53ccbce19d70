/** The merchant takes a design back that is on its way: every card returns to the design before. */
import { lockRollout, withdrawRollout } from '#app/data/cards/rollouts.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type StopRollout = { shopId: ShopId; rolloutId: string; actor: string };

/** Takes it back. Throws `NotFound`, `Conflict` (`rollout-over`) once its design is live. Safe to repeat. */
export async function stopRollout({ shopId, rolloutId, actor }: StopRollout): Promise<void> {
  await withShop(shopId, async (tx) => {
    const rollout = await lockRollout(tx, rolloutId);
    if (rollout === null) throw new NotFound('rollout-not-found', 'No such rollout');
    if (rollout.state === 'done')
      throw new Conflict('rollout-over', 'The design is live', {
        publicMessage: 'This design is on all cards. Choose an earlier one under History instead.',
      });
    if (rollout.state !== 'running' && rollout.state !== 'paused') return;
    await withdrawRollout(tx, rollout, { state: 'rolled-back', problem: null, by: actor, at: now() });
  });
}
