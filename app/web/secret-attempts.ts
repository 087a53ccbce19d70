/**
 * Guessing secrets is slowed down before any hash is computed. Attempts are counted per client and network of the caller, in
 * memory, under a digest with a salt of this process: no address is kept.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { networkOf } from '#app/lib/client-address.ts';
import { RateLimited } from '#app/lib/errors.ts';
import { requestAddress } from '#app/web/request-address.ts';

const limits = { attemptsMax: 20, windowSeconds: 60 };
const salt = randomBytes(32);
const limiter = new RateLimiterMemory({ points: limits.attemptsMax, duration: limits.windowSeconds });

export type SecretAttempt = { succeeded: () => Promise<void> };

/** Counts an attempt; a success takes all of them back. Throws `RateLimited` when there were too many. */
export async function countSecretAttempt(request: IncomingMessage, clientId: string): Promise<SecretAttempt> {
  // Somebody who rents addresses rents them in blocks.
  const network = networkOf(requestAddress(request), { ipv4: 24, ipv6: 56 });
  const key = createHash('sha256').update(salt).update(`${network} ${clientId}`).digest('base64');
  try {
    await limiter.consume(key);
  } catch (result) {
    if (!(result instanceof RateLimiterRes)) throw result;
    throw new RateLimited('too-many-attempts', 'Too many attempts with one client id', {
      retryAfterMs: result.msBeforeNext,
      publicMessage: 'Too many attempts. Please wait and try again.',
    });
  }
  return {
    succeeded: async () => {
      await limiter.delete(key);
    },
  };
}
