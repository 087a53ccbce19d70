/**
 * Joining is open to everybody, so it is slowed down before it costs anything: per network and per program on the public
 * page, per caller and by wrong guesses on the page after an order. Counted in memory, under a keyed digest whose key lives
 * for a day and nowhere else: no address is kept or logged.
 */
import { createHmac, randomBytes } from 'node:crypto';

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { networkOf } from '#app/lib/client-address.ts';
import { isFailure, RateLimited } from '#app/lib/errors.ts';

/** A till's own network joins many: a poster at the counter sends everybody through the shop's wireless. */
export const signUpLimits = {
  perNetwork: { points: 300, duration: 600 },
  perProgram: { points: 300, duration: 60 },
  perCaller: { points: 30, duration: 60 },
  wrongOrdersPerNetwork: { points: 20, duration: 600 },
  receiptsPerCard: { points: 10, duration: 600 },
  receiptsPerNetwork: { points: 60, duration: 600 },
  preferencesPerMember: { points: 40, duration: 600 },
  preferencesPerNetwork: { points: 200, duration: 600 },
  reportsPerNetwork: { points: 10, duration: 3_600 },
  deviceReportsPerNetwork: { points: 60, duration: 60 },
} as const;

const networks = new RateLimiterMemory({ keyPrefix: 'network', ...signUpLimits.perNetwork });
const programs = new RateLimiterMemory({ keyPrefix: 'program', ...signUpLimits.perProgram });
const callers = new RateLimiterMemory({ keyPrefix: 'caller', ...signUpLimits.perCaller });
const guessers = new RateLimiterMemory({ keyPrefix: 'guesser', ...signUpLimits.wrongOrdersPerNetwork });
const cards = new RateLimiterMemory({ keyPrefix: 'receipt-card', ...signUpLimits.receiptsPerCard });
const receipts = new RateLimiterMemory({ keyPrefix: 'receipt', ...signUpLimits.receiptsPerNetwork });
const reports = new RateLimiterMemory({ keyPrefix: 'report', ...signUpLimits.reportsPerNetwork });
const devices = new RateLimiterMemory({ keyPrefix: 'device', ...signUpLimits.deviceReportsPerNetwork });
const preferences = new RateLimiterMemory({ keyPrefix: 'preferences', ...signUpLimits.preferencesPerMember });
const choosers = new RateLimiterMemory({ keyPrefix: 'chooser', ...signUpLimits.preferencesPerNetwork });
/** Orders that were asked for in vain: asking again is no new guess, the order may just be on its way. */
const guesses = new RateLimiterMemory({ ...signUpLimits.wrongOrdersPerNetwork, keyPrefix: 'guess', points: 1 });

const saltLifeMs = 24 * 3_600_000;
let salt = { bytes: randomBytes(32), madeAtMs: Date.now() };

function keyOf(address: string, ...more: string[]): string {
  if (Date.now() - salt.madeAtMs > saltLifeMs) salt = { bytes: randomBytes(32), madeAtMs: Date.now() };
  const network = networkOf(address, { ipv4: 32, ipv6: 64 });
  return createHmac('sha256', salt.bytes)
    .update(JSON.stringify([network, ...more]))
    .digest('base64');
}

function tooMany(msBeforeNext: number): RateLimited {
  return new RateLimited('too-many-sign-ups', 'Too many people joined at once', {
    retryAfterMs: msBeforeNext,
    publicMessage: 'Too many attempts. Please wait a little and try again.',
  });
}

async function count(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (result) {
    throw result instanceof RateLimiterRes ? tooMany(result.msBeforeNext) : result;
  }
}

/** Counts a form sent to a program's join page. Throws `RateLimited`. */
export async function countSignUp({ address, programId }: { address: string; programId: string }): Promise<void> {
  await count(networks, keyOf(address));
  await count(programs, programId);
}

/** Counts a receipt code typed on a card's page, right or wrong: nobody is to try them all. Throws `RateLimited`. */
export async function countReceipt({ address, memberId }: { address: string; memberId: string }): Promise<void> {
  await count(cards, memberId);
  await count(receipts, keyOf(address));
}

/** Counts a form sent from a member's preferences. Throws `RateLimited`. */
export async function countPreferences({ address, memberId }: { address: string; memberId: string }): Promise<void> {
  await count(preferences, memberId);
  await count(choosers, keyOf(address));
}

export type OrderClaim = {
  address: string;
  shopId: string;
  /** Who the session token names; null for guests. */
  subject: string | null;
  orderId: string;
};

/** An order that is not there, or is not the caller's: what a guess looks like. */
const guessCodes = new Set(['order-not-confirmed', 'order-not-yours']);

/**
 * Runs a call that claims an order to join with. A caller has 30 a minute, a guest for each order; a network has 20 orders
 * in ten minutes that turn out not to be its own, and gets one back when the order arrives after all. Throws `RateLimited`.
 */
export async function withClaimLimits<Result>(claim: OrderClaim, work: () => Promise<Result>): Promise<Result> {
  const { address, shopId, subject, orderId } = claim;
  await count(callers, subject === null ? keyOf(address, shopId, orderId) : JSON.stringify([shopId, subject]));
  const guess = { network: keyOf(address), order: keyOf(address, shopId, orderId) };
  await countGuess(guess);
  try {
    const result = await work();
    await forgiveGuess(guess);
    return result;
  } catch (error) {
    if (!isFailure(error) || !guessCodes.has(error.code)) await forgiveGuess(guess);
    throw error;
  }
}

type Guess = { network: string; order: string };

/** Counted before the answer is known, so that guessing many at once brings nothing. */
async function countGuess(guess: Guess): Promise<void> {
  const isFirst = await guesses.consume(guess.order).then(
    () => true,
    () => false,
  );
  if (!isFirst) return;
  try {
    await count(guessers, guess.network);
  } catch (error) {
    await forgiveGuess(guess);
    throw error;
  }
}

async function forgiveGuess(guess: Guess): Promise<void> {
  if (await guesses.delete(guess.order)) await guessers.reward(guess.network);
}

/** Counts a report about the security of the service. Throws `RateLimited`. */
export async function countSecurityReport({ address }: { address: string }): Promise<void> {
  await count(reports, keyOf(address));
}

/** Counts what a phone reports about a pass. Throws `RateLimited`. */
export async function countDeviceReport({ address }: { address: string }): Promise<void> {
  await count(devices, keyOf(address));
}
