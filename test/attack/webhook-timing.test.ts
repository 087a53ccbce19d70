/** How long a webhook's signature takes to refuse tells nothing of how much of it was right. */
import { createHmac, randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { isSignedByShopify } from '#app/edge/webhooks.ts';
import { testEnvironment } from '#test/support/factories.ts';

const samples = 100_000;
/** Beyond this the two are different with a probability of one in a hundred thousand to be wrong. */
const tMax = 4.5;
/** What takes longer than nine in ten was interrupted by something else. */
const keptShare = 0.9;

const [newestSecret = ''] = testEnvironment.SHOPIFY_API_SECRET.split(',');

/**
 * Letters of base64 that are read in one time, whichever it is, and that differ within one byte where they are changed: what
 * somebody sent may take a time of its own to read, by its letters, and tells nothing of the right signature.
 */
const letters = 'ghijklmnopqrstuv';
const otherLetter = (letter: string) => (letter === 'g' ? 'h' : 'g');
const firstPlace = 0;
const lastPlace = 41;

/** A body whose signature has such letters in its first byte, and in its last. */
function signedBody(): { body: Buffer; right: string } {
  for (;;) {
    const body = randomBytes(1_024);
    const right = createHmac('sha256', newestSecret).update(body).digest('base64');
    if ([firstPlace, lastPlace].every((place) => letters.includes(right.charAt(place)))) return { body, right };
  }
}

const { body, right } = signedBody();

/** Signatures that are wrong in their first byte, and in their last. */
function wrongSignatures(): { early: string; late: string } {
  const changed = (place: number) => {
    const text = Buffer.from(right);
    text.write(otherLetter(right.charAt(place)), place);
    return text.toString();
  };
  return { early: changed(firstPlace), late: changed(lastPlace) };
}

/** The mean of the times that are kept, and the square of its error. */
function figuresOf(times: number[], limit: number): { mean: number; error: number } {
  const kept = times.filter((time) => time <= limit);
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length;
  const variance = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (kept.length - 1);
  return { mean, error: variance / kept.length };
}

/** Welch's t of how long both take, in turns of no order. */
function welch(check: (signature: string) => boolean, { early, late }: { early: string; late: string }): number {
  const times: [number[], number[]] = [[], []];
  const turns = randomBytes(samples);
  for (const turn of turns) {
    const isLate = turn % 2 === 1;
    const signature = isLate ? late : early;
    const startedAt = performance.now();
    check(signature);
    times[isLate ? 1 : 0].push(performance.now() - startedAt);
  }
  const limit = times.flat().toSorted((one, two) => one - two)[Math.floor(samples * keptShare)] ?? 0;
  const [one, two] = [figuresOf(times[0], limit), figuresOf(times[1], limit)];
  return (one.mean - two.mean) / Math.sqrt(one.error + two.error);
}

it('experiment 17: a signature that is wrong at its end takes as long as one that is wrong at once', () => {
  const signatures = wrongSignatures();
  const check = (signature: string) => isSignedByShopify(body, signature);
  expect([right, signatures.early, signatures.late].map(check)).toEqual([true, false, false]);
  // The measure itself: a check that gives up early is found out.
  const leaky = (signature: string) => signature === signatures.late && check(signature);
  expect(Math.abs(welch(leaky, signatures))).toBeGreaterThan(tMax);
  // What truly leaks shows every time; a moment in which the machine was busy with something else does not.
  let least = Infinity;
  for (let round = 0; round < 3 && least >= tMax; round += 1)
    least = Math.min(least, Math.abs(welch(check, signatures)));
  expect(least).toBeLessThan(tMax);
});
