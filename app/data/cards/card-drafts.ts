/** The merchant's draft of a card: one for each program, beside the designs that were published. */
import type { Tx } from '#app/data/tenancy.ts';
import { type CardDesign, cardDesignSchema } from '#app/domain/cards/card-design.ts';
import type { ProgramId } from '#app/lib/ids.ts';

export type CardDraft = { design: CardDesign; revision: number; updatedBy: string; updatedAt: Date };

/** The draft of a program, or null before the first. */
export async function findCardDraft(tx: Tx, programId: ProgramId): Promise<CardDraft | null> {
  const [row] = await tx.query<{ design: unknown; revision: number; updated_by: string; updated_at: Date }>(
    'select design, revision, updated_by, updated_at from card_draft where shop_id = $1 and program_id = $2',
    [tx.shopId, programId],
  );
  if (row === undefined) return null;
  return {
    design: cardDesignSchema.parse(row.design),
    revision: row.revision,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
  };
}

/** Replaces the draft; its revision rises by one. Answers the new revision. The caller holds the program. */
export async function writeCardDraft(
  tx: Tx,
  programId: ProgramId,
  draft: { design: CardDesign; by: string; at: Date },
): Promise<number> {
  const [row] = await tx.query<{ revision: number }>(
    `insert into card_draft (shop_id, program_id, design, updated_by, updated_at) values ($1, $2, $3, $4, $5)
     on conflict (shop_id, program_id) do update set design = excluded.design, updated_by = excluded.updated_by,
       updated_at = excluded.updated_at, revision = card_draft.revision + 1
     returning revision`,
    [tx.shopId, programId, JSON.stringify(draft.design), draft.by, draft.at],
  );
  return row?.revision ?? 1;
}
