/**
 * How fresh the cards in wallets are: how long a wallet was behind when it caught up, and, of those that have not, why.
 *
 * It knows no clock and no queue; whoever asks brings the facts.
 */

/** Upper bounds in seconds; what took longer than the last is in one more bucket. */
export const freshnessBoundsS = [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400] as const;

/** The promise the figure is about. */
export const freshWithinS = 60;
const promisedBuckets = freshnessBoundsS.indexOf(freshWithinS) + 1;

/** Passes by bucket: one more than there are bounds. */
export type FreshnessCounts = number[];

/** Nothing counted yet. */
export function noFreshness(): FreshnessCounts {
  return Array.from({ length: freshnessBoundsS.length + 1 }, () => 0);
}

/**
 * The share of changes that reached their wallet in time, from 0 to 1; null when there were none. Cards that still wait and
 * are over the time already count as late. Rounded down to a tenth of a percent, so that 100 % means every one.
 */
export function shareInTime(counts: FreshnessCounts, stillLate: number): number | null {
  const inTime = sum(counts.slice(0, promisedBuckets));
  const all = sum(counts) + stillLate;
  return all === 0 ? null : Math.floor((inTime * 1_000) / all) / 1_000;
}

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

/** Why a wallet does not show the newest version, as far as we can tell. */
export const staleCauses = [
  'certificate-stopped',
  'not-registered',
  'throttled',
  'refused',
  'wallet-unreachable',
  'failed',
  'waiting',
  'not-fetched',
] as const;
export type StaleCause = (typeof staleCauses)[number];

export type StaleFacts = {
  wallet: 'apple' | 'google';
  version: number;
  announcedVersion: number;
  /** Apple devices that ask for updates of the pass, and those of them that were told of the newest version. */
  devices: number;
  devicesTold: number;
  /** The code of the last failure since the pass is behind. */
  problem: string | null;
};

const problemCauses: readonly [RegExp, StaleCause][] = [
  [/certificate/, 'certificate-stopped'],
  [/throttled|quota|too-many|busy/, 'throttled'],
  [/refused|rejected|invalid/, 'refused'],
  [/unavailable|unreachable|answer|race|not-configured/, 'wallet-unreachable'],
];

/**
 * The nearest cause first: a card that no phone carries needs no certificate, and what failed says more than that it waits.
 * An Apple card with nothing against it was pushed and not fetched: the phone is off, offline, or saves its battery.
 */
export function staleCauseOf(facts: StaleFacts): StaleCause {
  if (facts.wallet === 'apple' && facts.devices === 0) return 'not-registered';
  if (facts.problem !== null) {
    const { problem } = facts;
    return problemCauses.find(([pattern]) => pattern.test(problem))?.[1] ?? 'failed';
  }
  const isTold = facts.wallet === 'apple' && facts.devicesTold > 0 && facts.announcedVersion >= facts.version;
  return isTold ? 'not-fetched' : 'waiting';
}

/** Whether asking again may help. Nothing can be sent to a card that no phone carries. */
export function isWorthRetrying(cause: StaleCause): boolean {
  return cause !== 'not-registered';
}
