/**
 * Guessing secrets is slowed down before any hash is computed, ever more the longer it goes on. Attempts are counted per
 * target and network of the caller, and per network alone for those who try many targets, in memory, under a keyed digest
 * whose key lives for a day and nowhere else: no address is kept.
 */
import { createHmac, randomBytes } from 'node:crypto';

import { networkOf } from '#app/lib/client-address.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput, RateLimited } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';
import { createLockout, plainTarget } from '#app/lib/lockout.ts';

const minuteMs = 60_000;

/** Ten wrong tries, then a minute, two, four … up to a day; an hour's rest halves what was counted. */
const perTarget = createLockout({
  failuresFree: 10,
  blockMs: minuteMs,
  blockMaxMs: 24 * 60 * minuteMs,
  halfLifeMs: 60 * minuteMs,
  keysMax: 100_000,
});
/** Somebody who tries one target after the other. Many people may share a network, so it is wider. */
const perNetwork = createLockout({
  failuresFree: 60,
  blockMs: minuteMs,
  blockMaxMs: 60 * minuteMs,
  halfLifeMs: 10 * minuteMs,
  keysMax: 100_000,
});

const saltLifeMs = 24 * 60 * minuteMs;
let salt = { bytes: randomBytes(32), madeAtMs: Date.now() };

function digestOf(...parts: string[]): string {
  if (Date.now() - salt.madeAtMs > saltLifeMs) salt = { bytes: randomBytes(32), madeAtMs: Date.now() };
  return createHmac('sha256', salt.bytes).update(JSON.stringify(parts)).digest('base64');
}

// Somebody who rents addresses rents them in blocks.
const networkOfCaller = (address: string) => networkOf(address, { ipv4: 24, ipv6: 56 });

export type SecretAttempt = { succeeded: () => void };

/**
 * Counts an attempt before its outcome is known, so that trying many at once brings nothing; a success takes it back, and
 * everything that was counted against this target from this network. Throws `RateLimited` while they are blocked.
 */
export function countSecretAttempt({ address, target }: { address: string; target: string }): SecretAttempt {
  const network = networkOfCaller(address);
  const keys = { target: digestOf(network, plainTarget(target)), network: digestOf(network) };
  const nowMs = now().getTime();
  const blockedMs = Math.max(perTarget.blockedMs(keys.target, nowMs), perNetwork.blockedMs(keys.network, nowMs));
  if (blockedMs > 0) {
    log.security('authentication failed', { code: 'too-many-attempts' });
    throw new RateLimited('too-many-attempts', 'Too many wrong secrets for one target, or from one network', {
      retryAfterMs: blockedMs,
      publicMessage: 'Too many attempts. Please wait and try again.',
    });
  }
  perTarget.fail(keys.target, nowMs);
  perNetwork.fail(keys.network, nowMs);
  return {
    succeeded: () => {
      perTarget.clear(keys.target);
      perNetwork.forgive(keys.network);
    },
  };
}

/** Whether guesses under way turn out right, by a keyed digest of who tries which secret for what. */
const underWay = new Map<string, Promise<boolean>>();

/**
 * Tries a secret by `work`, which throws unless it is right, and counts that as an attempt. A client that asks many times at
 * once with one secret makes one guess: the same secret for the same target from the same network waits for the try under
 * way, and is counted only when that one failed. Throws `RateLimited` while they are blocked, and what `work` throws.
 */
export async function trySecret<T>(
  guess: { address: string; target: string; secret: string },
  work: () => Promise<T>,
): Promise<T> {
  const key = digestOf('guess', networkOfCaller(guess.address), guess.target, guess.secret);
  const earlier = underWay.get(key);
  if (earlier !== undefined && (await earlier)) return work();
  const attempt = countSecretAttempt(guess);
  const trial = work();
  const isRight = trial.then(
    () => true,
    // What else is wrong with a request is only looked at once its secret was right.
    (error: unknown) => error instanceof InvalidInput,
  );
  underWay.set(key, isRight);
  if (await isRight) attempt.succeeded();
  if (underWay.get(key) === isRight) underWay.delete(key);
  return trial;
}
