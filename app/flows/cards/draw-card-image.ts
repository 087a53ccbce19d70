/** The pictures of a published design, for Google to fetch. */
import { findShopByProgram } from '#app/data/directory.ts';
import { findCardDesign } from '#app/data/programs/programs.ts';
import { readLogo } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { limits } from '#app/domain/programs/program-terms.ts';
import { passArtwork } from '#app/gateways/connections.ts';
import type { ProgramId } from '#app/lib/ids.ts';

export type CardImage = {
  programId: string;
  designNumber: number;
  /** Null asks for the logo. */
  stamps: { needed: number; collected: number } | null;
};

/** A PNG, or null when there is no such design. The same question gives the same bytes. */
export async function drawCardImage({ programId, designNumber, stamps }: CardImage): Promise<Buffer | null> {
  if (
    stamps !== null &&
    (stamps.needed < 2 || stamps.needed > limits.stampsNeededMax || stamps.collected > stamps.needed)
  )
    return null;
  const shopId = await findShopByProgram(programId);
  if (shopId === null) return null;
  const found = await withShop(shopId, async (tx) => {
    const design = await findCardDesign(tx, programId as ProgramId, designNumber);
    if (design === null) return null;
    return { design, logo: stamps === null ? await readLogo(tx, design) : null };
  });
  if (found === null) return null;
  const { design, logo } = found;
  return stamps === null ? passArtwork().googleLogo({ design, logo }) : passArtwork().hero({ design, stamps });
}
