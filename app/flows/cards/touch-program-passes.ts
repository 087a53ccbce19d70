/** All cards of a program are marked stale, one slice of members per job, so that a large program never holds a lock long. */
import { touchProgramPasses as touchSlice } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

const sliceMax = 500;

/** Marks one slice and asks for the next. Safe to repeat: a card marked twice is rebuilt once. */
export async function touchProgramPasses(slice: {
  shopId: ShopId;
  programId: string;
  after: string | null;
}): Promise<void> {
  await withShop(slice.shopId, async (tx) => {
    const last = await touchSlice(tx, {
      programId: slice.programId,
      after: slice.after as MemberId | null,
      limit: sliceMax,
    });
    if (last !== null) await enqueue(tx, 'touch-program-passes', { programId: slice.programId, after: last });
  });
}
