/** What goes wrong on a pass's way to its wallet is kept with the pass, so that people can see why a card is behind. */
import { noteProblem } from '#app/data/cards/freshness.ts';
import { withShop } from '#app/data/tenancy.ts';
import { isFailure } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

type PassJob = { shopId: ShopId; passId: string };

const unknownProblem = 'unknown-error';

/** Does a pass's work; when it fails, notes the failure's code and throws it on. */
export async function watchPass<Job extends PassJob>(job: Job, work: (job: Job) => Promise<void>): Promise<void> {
  try {
    await work(job);
  } catch (error) {
    const code = isFailure(error) ? error.code : unknownProblem;
    // While the database does not answer, the failure itself is what matters.
    await withShop(job.shopId, (tx) => noteProblem(tx, job.passId, code)).catch(() => undefined);
    throw error;
  }
}
