/** A new look for the card, on all cards at once: every member's card is redrawn, in slices. */
import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { findCardDraft, writeCardDraft } from '#app/data/cards/card-drafts.ts';
import { readDesignInput, readDesignParts } from '#app/data/cards/design-parts.ts';
import { refuseOpenRollout } from '#app/data/cards/rollouts.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { lockProgram } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { refuseBrokenDesign } from '#app/gateways/design-trial.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type PublishCardDesign = { shopId: ShopId; programId: string; design: unknown; actor: string };

/**
 * Publishes a design and asks for all cards to be redrawn; a draft there was becomes the same. Throws `InvalidInput` when it
 * does not fit or cannot stand the trial, `Conflict` (`rollout-open`) while another design is on its way, `NotFound`.
 */
export async function publishCardDesign(asked: PublishCardDesign): Promise<{ number: number }> {
  const design = readDesignInput(asked.design);
  const programId = asked.programId as ProgramId;
  const parts = await withShop(asked.shopId, (tx) => readDesignParts(tx, programId, design));
  await refuseBrokenDesign({ design, ...parts });
  return withShop(asked.shopId, async (tx) => {
    await lockProgram(tx, programId);
    await refuseOpenRollout(tx, programId);
    const at = now();
    const number = await insertCardDesign(tx, programId, { design, at, by: asked.actor });
    if ((await findCardDraft(tx, programId)) !== null)
      await writeCardDraft(tx, programId, { design, by: asked.actor, at });
    await enqueue(tx, 'touch-program-passes', { programId, after: null });
    await enqueue(tx, 'sync-google-class', { programId });
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'card.publish',
      object: `program:${programId}`,
      beforeHash: null,
      afterHash: fingerprint(design),
      reason: null,
      occurredAt: at,
    });
    return { number };
  });
}
