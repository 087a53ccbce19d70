/** All cards of a program are marked stale, one slice of members per job, so that a large program never holds a lock long. */
import { touchProgramPasses as touchSlice } from '#app/data/cards/passes.ts';
import { countTouched } from '#app/data/cards/rollouts.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { BucketRange } from '#app/domain/cards/rollout.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import type { MemberId, ProgramId, ShopId } from '#app/lib/ids.ts';

const sliceMax = 500;

/**
 * Marks one slice and asks for the next; with `buckets`, only the cards that a step of a rollout is about. Safe to repeat: a
 * card marked twice is rebuilt once.
 */
export async function touchProgramPasses(slice: {
  shopId: ShopId;
  programId: string;
  after: string | null;
  buckets: BucketRange | null;
}): Promise<void> {
  const { programId, buckets } = slice;
  await withShop(slice.shopId, async (tx) => {
    const after = slice.after as MemberId | null;
    const { last, touched } = await touchSlice(tx, { programId, after, limit: sliceMax, buckets });
    if (buckets !== null)
      await countTouched(tx, programId as ProgramId, { designNumber: buckets.designNumber, cards: touched });
    if (last !== null) await enqueue(tx, 'touch-program-passes', { programId, after: last, buckets });
  });
}
