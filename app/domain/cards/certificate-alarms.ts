/** When to say that a certificate ends soon. */

/** Days before the end, each an alarm of its own; 0 is when it has ended. */
export const alarmDays = [60, 30, 14, 7, 0] as const;

const dayMs = 86_400_000;

/** Whole days until the end; negative once it is past. A last day that has begun counts as one. */
export function daysUntil(end: Date, at: Date): number {
  return Math.ceil((end.getTime() - at.getTime()) / dayMs);
}

/** Until when a certificate must hold so that no alarm is due. */
export function quietUntil(at: Date): Date {
  return new Date(at.getTime() + alarmDays[0] * dayMs);
}

/** The nearest alarm that is due, or null while the end is far. */
export function dueAlarm(end: Date, at: Date): number | null {
  const days = daysUntil(end, at);
  return alarmDays.filter((alarm) => days <= alarm).at(-1) ?? null;
}
