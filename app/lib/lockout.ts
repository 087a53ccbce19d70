/**
 * Progressive lockout. Failures are counted under a key; past a few free ones each further failure blocks the key, for
 * twice as long as the one before. What was counted fades while nobody fails. Lives in memory, by the rules' clock.
 */

export type LockoutSettings = {
  /** So many may fail before anybody is blocked. */
  failuresFree: number;
  /** How long the first block lasts; each further failure doubles it. */
  blockMs: number;
  blockMaxMs: number;
  /** Half of what was counted is forgotten in this time. */
  halfLifeMs: number;
  keysMax: number;
};

type Count = { failures: number; atMs: number; blockedUntilMs: number };

export type Lockout = {
  /** How long a key is still blocked, in milliseconds; 0 when it may try. */
  blockedMs: (key: string, nowMs: number) => number;
  /** Counts a failure and answers how long the key is blocked from now on. */
  fail: (key: string, nowMs: number) => number;
  /** Takes one failure back: an attempt that was counted before its outcome was known, and was right. */
  forgive: (key: string) => void;
  /** Forgets a key altogether. */
  clear: (key: string) => void;
};

/** A lockout of its own. Past `keysMax` keys the one that failed longest ago is forgotten. */
export function createLockout(settings: LockoutSettings): Lockout {
  const counts = new Map<string, Count>();
  const faded = (count: Count, nowMs: number) =>
    count.failures * 0.5 ** (Math.max(0, nowMs - Math.max(count.atMs, count.blockedUntilMs)) / settings.halfLifeMs);
  return {
    blockedMs: (key, nowMs) => {
      const count = counts.get(key);
      // A failure that is yet to come was counted by a clock that has been set back since.
      return count === undefined || count.atMs > nowMs ? 0 : Math.max(0, count.blockedUntilMs - nowMs);
    },
    fail: (key, nowMs) => {
      const known = counts.get(key);
      const failures = (known === undefined ? 0 : faded(known, nowMs)) + 1;
      // Rounded: what faded between two quick tries is no try less.
      const beyond = Math.round(failures) - settings.failuresFree;
      const blockMs = beyond < 0 ? 0 : Math.min(settings.blockMaxMs, settings.blockMs * 2 ** Math.min(beyond, 40));
      // Put back at the end: the map's order is the order of the last failure.
      counts.delete(key);
      counts.set(key, { failures, atMs: nowMs, blockedUntilMs: nowMs + blockMs });
      const [oldest] = counts.size > settings.keysMax ? counts.keys() : [];
      if (oldest !== undefined) counts.delete(oldest);
      return blockMs;
    },
    forgive: (key) => {
      const known = counts.get(key);
      if (known === undefined) return;
      const failures = known.failures - 1;
      if (failures <= 0) counts.delete(key);
      else if (failures < settings.failuresFree) counts.set(key, { ...known, failures, blockedUntilMs: known.atMs });
      else counts.set(key, { ...known, failures });
    },
    clear: (key) => void counts.delete(key),
  };
}

/**
 * One spelling for what a person may write in many: full-width letters, capitals, blanks around it and invisible characters
 * within make no new target to try.
 */
export function plainTarget(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[\s\p{Cf}\p{Cc}]/gu, '')
    .toLowerCase();
}
