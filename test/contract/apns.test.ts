import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApnsClient, type ApnsLimits, apnsLimits, createApnsClient } from '#app/gateways/apns.ts';
import type { PushOutcome } from '#app/domain/cards/push-outcome.ts';
import { type ApnsPlatform, type ApnsPlatformOptions, startApns } from '#test/platform/apns.ts';
import { type CertificatePems, makeCertificates, testPassTypeIdentifier } from '#test/platform/certificates.ts';
import { keptCertificates } from '#test/support/kept-certificates.ts';
import { trustRoot } from '#test/support/trust-root.ts';

const topic = testPassTypeIdentifier;
const tokenOf = (index: number) => index.toString(16).padStart(64, '0');
const impatient: ApnsLimits = { ...apnsLimits, requestTimeoutMs: 1_000 };

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

async function arrange(options: Partial<ApnsPlatformOptions> = {}, limits: ApnsLimits = apnsLimits) {
  const platform = await startApns({ certificates: pems, ...options });
  const client = connectTo(platform, pems, limits);
  open.push(client, platform);
  return { platform, client };
}

function connectTo(platform: ApnsPlatform, { passCertificate, passKey }: CertificatePems, limits = apnsLimits) {
  return createApnsClient({ url: platform.url, certificatePem: passCertificate, keyPem: passKey }, limits);
}

function pushMany(client: ApnsClient, count: number): Promise<PushOutcome[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => client.push(tokenOf(index), topic)));
}

describe('a push', () => {
  it('A1, A2, A3: reaches Apple under the pass certificate, with its topic and an empty dictionary', async () => {
    const { platform, client } = await arrange();
    expect(await client.push(tokenOf(1), topic)).toEqual({ kind: 'accepted' });
    expect(platform.accepted).toMatchObject([{ pushToken: tokenOf(1), topic }]);
    expect(platform.problems).toEqual([]);
  });

  it('A1: under a certificate of another authority reaches nobody, and no device is blamed', async () => {
    const { platform } = await arrange();
    const stranger = connectTo(platform, await makeCertificates());
    open.push(stranger);
    expect(await stranger.push(tokenOf(1), topic)).toEqual({ kind: 'unavailable', reason: 'closed while connecting' });
    expect(platform.accepted).toEqual([]);
  });

  it('A3: to a topic that is not the certificate’s stops the lane rather than the device', async () => {
    const { client } = await arrange();
    expect((await client.push(tokenOf(1), 'pass.com.example.other')).kind).toBe('certificate-refused');
  });

  it('A4: to a device that is gone says since when', async () => {
    const { platform, client } = await arrange();
    platform.fail(tokenOf(1), { kind: 'gone', timestampMs: 1_700_000_000_000 }, 1);
    expect(await client.push(tokenOf(1), topic)).toEqual({ kind: 'gone', since: new Date(1_700_000_000_000) });
  });

  it('A5: to a token that Apple does not know, or that is no token at all, says so', async () => {
    const { platform, client } = await arrange();
    platform.fail(tokenOf(1), { kind: 'bad-token' }, 1);
    expect(await client.push(tokenOf(1), topic)).toEqual({ kind: 'bad-token' });
    expect(await client.push('../../3/device', topic)).toEqual({ kind: 'bad-token' });
  });

  it('A5: to a token of any other form is left for Apple to judge, unless it would be a path of its own', async () => {
    const { platform, client } = await arrange();
    for (const token of ['short', 'not-hex_at.all~'])
      expect(await client.push(token, topic)).toEqual({ kind: 'bad-token' });
    expect(platform.problems).toEqual(['400 BadDeviceToken', '400 BadDeviceToken']);
    for (const token of ['', '.', '..', 'a/b', 'a?b', 'x'.repeat(201)])
      expect(await client.push(token, topic)).toEqual({ kind: 'bad-token' });
    expect(platform.problems).toHaveLength(2);
  });

  it('A6: that meets a refused certificate names Apple’s reason', async () => {
    const { platform, client } = await arrange();
    platform.fail('*', { kind: 'certificate-refused' }, 1);
    expect(await client.push(tokenOf(1), topic)).toMatchObject({
      kind: 'certificate-refused',
      reason: 'BadCertificate',
    });
  });

  it('A7: that is throttled or meets an outage says when to come back', async () => {
    const { platform, client } = await arrange();
    platform.fail(tokenOf(1), { kind: 'throttled', retryAfterS: 7 }, 1);
    platform.fail(tokenOf(2), { kind: 'unavailable' }, 1);
    platform.fail(tokenOf(3), { kind: 'unavailable', retryAfterS: 3 }, 1);
    expect(await client.push(tokenOf(1), topic)).toEqual({ kind: 'throttled', retryAfterMs: 7_000 });
    expect(await client.push(tokenOf(2), topic)).toEqual({ kind: 'unavailable', reason: 'status 503' });
    expect(await client.push(tokenOf(3), topic)).toEqual({
      kind: 'unavailable',
      reason: 'status 503',
      retryAfterMs: 3_000,
    });
  });

  it('says that Apple is unavailable when nobody listens', async () => {
    const { platform } = await arrange();
    await platform.close();
    const client = connectTo(platform, pems);
    open.splice(0, open.length, client);
    expect(await client.push(tokenOf(1), topic)).toEqual({ kind: 'unavailable', reason: 'ECONNREFUSED' });
  });

  it('is refused by a client that was closed', async () => {
    const { client } = await arrange();
    await client.close();
    await expect(client.push(tokenOf(1), topic)).rejects.toThrow('closed');
  });
});

