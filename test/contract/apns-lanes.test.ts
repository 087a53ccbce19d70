/** A lane to Apple as a whole: when it stops, how it finds out that it may go on, and that nothing piles up meanwhile. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PushOutcome } from '#app/domain/cards/push-outcome.ts';
import { type ApnsClient, type ApnsLimits, apnsLimits, createApnsClient } from '#app/gateways/apns.ts';
import { type ApnsPlatform, type ApnsPlatformOptions, startApns } from '#test/platform/apns.ts';
import { type CertificatePems, testPassTypeIdentifier } from '#test/platform/certificates.ts';
import { keptCertificates } from '#test/support/kept-certificates.ts';
import { trustRoot } from '#test/support/trust-root.ts';

const topic = testPassTypeIdentifier;
const tokenOf = (index: number) => index.toString(16).padStart(64, '0');
/** The product's pauses, so much shorter that a test need not wait for them. Answers may take as long as in the product. */
const brief: ApnsLimits = { ...apnsLimits, certificatePauseMs: 150, silencePauseMs: 50, silencePauseMaxMs: 200 };
/** For tests of silence: it is taken for one soon. */
const impatient: ApnsLimits = { ...brief, requestTimeoutMs: 200, connectTimeoutMs: 500 };

let pems: CertificatePems;
let distrust: () => void;
const open: { close: () => Promise<void> }[] = [];

beforeAll(async () => {
  ({ pems } = await keptCertificates());
  distrust = trustRoot(pems.root);
});

afterAll(() => distrust());

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function arrange(options: Partial<ApnsPlatformOptions> = {}, limits: ApnsLimits = brief) {
  const platform = await startApns({ certificates: pems, ...options });
  const { passCertificate: certificatePem, passKey: keyPem } = pems;
  const client = createApnsClient({ url: platform.url, certificatePem, keyPem }, limits);
  open.push(client, platform);
  return { platform, client };
}

const pushMany = (client: ApnsClient, count: number): Promise<PushOutcome[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => client.push(tokenOf(index), topic)));
const kindsOf = (outcomes: PushOutcome[]) => [...new Set(outcomes.map(({ kind }) => kind))].toSorted();

/** Pushes as jobs do: those who could not be told come again. Answers how many attempts that took. */
async function pushUntilTold(client: ApnsClient, count: number): Promise<number> {
  let waiting = Array.from({ length: count }, (_, index) => index);
  let attempts = 0;
  while (waiting.length > 0) {
    const outcomes = await Promise.all(waiting.map((index) => client.push(tokenOf(index), topic)));
    attempts += waiting.length;
    waiting = waiting.filter((_, place) => outcomes[place]?.kind !== 'accepted');
    if (waiting.length > 0) await wait(20);
  }
  return attempts;
}

const tokensOf = (platform: ApnsPlatform) => platform.accepted.map(({ pushToken }) => pushToken);

describe('A6 a lane whose certificate is refused', () => {
  it('stops: pushes are told so and Apple hears of none of them', async () => {
    const { platform, client } = await arrange({}, apnsLimits);
    platform.fail('*', { kind: 'certificate-refused' }, 1);
    await client.push(tokenOf(0), topic);
    expect(kindsOf(await pushMany(client, 300))).toEqual(['certificate-refused']);
    expect([platform.accepted.length, platform.problems.length]).toEqual([0, 1]);
  });

  it('tries one push after a while, and goes on by itself once that is taken', async () => {
    const { platform, client } = await arrange();
    platform.fail('*', { kind: 'certificate-refused' }, 2);
    await client.push(tokenOf(0), topic);
    await wait(brief.certificatePauseMs + 20);
    // The first of these is the try, and it is refused again.
    expect(kindsOf(await pushMany(client, 50))).toEqual(['certificate-refused']);
    expect(platform.problems).toHaveLength(2);
    await wait(brief.certificatePauseMs + 20);
    expect(await client.push(tokenOf(0), topic)).toEqual({ kind: 'accepted' });
    expect(kindsOf(await pushMany(client, 50))).toEqual(['accepted']);
  });
});

describe('A7 a lane that is told to come back later', () => {
  it('sends nothing until then', async () => {
    const { platform, client } = await arrange();
    platform.fail(tokenOf(0), { kind: 'unavailable', retryAfterS: 1 }, 1);
    await client.push(tokenOf(0), topic);
    const outcomes = await pushMany(client, 100);
    expect(outcomes.every((outcome) => outcome.kind === 'unavailable' && outcome.isUnsent)).toBe(true);
    expect(platform.accepted).toEqual([]);
    await wait(1_050);
    expect(await client.push(tokenOf(0), topic)).toEqual({ kind: 'accepted' });
  });

  it('goes on for the others when it was about one device', async () => {
    const { platform, client } = await arrange();
    platform.fail(tokenOf(0), { kind: 'throttled', retryAfterS: 60 }, 5);
    const outcomes = await pushMany(client, 20);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['throttled', ...Array.from({ length: 19 }, () => 'accepted')]);
  });
});

describe('a lane in an outage', () => {
  it('rests when nobody answers, and loses and doubles nothing when Apple is back', async () => {
    const limits = { ...impatient };
    const { platform, client } = await arrange({}, limits);
    platform.fail('*', { kind: 'silence' }, 1_000_000);
    const startedAt = Date.now();
    while (Date.now() - startedAt < 1_500) {
      expect(kindsOf(await pushMany(client, 200))).toEqual(['unavailable']);
      await wait(20);
    }
    // Nothing is under way, and from here on an answer may take its time: whoever did not wait for it would push twice.
    Object.assign(limits, brief);
    platform.clearFaults();
    await pushUntilTold(client, 200);
    expect(tokensOf(platform).toSorted()).toEqual(Array.from({ length: 200 }, (_, index) => tokenOf(index)));
    // Connections are given up with their silence; few are opened to find out, not one for each push.
    expect(platform.connections()).toBeLessThan(15);
  });

  it('gets by with a server that resets every connection for a while', async () => {
    const { platform, client } = await arrange();
    platform.fail('*', { kind: 'reset' }, 1_000_000);
    setTimeout(() => platform.clearFaults(), 800);
    await pushUntilTold(client, 100);
    expect(new Set(tokensOf(platform)).size).toBe(100);
  });

  it('answers every push in bounded time while it lasts', async () => {
    const { platform, client } = await arrange({}, impatient);
    platform.fail('*', { kind: 'silence' }, 1_000_000);
    for (let round = 0; round < 8; round += 1) {
      const startedAt = Date.now();
      expect(kindsOf(await pushMany(client, 50))).toEqual(['unavailable']);
      // Half of what they would wait one after the other.
      expect(Date.now() - startedAt).toBeLessThan((50 * impatient.requestTimeoutMs) / 2);
    }
  });
});

it('a lane never holds more pushes than it may: the rest is told to come again, and nothing is lost', async () => {
  const { platform, client } = await arrange(
    { latencyMs: 5, maxConcurrentStreams: 20 },
    { ...brief, pushesMax: 50, fullPauseMs: 10 },
  );
  const outcomes = await pushMany(client, 200);
  expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(50);
  expect(outcomes.at(-1)).toEqual({
    kind: 'unavailable',
    reason: 'too many pushes wait',
    retryAfterMs: 10,
    isUnsent: true,
  });
  expect(platform.mostInFlight()).toBeLessThanOrEqual(20);
  await pushUntilTold(client, 200);
  expect(new Set(tokensOf(platform)).size).toBe(200);
});
