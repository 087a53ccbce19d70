/** How far a new design is, for the page that shows it and is found again after a reload. */
import { countRolloutCards, newestRollout, type Rollout, type RolloutCards } from '#app/data/cards/rollouts.ts';
import { withShop } from '#app/data/tenancy.ts';
import { nextStep, rolloutStepMs } from '#app/domain/cards/rollout.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type RolloutPage = Rollout &
  RolloutCards & {
    /** When the next step begins by itself; null while it is paused or over. */
    nextStepAt: Date | null;
    /** The share of the next step; null when the design is on all cards. */
    nextPercent: number | null;
  };

/** The newest rollout of a program, over or not; null before the first. */
export async function cardRollout(shopId: ShopId, programId: ProgramId): Promise<RolloutPage | null> {
  return withShop(shopId, async (tx) => {
    const rollout = await newestRollout(tx, programId);
    if (rollout === null) return null;
    const cards = await countRolloutCards(tx, programId, rollout.designNumber);
    const isRunning = rollout.state === 'running';
    return {
      ...rollout,
      ...cards,
      nextStepAt: isRunning ? new Date(rollout.stepAt.getTime() + rolloutStepMs) : null,
      nextPercent: nextStep(rollout.percent),
    };
  });
}
