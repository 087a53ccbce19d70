/** One of a shop's programs with its draft, its published versions and its card. */
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { listPrograms, type Program, readProgram, type SignUpPlace } from '#app/data/programs/programs.ts';
import { listVersions } from '#app/data/programs/version-history.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { appUrl } from '#app/lib/env.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type ProgramPage = {
  programId: ProgramId;
  slug: string;
  state: 'draft' | 'live' | 'ended';
  draft: ProgramDocument;
  draftRevision: number;
  published: { number: number; document: ProgramDocument; publishedAt: Date } | null;
  /** Newest first. */
  versions: { number: number; publishedAt: Date; effectiveFrom: Date }[];
  signUpPlaces: SignUpPlace[];
  joinUrl: string;
  design: CardDesign | null;
  designNumber: number;
};

const versionsMax = 100;

/**
 * One program of the shop; without an id the oldest one, which is where a merchant with one program always is. Null before
 * the wizard's first step. Throws `NotFound` for an id that is none of the shop's.
 */
export async function programPage(shopId: ShopId, programId?: string): Promise<ProgramPage | null> {
  return withShop(shopId, async (tx) => {
    const program = await choose(tx, programId);
    if (program === null) return null;
    const versions = await listVersions(tx, program.programId, { below: null, limit: versionsMax });
    const card = await newestCardDesign(tx, program.programId);
    return {
      ...program,
      draft: completed(program.draft),
      published: versions[0] ?? null,
      versions,
      joinUrl: `${appUrl()}/join/${program.slug}`,
      design: card?.design ?? null,
      designNumber: card?.number ?? 0,
    };
  });
}

async function choose(tx: Tx, programId: string | undefined): Promise<Program | null> {
  if (programId !== undefined) return readProgram(tx, programId as ProgramId);
  return (await listPrograms(tx))[0] ?? null;
}

/** A draft that was saved before the document grew says nothing of what is new: it gets the defaults. */
function completed(draft: ProgramDocument): ProgramDocument {
  return programDocumentSchema.safeParse(draft).data ?? draft;
}
