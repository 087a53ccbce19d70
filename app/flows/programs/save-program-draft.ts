/** The merchant's draft of a program: saved at every step, published when it is ready. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import {
  draftProgram,
  listPrograms,
  lockProgram,
  readProgram,
  type SignUpPlace,
  writeDraft,
} from '#app/data/programs/programs.ts';
import { type ApiRequest, answerOnce } from '#app/data/shops/api-idempotency.ts';
import { lockShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { readDocument } from '#app/domain/programs/read-document.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type SaveProgramDraft = {
  shopId: ShopId;
  /** Null is the shop's first program, made when there is none. */
  programId: string | null;
  document: unknown;
  /** Absent: they stay as they are. */
  signUpPlaces?: SignUpPlace[];
  /** The revision the editor began with; absent saves over whatever is there. */
  expectedRevision?: number;
  actor: string;
  request?: ApiRequest;
};

export type SavedDraft = { programId: ProgramId; slug: string; draftRevision: number };

const allPlaces: SignUpPlace[] = ['checkout', 'link', 'pos'];

/**
 * Saves a draft; what is there already changes nothing. Published versions are untouched. Throws `InvalidInput` that
 * names what does not fit, `Conflict` (`draft-changed`) when somebody else saved a newer draft meanwhile, `NotFound`.
 */
export async function saveProgramDraft(draft: SaveProgramDraft): Promise<SavedDraft> {
  const document = readDocument(draft.document);
  return withShop(draft.shopId, async (tx) => {
    const at = now();
    return answerOnce(tx, { request: draft.request, at }, async () => {
      const programId = draft.programId ?? (await findOrDraft(tx, { ...draft, document, at }));
      await lockProgram(tx, programId as ProgramId);
      const program = await readProgram(tx, programId as ProgramId);
      const { draftRevision, slug } = program;
      const saved = { document, signUpPlaces: draft.signUpPlaces ?? program.signUpPlaces };
      const isSame = fingerprint(saved).equals(
        fingerprint({ document: program.draft, signUpPlaces: program.signUpPlaces }),
      );
      if (isSame) return { programId: program.programId, slug, draftRevision };
      refuseOlder(draft.expectedRevision, draftRevision);
      const revision = await writeDraft(tx, program.programId, saved);
      await appendAudit(tx, {
        actor: draft.actor,
        action: 'program.draft',
        object: `program:${programId}`,
        beforeHash: fingerprint(program.draft),
        afterHash: fingerprint(document),
        reason: null,
        occurredAt: at,
      });
      return { programId: program.programId, slug, draftRevision: revision };
    });
  });
}

function refuseOlder(expected: number | undefined, actual: number): void {
  if (expected === undefined || expected === actual) return;
  throw new Conflict('draft-changed', 'A newer draft was saved meanwhile', {
    publicMessage: `Somebody else saved this draft meanwhile: it is at revision ${actual}, and you began with ${expected}. Load it again before you save.`,
  });
}

type FirstDraft = { document: ProgramDocument; signUpPlaces?: SignUpPlace[]; at: Date };

/** Of two first steps at once, the second finds the program of the first. */
async function findOrDraft(tx: Tx, { document, signUpPlaces, at }: FirstDraft): Promise<ProgramId> {
  await lockShop(tx);
  const [first] = await listPrograms(tx);
  if (first !== undefined) return first.programId;
  return draftProgram(tx, { draft: document, signUpPlaces: signUpPlaces ?? allPlaces, at });
}