describe('many pushes', () => {
  it('A9: a thousand share one connection', async () => {
    const { platform, client } = await arrange();
    const outcomes = await pushMany(client, 1_000);
    expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(new Set(platform.accepted.map(({ pushToken }) => pushToken)).size).toBe(1_000);
    expect(platform.connections()).toBe(1);
  });

  it('never have more in flight than Apple allows', async () => {
    const { platform, client } = await arrange({ maxConcurrentStreams: 5, latencyMs: 5 });
    const outcomes = await pushMany(client, 60);
    expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(platform.mostInFlight()).toBeLessThanOrEqual(5);
    expect(platform.connections()).toBe(1);
  });

  it('A8: survive being told to go away: none is lost and none is accepted twice', async () => {
    const { platform, client } = await arrange({ latencyMs: 5 });
    await client.push(tokenOf(5_000), topic);
    platform.fail(tokenOf(50), { kind: 'go-away' }, 1);
    const outcomes = await pushMany(client, 200);
    expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
    const tokens = platform.accepted.map(({ pushToken }) => pushToken);
    expect(new Set(tokens).size).toBe(201);
    expect(tokens).toHaveLength(201);
    expect(platform.connections()).toBe(2);
  });

  it('A8: go on however often Apple closes an idle connection', async () => {
    const { platform, client } = await arrange();
    for (let round = 1; round <= 5; round += 1) {
      expect(await client.push(tokenOf(round), topic)).toEqual({ kind: 'accepted' });
      platform.goAway();
      await wait(20);
      expect(platform.connections()).toBe(round);
    }
  });

  it('A8: survive a connection that breaks: none is lost', async () => {
    const { platform, client } = await arrange({ latencyMs: 5 });
    await client.push(tokenOf(5_000), topic);
    platform.fail(tokenOf(50), { kind: 'reset' }, 1);
    const outcomes = await pushMany(client, 200);
    expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(new Set(platform.accepted.map(({ pushToken }) => pushToken)).size).toBe(201);
  });

  it('give up on a connection that breaks every time', async () => {
    const { platform, client } = await arrange();
    platform.fail('*', { kind: 'reset' }, 100);
    expect((await client.push(tokenOf(1), topic)).kind).toBe('unavailable');
    expect(platform.connections()).toBe(apnsLimits.sendsMax);
  });

  it('do not wait for a connection that fell silent: it is left, and the next push opens another', async () => {
    const { platform, client } = await arrange({}, impatient);
    await client.push(tokenOf(1), topic);
    platform.fail(tokenOf(2), { kind: 'silence' }, 1);
    expect(await client.push(tokenOf(2), topic)).toEqual({ kind: 'unavailable', reason: 'no answer in time' });
    expect(await client.push(tokenOf(9), topic)).toEqual({ kind: 'accepted' });
    expect(platform.connections()).toBe(2);
  });

  it('are answered before a client that is closing goes', async () => {
    const { platform, client } = await arrange({ latencyMs: 30 });
    const pushes = pushMany(client, 20);
    await client.close();
    expect((await pushes).every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(platform.accepted).toHaveLength(20);
  });
});
