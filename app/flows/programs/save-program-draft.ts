/** The merchant's draft of a program: saved at every step, published when it is ready. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { createProgram, listPrograms, readProgram, type SignUpPlace, writeDraft } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { newSerial, type ProgramId, type ShopId } from '#app/lib/ids.ts';

export type SaveProgramDraft = {
  shopId: ShopId;
  /** Null creates the shop's program, or finds the one it has. */
  programId: string | null;
  document: unknown;
  signUpPlaces: SignUpPlace[];
  actor: string;
};

/** Saves a draft. Published versions are untouched. Throws `InvalidInput` with the first thing that does not fit. */
export async function saveProgramDraft(draft: SaveProgramDraft): Promise<{ programId: ProgramId; slug: string }> {
  const parsed = programDocumentSchema.safeParse(draft.document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const message = `${issue?.path.join('.') ?? 'document'}: ${issue?.message ?? 'does not fit'}`;
    throw new InvalidInput('program-invalid', message, { publicMessage: message });
  }
  return withShop(draft.shopId, async (tx) => {
    const programId = draft.programId ?? (await listPrograms(tx))[0]?.programId ?? null;
    const saved = { document: parsed.data, signUpPlaces: draft.signUpPlaces };
    const written = programId === null ? await create(tx, saved) : await update(tx, programId as ProgramId, saved);
    await appendAudit(tx, {
      actor: draft.actor,
      action: 'program.draft',
      object: `program:${written.programId}`,
      beforeHash: null,
      afterHash: fingerprint(parsed.data),
      reason: null,
      occurredAt: now(),
    });
    return written;
  });
}

type Saved = { document: ProgramDocument; signUpPlaces: SignUpPlace[] };

async function update(tx: Tx, programId: ProgramId, saved: Saved): Promise<{ programId: ProgramId; slug: string }> {
  const { slug } = await readProgram(tx, programId);
  await writeDraft(tx, programId, saved);
  return { programId, slug };
}

async function create(tx: Tx, saved: Saved): Promise<{ programId: ProgramId; slug: string }> {
  // The shop's own name, and a tail that nobody can guess or collide with.
  const { domain } = await readShop(tx);
  const tail = newSerial()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 6);
  const slug = `${domain.replace('.myshopify.com', '').slice(0, 48)}-${tail}`;
  const programId = await createProgram(tx, {
    slug,
    draft: saved.document,
    signUpPlaces: saved.signUpPlaces,
    at: now(),
  });
  return { programId, slug };
}
