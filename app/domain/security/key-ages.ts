/** How old a shop's keys get before they are replaced by themselves, and how long before somebody is told. */

const dayMs = 86_400_000;

export const keyAges = { replacedAfterDays: 365, noticeDays: 14, linkOverlapDays: 365 } as const;

export type KeyDuty = 'nothing' | 'notice' | 'replace';

/** When a key made then is replaced, where its notice was given in time. */
export function keyDueAt(createdAt: Date): Date {
  return new Date(createdAt.getTime() + keyAges.replacedAfterDays * dayMs);
}

/** What is to be done about a key now: nobody's key is replaced who was not told two weeks before. */
export function keyDuty({ createdAt, noticedAt }: { createdAt: Date; noticedAt: Date | null }, at: Date): KeyDuty {
  const noticeMs = keyAges.noticeDays * dayMs;
  const untilDueMs = keyDueAt(createdAt).getTime() - at.getTime();
  if (noticedAt === null) return untilDueMs <= noticeMs ? 'notice' : 'nothing';
  return untilDueMs <= 0 && at.getTime() - noticedAt.getTime() >= noticeMs ? 'replace' : 'nothing';
}
