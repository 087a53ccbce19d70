/** A new design takes its next step: by itself when it was watched long enough, or when the merchant says so. */
import { completeRollout, lockRollout, type Rollout, widenRollout } from '#app/data/cards/rollouts.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { nextStep, rolloutStepMs } from '#app/domain/cards/rollout.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type AdvanceRollout = {
  shopId: ShopId;
  rolloutId: string;
  /** The step that is left; a rollout that left it already stays where it is. */
  percent: number;
  /** `system` when the time came: what comes early, because the rollout was held meanwhile, does nothing. */
  actor: string;
};

/** Widens a running rollout, or ends it after its last step. Throws `NotFound`. Safe to repeat. */
export async function advanceRollout({ shopId, rolloutId, percent, actor }: AdvanceRollout): Promise<Rollout> {
  return withShop(shopId, async (tx) => {
    const rollout = await lockRollout(tx, rolloutId);
    if (rollout === null) throw new NotFound('rollout-not-found', 'No such rollout');
    if (rollout.state !== 'running' || rollout.percent !== percent) return rollout;
    const at = now();
    if (actor === 'system' && at.getTime() < rollout.stepAt.getTime() + rolloutStepMs) return rollout;
    const step = nextStep(percent);
    await (step === null ? completeRollout(tx, rollout, at) : widenRollout(tx, rollout, { percent: step, at }));
    await appendAudit(tx, {
      actor,
      action: step === null ? 'card.rollout-done' : 'card.rollout-step',
      object: `rollout:${rolloutId}`,
      beforeHash: null,
      afterHash: null,
      reason: step === null ? null : `${step} %`,
      occurredAt: at,
    });
    return step === null ? { ...rollout, state: 'done', finishedAt: at } : { ...rollout, percent: step, stepAt: at };
  });
}
