/** An earlier design comes back: published again under a new number, on all cards. */
import { designOfPass, insertCardDesign, listCardDesigns } from '#app/data/cards/card-designs.ts';
import { readDesignParts } from '#app/data/cards/design-parts.ts';
import { refuseOpenRollout } from '#app/data/cards/rollouts.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { lockProgram } from '#app/data/programs/programs.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { refuseBrokenDesign } from '#app/gateways/design-trial.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type RollBackDesign = {
  shopId: ShopId;
  programId: string;
  /** The design whose content comes back. */
  number: number;
  actor: string;
};

/**
 * Publishes an earlier design's content again. It is tried like a new one: the program has changed since. Rolling back to
 * what is live publishes nothing. Throws `NotFound` for a design that never was on all cards, `InvalidInput` when it cannot
 * stand the trial, `Conflict` (`rollout-open`). Safe to repeat.
 */
export async function rollBackDesign(asked: RollBackDesign): Promise<{ number: number; isNew: boolean }> {
  const programId = asked.programId as ProgramId;
  const { design, parts } = await withShop(asked.shopId, async (tx) => {
    const older = await findLiveDesign(tx, programId, asked.number);
    return { design: older, parts: await readDesignParts(tx, programId, older) };
  });
  await refuseBrokenDesign({ design, ...parts });
  return withShop(asked.shopId, async (tx) => {
    await lockProgram(tx, programId);
    await refuseOpenRollout(tx, programId);
    const live = await designOfPass(tx, programId, null);
    const content = fingerprint(design);
    if (live !== null && fingerprint(live.design).equals(content)) return { number: live.number, isNew: false };
    const at = now();
    const restores = asked.number;
    const number = await insertCardDesign(tx, programId, { design, at, by: asked.actor, restores });
    await enqueue(tx, 'touch-program-passes', { programId, after: null });
    await enqueue(tx, 'sync-google-class', { programId });
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'card.roll-back',
      object: `program:${programId}:${number}`,
      beforeHash: live === null ? null : fingerprint(live.design),
      afterHash: content,
      reason: `design ${restores}`,
      occurredAt: at,
    });
    return { number, isNew: true };
  });
}

async function findLiveDesign(tx: Tx, programId: ProgramId, number: number): Promise<CardDesign> {
  const [older] = await listCardDesigns(tx, programId, { below: number + 1, limit: 1 });
  if (older?.number === number && older.state === 'live') return older.design;
  throw new NotFound('design-not-found', 'No such design was ever live', { publicMessage: 'There is no such design.' });
}
