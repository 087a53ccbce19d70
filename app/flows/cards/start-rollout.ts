/** The draft of a card becomes a design: tried first, then carried by some cards, then by all. */
import { designOfPass, insertCardDesign } from '#app/data/cards/card-designs.ts';
import { findCardDraft } from '#app/data/cards/card-drafts.ts';
import { readDesignParts } from '#app/data/cards/design-parts.ts';
import { insertRollout, refuseOpenRollout } from '#app/data/cards/rollouts.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { lockProgram } from '#app/data/programs/programs.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { rolloutSteps } from '#app/domain/cards/rollout.ts';
import { refuseBrokenDesign } from '#app/gateways/design-trial.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type StartRollout = {
  shopId: ShopId;
  programId: string;
  /** The revision of the draft the merchant looked at. */
  expectedRevision: number;
  /** Few cards first; otherwise all at once, watched just the same. */
  isStaged: boolean;
  actor: string;
};

export type StartedRollout = { kind: 'started'; number: number } | { kind: 'unchanged'; number: number };

/**
 * Publishes the draft. A program's first design is on its cards at once. Throws `InvalidInput` when the design cannot stand
 * the trial, `Conflict` when the draft changed (`draft-changed`) or a design is on its way (`rollout-open`), `NotFound`.
 * Repeating it while it is on its way is such a conflict; afterwards it is `unchanged`.
 */
export async function startRollout(asked: StartRollout): Promise<StartedRollout> {
  const programId = asked.programId as ProgramId;
  const { design, parts } = await withShop(asked.shopId, async (tx) => {
    const draft = await readExpectedDraft(tx, programId, asked.expectedRevision);
    return { design: draft, parts: await readDesignParts(tx, programId, draft) };
  });
  await refuseBrokenDesign({ design, ...parts });
  return withShop(asked.shopId, async (tx) => {
    await lockProgram(tx, programId);
    await readExpectedDraft(tx, programId, asked.expectedRevision);
    await refuseOpenRollout(tx, programId);
    const live = await designOfPass(tx, programId, null);
    if (live !== null && fingerprint(live.design).equals(fingerprint(design)))
      return { kind: 'unchanged', number: live.number };
    const at = now();
    const state = live === null ? 'live' : 'candidate';
    const number = await insertCardDesign(tx, programId, { design, at, by: asked.actor, state });
    if (live === null) {
      await enqueue(tx, 'touch-program-passes', { programId, after: null });
      await enqueue(tx, 'sync-google-class', { programId });
    } else {
      const percent = asked.isStaged ? rolloutSteps[0] : rolloutSteps[rolloutSteps.length - 1];
      await insertRollout(tx, { programId, designNumber: number, percent: percent ?? 100, by: asked.actor, at });
    }
    await noteStart(tx, { ...asked, number, design, at });
    return { kind: 'started', number };
  });
}

async function readExpectedDraft(tx: Tx, programId: ProgramId, expectedRevision: number): Promise<CardDesign> {
  const draft = await findCardDraft(tx, programId);
  if (draft !== null && draft.revision === expectedRevision) return draft.design;
  throw new Conflict('draft-changed', 'The draft of the card is at another revision', {
    publicMessage: 'The card was changed meanwhile. Look at it again before you publish it.',
  });
}

type Started = { programId: string; actor: string; number: number; design: CardDesign; at: Date };

async function noteStart(tx: Tx, { programId, actor, number, design, at }: Started): Promise<void> {
  await appendAudit(tx, {
    actor,
    action: 'card.publish',
    object: `program:${programId}:${number}`,
    beforeHash: null,
    afterHash: fingerprint(design),
    reason: null,
    occurredAt: at,
  });
}
