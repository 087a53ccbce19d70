/** Lanes to Apple work on a thread of their own: what is asked here comes back in order, whatever becomes of the thread. */
import { createSecureServer } from 'node:http2';
import type { Worker } from 'node:worker_threads';

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { type ApnsLane, closeLanes, createApnsLane, openLanes } from '#app/gateways/apns-lanes.ts';
import { type ApnsPlatform, startApns } from '#test/platform/apns.ts';
import { type CertificatePems, makeCertificates, testPassTypeIdentifier } from '#test/platform/certificates.ts';
import { listen } from '#test/platform/http.ts';
import { trustRoot } from '#test/support/trust-root.ts';

const topic = testPassTypeIdentifier;
const tokenOf = (index: number) => index.toString(16).padStart(64, '0');
const tokens = (count: number) => Array.from({ length: count }, (_, index) => tokenOf(index));

let pems: CertificatePems;
let distrust: () => void;
let platform: ApnsPlatform;
const lanes: ApnsLane[] = [];
const threads: Worker[] = [];
const noteThread = (worker: Worker) => threads.push(worker);

beforeAll(async () => {
  pems = await makeCertificates();
  distrust = trustRoot(pems.root);
  platform = await startApns({ certificates: pems, latencyMs: 20 });
  process.on('worker', noteThread);
});

afterEach(async () => {
  for (const lane of lanes.splice(0)) await lane.close();
  await closeLanes();
  threads.splice(0);
  platform.clearFaults();
  platform.accepted.splice(0);
});

afterAll(async () => {
  process.off('worker', noteThread);
  await platform.close();
  distrust();
});

function makeLane(url = platform.url): ApnsLane {
  const lane = createApnsLane({ url, certificatePem: pems.passCertificate, keyPem: pems.passKey });
  lanes.push(lane);
  return lane;
}

it('answers for each device, in the order in which they were named', async () => {
  platform.fail(tokenOf(1), { kind: 'gone', timestampMs: 1_700_000_000_000 }, 1);
  platform.fail(tokenOf(3), { kind: 'throttled', retryAfterS: 7 }, 1);
  expect(await makeLane().push([...tokens(4), 'not a token'], topic)).toEqual([
    { kind: 'accepted' },
    { kind: 'gone', since: new Date(1_700_000_000_000) },
    { kind: 'accepted' },
    { kind: 'throttled', retryAfterMs: 7_000 },
    { kind: 'bad-token' },
  ]);
});

it('has one thread for all lanes, until they are closed', async () => {
  const [one, other] = [makeLane(), makeLane()];
  await openLanes();
  const told = await Promise.all([one.push(tokens(50), topic), other.push(tokens(50), topic)]);
  expect(told.flat().every(({ kind }) => kind === 'accepted')).toBe(true);
  expect(threads).toHaveLength(1);
  let hasEnded = false;
  threads[0]?.once('exit', () => (hasEnded = true));
  await one.close();
  expect([hasEnded, (await other.push(tokens(1), topic)).length]).toEqual([false, 1]);
  await other.close();
  await closeLanes();
  await closeLanes();
  expect(hasEnded).toBe(true);
});

it('tells those to come again whose thread dies, and goes on with another', async () => {
  const lane = makeLane();
  await lane.push(tokens(1), topic);
  platform.fail('*', { kind: 'silence' }, 1_000);
  const pushing = lane.push(tokens(3), topic);
  await threads[0]?.terminate();
  const ended = { kind: 'unavailable', reason: 'the pushing thread ended' };
  expect(await pushing).toEqual([ended, ended, ended]);
  platform.clearFaults();
  expect(await lane.push(tokens(2), topic)).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }]);
  expect(threads).toHaveLength(2);
});

it('is not told of the end of a thread that another has followed', async () => {
  const one = makeLane();
  await one.push(tokens(1), topic);
  await one.close();
  const closing = closeLanes();
  const other = makeLane();
  const told = await Promise.all([other.push(tokens(40), topic), closing]);
  expect(told[0].every(({ kind }) => kind === 'accepted')).toBe(true);
  expect((await other.push(tokens(1), topic))[0]).toEqual({ kind: 'accepted' });
});

it('waits for what is under way when it is closed, and takes nothing after', async () => {
  const lane = makeLane();
  const pushing = lane.push(tokens(30), topic);
  await lane.close();
  await lane.close();
  expect((await pushing).map(({ kind }) => kind)).toEqual(tokens(30).map(() => 'accepted'));
  await expect(lane.push(tokens(1), topic)).rejects.toMatchObject({ name: 'Unavailable', code: 'apns-closed' });
});

it('throws for a mistake of ours what it would throw without a thread', async () => {
  const { serverKey: key, serverCertificate: cert } = pems;
  const strange = createSecureServer({ key, cert }, (request, response) => {
    request.resume();
    response.writeHead(418).end('{"reason":"PayloadTooLarge"}');
  });
  const lane = makeLane(`https://localhost:${await listen(strange, 0)}`);
  await expect(lane.push(tokens(2), topic)).rejects.toMatchObject({ name: 'Rejected', code: 'apns-refused' });
  await lane.close();
  await new Promise((resolve) => strange.close(resolve));
});
