/** The pictures of a published design, for Google to fetch. */
import { findShopByProgram } from '#app/data/directory.ts';
import { findCardDesign } from '#app/data/cards/card-designs.ts';
import { imageReader } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { limits } from '#app/domain/programs/program-terms.ts';
import { passArtwork } from '#app/gateways/connections.ts';
import type { ProgramId } from '#app/lib/ids.ts';

export type CardImage = {
  programId: string;
  designNumber: number;
  /** The logo, the stamps at one count, or the design's picture on a card without stamps. */
  shows: 'logo' | 'picture' | { needed: number; collected: number };
};

/** A PNG, or null when there is no such design or nothing of the kind on it. The same question gives the same bytes. */
export async function drawCardImage({ programId, designNumber, shows }: CardImage): Promise<Buffer | null> {
  if (typeof shows === 'object' && !areStamps(shows)) return null;
  const shopId = await findShopByProgram(programId);
  if (shopId === null) return null;
  const design = await withShop(shopId, (tx) => findCardDesign(tx, programId as ProgramId, designNumber));
  if (design === null) return null;
  const readImage = imageReader(shopId);
  if (shows === 'logo') return passArtwork().googleLogo({ design, readImage });
  return passArtwork().hero({ design, stamps: shows === 'picture' ? null : shows, readImage });
}

function areStamps({ needed, collected }: { needed: number; collected: number }): boolean {
  return needed >= 2 && needed <= limits.stampsNeededMax && collected <= needed;
}
