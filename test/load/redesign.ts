/**
 * A new design for very many members: their phones are woken no faster than they can be served, every one of them ends up
 * with the new card, no fetch fails, and a worker that is killed in the middle changes none of that.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { passToken } from '#app/data/cards/passes.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { type BenchResult, openBenchDatabase, percentile, rounded } from '#test/load/support.ts';
import { startApns } from '#test/platform/apns.ts';
import { ensureCertificates, readCertificates, testPassTypeIdentifier } from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';
import { call } from '#test/platform/http.ts';
import { startProcess } from '#test/platform/processes.ts';
import { makeShop, type TestShop } from '#test/support/factories.ts';
import { makeDevices, type ManyDevices } from '#test/support/many-devices.ts';

export type RedesignFigures = {
  devices: number;
  /** Phones that hold the new card in the end. */
  renewed: number;
  /** Pushes beyond one per device: those that a killed worker did not live to write down. */
  pushedAgain: number;
  /** Fetches that were answered with 5xx, or not at all. */
  failedFetches: number;
  /** What they said, each once. */
  troubles: string[];
  mostPushesInASecond: number;
  fetchP99Ms: number;
  seconds: number;
};

type Scenario = { databaseUrl: string; devices: number; perSecond: number; timeoutMs: number };

/** A phone opens its connection when it comes round to it. */
const wakeMs = 300;
/** How far along the redesign is when a worker is killed. */
const killAtShare = 0.3;

type Phones = { renewed: Set<string>; troubles: string[]; latenciesMs: number[]; wake: (pushToken: string) => void };

function createPhones(edgeUrl: string, made: ManyDevices, tokenOf: (serial: string) => string): Phones {
  const serialOf = new Map(made.pushTokens.map((pushToken, index) => [pushToken, made.serials[index] ?? '']));
  const fetchPass = async (serial: string): Promise<void> => {
    await delay(Math.random() * wakeMs);
    let trouble = '';
    const answer = await call({
      url: `${edgeUrl}/wallet/apple/v1/passes/${testPassTypeIdentifier}/${serial}`,
      headers: { authorization: `ApplePass ${tokenOf(serial)}` },
    }).catch((error: unknown) => {
      trouble = String(error);
      return null;
    });
    if (answer?.status === 200) phones.renewed.add(serial);
    else phones.troubles.push(trouble === '' ? `status ${answer?.status}` : trouble);
    if (answer !== null) phones.latenciesMs.push(answer.durationMs);
  };
  const phones: Phones = {
    renewed: new Set(),
    troubles: [],
    latenciesMs: [],
    wake: (pushToken) => void fetchPass(serialOf.get(pushToken) ?? ''),
  };
  return phones;
}

async function redesign(shop: TestShop): Promise<void> {
  await withShop(shop.shopId, async (tx) => {
    const design = { ...starterDesign('Redesigned'), backgroundColor: '#123456' };
    await insertCardDesign(tx, shop.programId, { design, at: new Date() });
    await enqueue(tx, 'touch-program-passes', { programId: shop.programId, after: null });
  });
}

function mostInASecond(times: number[]): number {
  let [most, first] = [0, 0];
  for (const [last, time] of times.entries()) {
    while ((times[first] ?? time) <= time - 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Runs it once, with a worker killed on the way. `APPLE_…` files must be named in the environment. */
export async function runRedesign({ databaseUrl, devices, perSecond, timeoutMs }: Scenario): Promise<RedesignFigures> {
  const files = await ensureCertificates(path.join(dataDirectory(), 'certificates'));
  let phones: Phones | undefined;
  const apns = await startApns({
    certificates: await readCertificates(files),
    onPush: ({ pushToken }) => phones?.wake(pushToken),
  });
  Object.assign(process.env, {
    APPLE_PASS_CERTIFICATE_FILE: files.passCertificate,
    APPLE_PASS_KEY_FILE: files.passKey,
    APPLE_WWDR_CERTIFICATE_FILE: files.wwdr,
    APNS_URL: apns.url,
    PASS_FETCHES_PER_SECOND: String(perSecond),
  });
  const environment = { ...process.env, DATABASE_URL: databaseUrl, NODE_EXTRA_CA_CERTS: files.root };
  const system = await openSystem({ databaseUrl, role: 'stampwell_worker', connectionsMax: 4 });
  const edge = fork(path.join(import.meta.dirname, 'edge-server.ts'), {
    env: environment,
  });
  const [port] = (await once(edge, 'message')) as [number];
  const worker = startProcess({
    name: 'worker',
    program: 'workers/main.ts',
    arguments: [],
    environment,
    isRestarting: false,
    onLine: () => undefined,
    onCrash: () => undefined,
  });
  try {
    const shop = await makeShop();
    const made = await makeDevices(shop, devices);
    const keys = await withShop(shop.shopId, readShopKeys);
    phones = createPhones(`http://127.0.0.1:${port}`, made, (serial) =>
      passToken(keys, testPassTypeIdentifier, serial),
    );
    const startedAt = performance.now();
    await redesign(shop);
    let isKilled = false;
    while (phones.renewed.size + phones.troubles.length < devices && performance.now() - startedAt < timeoutMs) {
      await delay(50);
      if (isKilled || phones.renewed.size < devices * killAtShare) continue;
      isKilled = true;
      await worker.kill('SIGKILL');
      worker.start();
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      devices,
      renewed: phones.renewed.size,
      pushedAgain: apns.accepted.length - new Set(apns.accepted.map(({ pushToken }) => pushToken)).size,
      failedFetches: phones.troubles.length,
      troubles: [...new Set(phones.troubles)].slice(0, 5),
      mostPushesInASecond: mostInASecond(apns.accepted.map(({ at }) => at.getTime())),
      fetchP99Ms: rounded(percentile(phones.latenciesMs, 0.99)),
      seconds: rounded(seconds, 1),
    };
  } finally {
    await worker.stop();
    edge.disconnect();
    await system.close();
    await apns.close();
  }
}

/** Runs the bench. Fails when a phone is left with the old card or a fetch fails. */
export async function benchRedesign({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const database = await openBenchDatabase();
  try {
    const figures = await runRedesign({
      databaseUrl: database.url,
      devices: isQuick ? 2_000 : 50_000,
      perSecond: isQuick ? 100 : 200,
      timeoutMs: isQuick ? 90_000 : 15 * 60_000,
    });
    if (figures.renewed !== figures.devices || figures.failedFetches > 0) throw new Error(JSON.stringify(figures));
    return { bench: 'redesign', ratio: null, ratios: {}, rounds: 1, ...figures };
  } finally {
    await database.close();
  }
}
