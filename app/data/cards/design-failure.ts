/** When a card cannot be made: a design that is still on its way is to blame, and is taken back. */
import type { CardView } from '#app/data/cards/card-view.ts';
import { noteDesignFailure } from '#app/data/cards/rollouts.ts';
import { withShop } from '#app/data/tenancy.ts';
import { isFailure, Unavailable } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Whether the card should be made again because its design was one on its way: it is taken back, so the next attempt is with
 * the design before. What is only unavailable is nobody's fault. Safe to repeat.
 */
export async function isDesignToBlame(
  shopId: ShopId,
  { member, design }: Pick<CardView, 'member' | 'design'>,
  failed: { error: unknown; at: Date },
): Promise<boolean> {
  const { error, at } = failed;
  if (!design.isCandidate || error instanceof Unavailable) return false;
  const problem = isFailure(error) ? error.message : 'A card with this design could not be drawn';
  const { programId } = member;
  await withShop(shopId, (tx) => noteDesignFailure(tx, { programId, designNumber: design.number, problem, at }));
  return true;
}
