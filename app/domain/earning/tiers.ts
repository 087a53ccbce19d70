/**
 * The tier a member has, and the way to the next. Qualifying counts what was earned or kept net of refunds and
 * cancellations, each from its own time on; spending and manual grants never count. Of events only what they earned counts,
 * when a unit qualifies. An order that lifts a tier still counts at the old one. How a tier is held and reviewed is told
 * in tier-course.ts.
 *
 * A tier follows from the whole history under the tiers of one document. New tiers look at the old sales too, so progress
 * is never lost when they change.
 */
import { type MemberHistory, tierCourseTo } from '#app/domain/earning/history.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export type TierState = {
  /** Null below the first tier. */
  tierId: string | null;
  name: string | null;
  since: Date | null;
  /** The instant at which the tier is lost if nothing more is bought or given back; null when it never is. */
  heldUntil: Date | null;
  /** What qualifies in the window now: units, minor units of the shop's currency, or orders. */
  progress: number;
  /** Null at the highest tier. */
  next: { tierId: string; name: string; missing: number } | null;
};

/**
 * The member's tier at an instant, by the tiers of this document; null when it has none. What happens at that very instant
 * counts. Throws RangeError for a time zone that does not exist.
 */
export function tierAt(
  history: MemberHistory,
  { at, document, timeZone }: { at: Date; document: ProgramDocument; timeZone: string },
): TierState | null {
  const { tiers } = document;
  if (tiers === null) return null;
  const course = tierCourseTo(history, { at, tiers, timeZone });
  const { level, sinceMs } = course.standAt(at.getTime());
  const { progress, heldUntilMs } = course.outlook();
  const tier = tiers.levels[level];
  const next = tiers.levels[level + 1];
  const missing = next === undefined ? 0n : BigInt(next.threshold) - progress;
  return {
    tierId: tier?.id ?? null,
    name: tier?.name ?? null,
    since: sinceMs === null ? null : new Date(sinceMs),
    heldUntil: heldUntilMs === null ? null : new Date(heldUntilMs),
    progress: Number(progress),
    next:
      next === undefined ? null : { tierId: next.id, name: next.name, missing: Number(missing > 0n ? missing : 0n) },
  };
}
