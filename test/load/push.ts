/**
 * Telling very many devices: asked for, taken share by share, opened, pushed to a sink in a process of its own and written
 * down. Beside it, in turns, a bare HTTP/2 client that pushes to the same sink and knows nothing but tokens. The pace is
 * lifted: what is measured is how fast it could go, not how fast it may.
 */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

import { askBulkPushes } from '#app/data/cards/bulk-pushes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { pushWaiting } from '#app/flows/cards/push-waiting.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { pushBare } from '#test/load/bare-push.ts';
import type { PushSinkReport } from '#test/load/push-sink.ts';
import {
  type BenchDatabase,
  type BenchResult,
  median,
  medianRatio,
  openBenchDatabase,
  rounded,
} from '#test/load/support.ts';
import {
  type CertificateFiles,
  type CertificatePems,
  ensureCertificates,
  readCertificates,
  testPassTypeIdentifier,
} from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';
import { makeShop, type TestShop } from '#test/support/factories.ts';
import { makeDevices, type ManyDevices } from '#test/support/many-devices.ts';
import { trustRoot } from '#test/support/trust-root.ts';

const noPace = '1000000';
const askedAtOnce = 2_000;

type Round = { enqueueMs: number; pushMs: number; bareMs: number };
type Means = {
  shop: TestShop;
  devices: ManyDevices;
  sink: ChildProcess;
  url: string;
  pems: CertificatePems;
  database: BenchDatabase;
};

function hear<Answer>(sink: ChildProcess, message: CertificateFiles | 'report' | 'forget'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the sink ended'));
    sink.once('exit', onExit);
    sink.once('message', (answer) => {
      sink.off('exit', onExit);
      resolve(answer as Answer);
    });
    sink.send(message);
  });
}

async function demandEachOnce({ sink, devices }: Means): Promise<void> {
  const expected: PushSinkReport = { told: devices.pushTokens.length, devices: devices.pushTokens.length, problems: 0 };
  const report = await hear<PushSinkReport>(sink, 'report');
  if (JSON.stringify(report) !== JSON.stringify(expected))
    throw new Error(`the sink counted ${JSON.stringify(report)} instead of ${JSON.stringify(expected)}`);
  await hear(sink, 'forget');
}

async function runRound(means: Means): Promise<Round> {
  const { shop, devices, url, pems, database } = means;
  await database.sql('update pass set version = version + 1, announced_version = version + 1');
  await database.sql('update device_registration set last_pushed_at = null');
  await database.sql('vacuum analyze');
  let startedAt = performance.now();
  for (let from = 0; from < devices.passIds.length; from += askedAtOnce)
    await withShop(shop.shopId, (tx) => askBulkPushes(tx, devices.passIds.slice(from, from + askedAtOnce), 0));
  const enqueueMs = performance.now() - startedAt;
  startedAt = performance.now();
  const waiting = async () => (await database.sql('select 1 from bulk_push limit 1')).length > 0;
  while (await waiting()) await pushWaiting({ shopId: shop.shopId });
  const pushMs = performance.now() - startedAt;
  await demandEachOnce(means);
  startedAt = performance.now();
  await pushBare({ url, pems, topic: testPassTypeIdentifier, pushTokens: devices.pushTokens });
  const bareMs = performance.now() - startedAt;
  await demandEachOnce(means);
  return { enqueueMs, pushMs, bareMs };
}

async function run(means: Means, isQuick: boolean): Promise<BenchResult> {
  const rounds = isQuick ? 2 : 3;
  const count = means.devices.pushTokens.length;
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const figures = await runRound(means);
    measured.push(figures);
    const [enqueue, push, bare] = [figures.enqueueMs, figures.pushMs, figures.bareMs].map((ms) =>
      rounded(ms / 1_000, 2),
    );
    console.log(`round ${round}: ${count} devices asked for in ${enqueue} s, told in ${push} s; bare ${bare} s`);
  }
  const secondsOf = (pick: (each: Round) => number) => rounded(median(measured.map(pick)) / 1_000, 2);
  const ratio = medianRatio(
    measured.map(({ bareMs }) => bareMs),
    measured.map(({ pushMs }) => pushMs),
  );
  return {
    bench: 'push',
    ratio,
    ratios: { bareClient: ratio },
    rounds,
    devices: count,
    enqueueSeconds: secondsOf(({ enqueueMs }) => enqueueMs),
    pushSeconds: secondsOf(({ pushMs }) => pushMs),
    bareSeconds: secondsOf(({ bareMs }) => bareMs),
    lost: 0,
    doubled: 0,
  };
}

/** Runs the bench. Fails when a device is told twice, or not at all. */
export async function benchPush({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const files = await ensureCertificates(path.join(dataDirectory(), 'certificates'));
  const pems = await readCertificates(files);
  const sink = fork(path.join(import.meta.dirname, 'push-sink.ts'));
  const url = `https://localhost:${await hear<number>(sink, files)}`;
  Object.assign(process.env, {
    APPLE_PASS_CERTIFICATE_FILE: files.passCertificate,
    APPLE_PASS_KEY_FILE: files.passKey,
    APPLE_WWDR_CERTIFICATE_FILE: files.wwdr,
    APNS_URL: url,
    PASS_FETCHES_PER_SECOND: noPace,
  });
  const distrust = trustRoot(pems.root);
  const database = await openBenchDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 8 });
  try {
    const shop = await makeShop();
    const devices = await makeDevices(shop, isQuick ? 20_000 : 100_000);
    return await run({ shop, devices, sink, url, pems, database }, isQuick);
  } finally {
    sink.kill();
    await system.close();
    await database.close();
    distrust();
  }
}
