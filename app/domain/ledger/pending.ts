/** When what was earned can be spent. */
import type { ProgramSettings } from '#app/domain/programs/program.ts';

const dayMs = 86_400_000;

/**
 * The instant from which what a sale earned can be spent; null while the sale is not fulfilled and has to be. Days are
 * 24 hours from the sale. Only sales wait: what is given for an event or by hand can be spent at once.
 */
export function availableFrom(
  pending: ProgramSettings['pending'],
  sale: { madeAt: Date; fulfilledAt: Date | null },
): Date | null {
  const { madeAt, fulfilledAt } = sale;
  if (pending.until === 'at-once') return madeAt;
  if (pending.until === 'days') return new Date(madeAt.getTime() + pending.days * dayMs);
  return fulfilledAt === null || fulfilledAt > madeAt ? fulfilledAt : madeAt;
}
