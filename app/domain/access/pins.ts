/** PINs of staff: which are good enough, and how wrong ones slow down. */
import { isFrequentPin } from '#app/domain/access/frequent-pins.ts';

export const pinLength = { min: 6, max: 10 } as const;

const pinPattern = /^\d{6,10}$/;

/** Why a PIN cannot be used, in words for people; null for a good one. */
export function pinProblem(pin: string): string | null {
  if (!pinPattern.test(pin)) return `A PIN has ${pinLength.min} to ${pinLength.max} digits.`;
  if (new Set(pin).size < 3 || isFrequentPin(pin))
    return 'This PIN is too easy to guess. Use no date, row, pattern or well-known number.';
  return null;
}

const firstWaitMs = 30_000;
const waitMaxMs = 60 * 60_000;

/** After this time without a try, earlier wrong ones are forgotten. */
export const failuresForgottenMs = 24 * 60 * 60_000;

/** How long the next try has to wait after so many wrong ones in a row: not at all at first, then twice as long each time. */
export function waitAfterFailures(failures: number, freeTries: number): number {
  if (failures < freeTries) return 0;
  return Math.min(waitMaxMs, firstWaitMs * 2 ** Math.min(failures - freeTries, 20));
}
