/** A shop's program with its draft, its published versions and its card. */
import { listPrograms, listRuleVersions, newestCardDesign, type SignUpPlace } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
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

/** The shop's program, or null before the wizard's first step. */
export async function programPage(shopId: ShopId): Promise<ProgramPage | null> {
  return withShop(shopId, async (tx) => {
    const [program] = await listPrograms(tx);
    if (program === undefined) return null;
    const versions = (await listRuleVersions(tx)).filter((version) => version.programId === program.programId);
    const published = await newestCardDesign(tx, program.programId);
    return {
      ...program,
      published: versions[0] ?? null,
      versions,
      joinUrl: `${appUrl()}/join/${program.slug}`,
      design: published?.design ?? null,
      designNumber: published?.number ?? 0,
    };
  });
}
