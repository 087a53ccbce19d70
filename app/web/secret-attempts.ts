/**
 * Guessing secrets is slowed down before any hash is computed. Attempts are counted per client and network of the caller, in
 * memory, under a digest with a salt of this process: no address is kept.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { env } from '#app/lib/env.ts';
import { RateLimited } from '#app/lib/errors.ts';

const limits = { attemptsMax: 20, windowSeconds: 60 };
const salt = randomBytes(32);
const limiter = new RateLimiterMemory({ points: limits.attemptsMax, duration: limits.windowSeconds });

/** The caller's address, as told by the nearest proxies we trust. */
function addressOf(request: IncomingMessage): string {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim());
  const hops = [...forwarded.filter((part) => part !== ''), request.socket.remoteAddress ?? ''];
  return hops.at(-1 - env().TRUSTED_PROXY_HOPS) ?? hops[0] ?? '';
}

/** Somebody's whole network: /24, or /56 of IPv6. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/, '');
  if (!isIPv6(plain)) return plain.split('.').slice(0, 3).join('.');
  const [head = '', tail = ''] = plain.split('::');
  const left = head.split(':').filter((part) => part !== '');
  const right = tail.split(':').filter((part) => part !== '');
  const groups = plain.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left;
  const bits = groups
    .slice(0, 4)
    .map((group) => group.padStart(4, '0'))
    .join('');
  return bits.slice(0, 14);
}

export type SecretAttempt = { succeeded: () => Promise<void> };

/** Counts an attempt; a success takes all of them back. Throws `RateLimited` when there were too many. */
export async function countSecretAttempt(request: IncomingMessage, clientId: string): Promise<SecretAttempt> {
  const key = createHash('sha256')
    .update(salt)
    .update(`${networkOf(addressOf(request))} ${clientId}`)
    .digest('base64');
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
