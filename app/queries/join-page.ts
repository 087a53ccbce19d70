/** What a shopper sees before joining. Public: it holds nothing about any member. */
import { findProgramBySlug } from '#app/data/directory.ts';
import { newestCardDesign, newestRuleVersion, readProgram } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type JoinPage = {
  shopId: ShopId;
  programId: ProgramId;
  slug: string;
  document: ProgramDocument;
  design: CardDesign;
  currency: string;
  /** Whether the program is live and takes members by link. */
  isOpen: boolean;
};

/** The join page of a program, or null when there is none of that name or it was never published. */
export async function joinPage(slug: string): Promise<JoinPage | null> {
  const found = await findProgramBySlug(slug);
  if (found === null) return null;
  const { shopId, programId } = found;
  return withShop(shopId, async (tx) => {
    const version = await newestRuleVersion(tx, programId);
    if (version === null) return null;
    const program = await readProgram(tx, programId);
    const shop = await readShop(tx);
    const published = await newestCardDesign(tx, programId);
    return {
      shopId,
      programId,
      slug,
      document: version.document,
      design: published?.design ?? starterDesign(shop.name ?? version.document.name),
      currency: shop.currency ?? 'USD',
      isOpen: program.state === 'live' && program.signUpPlaces.includes('link'),
    };
  });
}
