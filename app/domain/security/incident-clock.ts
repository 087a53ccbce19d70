/** By when an incident must be answered, and by when others must know of a breach. */
import type { Severity } from '#app/domain/security/detectors.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How long nobody may have taken on an incident. */
const answerMinutes: Record<Severity, number> = { critical: 15, high: 60, medium: 4 * 60, low: 24 * 60 };

/** After so many, everybody who can be told was told; the incident stays overdue. */
export const escalationsMax = 5;

/** Art. 33 GDPR: the authority is told within 72 hours of becoming aware. */
const authorityHours = 72;

/** The next moment at which somebody must have answered, counted from `from`. */
export function answerBy(severity: Severity, from: Date): Date {
  return new Date(from.getTime() + answerMinutes[severity] * minuteMs);
}

/** The end of the 72 hours. */
export function authorityBy(breachAt: Date): Date {
  return new Date(breachAt.getTime() + authorityHours * hourMs);
}

/** What is left of the 72 hours: whole hours, rounded down, below 0 when they are over. */
export function hoursLeft(breachAt: Date, at: Date): number {
  return Math.floor((authorityBy(breachAt).getTime() - at.getTime()) / hourMs);
}
