/** The merchant's draft of the card: saved while they work on it. No card shows it. */
import { findCardDraft, writeCardDraft } from '#app/data/cards/card-drafts.ts';
import { readDesignInput } from '#app/data/cards/design-parts.ts';
import { demandShopImages } from '#app/data/cards/shop-images.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { lockProgram, readProgram } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type SaveCardDraft = {
  shopId: ShopId;
  programId: string;
  design: unknown;
  /** The revision the editor began with; 0 before the first draft. */
  expectedRevision: number;
  actor: string;
};

/**
 * Saves a draft; what is there already changes nothing. Throws `InvalidInput` that names what does not fit, `Conflict`
 * (`draft-changed`) when somebody else saved a newer draft meanwhile, `NotFound`. Safe to repeat.
 */
export async function saveCardDraft(draft: SaveCardDraft): Promise<{ revision: number }> {
  const design = readDesignInput(draft.design);
  return withShop(draft.shopId, async (tx) => {
    const programId = draft.programId as ProgramId;
    await lockProgram(tx, programId);
    await readProgram(tx, programId);
    await demandShopImages(tx, design);
    const saved = await findCardDraft(tx, programId);
    const revision = saved?.revision ?? 0;
    if (saved !== null && fingerprint(saved.design).equals(fingerprint(design))) return { revision };
    if (revision !== draft.expectedRevision)
      throw new Conflict('draft-changed', 'A newer draft of the card was saved meanwhile', {
        publicMessage: `Somebody else saved this card meanwhile: it is at revision ${revision}, and you began with ${draft.expectedRevision}. Load it again before you save.`,
      });
    const at = now();
    const written = await writeCardDraft(tx, programId, { design, by: draft.actor, at });
    await appendAudit(tx, {
      actor: draft.actor,
      action: 'card.draft',
      object: `program:${programId}`,
      beforeHash: saved === null ? null : fingerprint(saved.design),
      afterHash: fingerprint(design),
      reason: null,
      occurredAt: at,
    });
    return { revision: written };
  });
}
