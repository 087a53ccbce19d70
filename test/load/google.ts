/**
 * How fast four real workers keep cards at Google fresh while everything is redrawn: never more than twenty calls in any
 * second, hardly fewer in the long run, and what a shopper waits for goes before the rest. There is no baseline: the measure is
 * what Google allows. The stand-in refuses the twenty-first call of a second, and a single refusal fails the bench.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { openSystem } from '#app/flows/system/open-system.ts';
import {
  type BenchDatabase,
  type BenchResult,
  median,
  openBenchDatabase,
  percentile,
  rounded,
} from '#test/load/support.ts';
import { type GoogleWalletPlatform, startGoogleWallet } from '#test/platform/google-wallet.ts';
import { type ManagedProcess, startProcess } from '#test/platform/processes.ts';
import { makeShop, testEnvironment, type TestShop } from '#test/support/factories.ts';
import { mostWithin } from '#test/support/google-cards.ts';

const workers = 4;
const callsPerSecondMax = 20;
const callsPerSecondMin = 19;
/** A shopper's change every so often, among all that bulk. */
const urgentEveryMs = 1_000;
const startTimeoutMs = 30_000;
const warmUpMs = 3_000;

/** Members with a Google card each. */
async function plantCards(database: BenchDatabase, shop: TestShop, count: number): Promise<string[]> {
  await database.sql(
    `insert into member (shop_id, id, program_id, card_id, enrolled_at, enrolled_via, locale)
     select $1, gen_random_uuid(), $2, left(replace(gen_random_uuid()::text, '-', ''), 22), now(), 'api', 'en'
     from generate_series(1, $3)`,
    [shop.shopId, shop.programId, count],
  );
  const rows = await database.sql<{ id: string }>(
    `insert into pass (shop_id, id, member_id, wallet, serial)
     select shop_id, gen_random_uuid(), id, 'google', left(replace(gen_random_uuid()::text, '-', ''), 22)
     from member where shop_id = $1 returning id`,
    [shop.shopId],
  );
  return rows.map(({ id }) => id);
}

async function askFor(database: BenchDatabase, shop: TestShop, passIds: string[], isBulk: boolean): Promise<void> {
  await database.sql(
    `insert into outbox (shop_id, job, payload)
     select $1, 'sync-google', jsonb_build_object('shopId', $1::uuid, 'passId', id, 'isBulk', $3::boolean)
     from unnest($2::uuid[]) as id`,
    [shop.shopId, passIds, isBulk],
  );
}

/** How long a shopper's change takes to be at Google, one after the other until the bulk is done. */
async function measureUrgent(
  database: BenchDatabase,
  google: GoogleWalletPlatform,
  work: { shop: TestShop; passIds: string[]; until: number },
): Promise<number[]> {
  const waits: number[] = [];
  for (const passId of work.passIds) {
    if (performance.now() > work.until) break;
    const [pass] = await database.sql<{ serial: string }>('select serial from pass where id = $1', [passId]);
    const objectId = `${google.issuerId}.${pass?.serial}`;
    const askedAt = performance.now();
    await askFor(database, work.shop, [passId], false);
    while (google.objectById(objectId) === undefined && performance.now() - askedAt < startTimeoutMs) await delay(5);
    waits.push(performance.now() - askedAt);
    await delay(urgentEveryMs);
  }
  return waits;
}

function startWorkers(environment: Record<string, string>): ManagedProcess[] {
  return Array.from({ length: workers }, (_, index) =>
    startProcess({
      name: `worker-${index + 1}`,
      program: 'workers/main.ts',
      arguments: ['--lanes', 'google'],
      environment: { ...process.env, ...environment },
      isRestarting: false,
      onLine: (line) => console.error(`worker-${index + 1}: ${line}`),
      onCrash: (reason) => console.error(`worker-${index + 1}: ! ${reason}`),
    }),
  );
}

type Stage = { database: BenchDatabase; google: GoogleWalletPlatform; shop: TestShop };

async function measure({ database, google, shop }: Stage, durationMs: number): Promise<BenchResult> {
  // Each new card is two calls: a change that finds nothing, and the object.
  const cards = Math.ceil((durationMs / 1_000) * callsPerSecondMax) + 100;
  const passIds = await plantCards(database, shop, cards);
  const urgent = passIds.splice(0, Math.ceil(durationMs / urgentEveryMs));
  await askFor(database, shop, passIds, true);
  const deadline = performance.now() + startTimeoutMs;
  while (google.callTimes.length === 0 && performance.now() < deadline) await delay(20);
  const until = performance.now() + durationMs;
  const waits = await measureUrgent(database, google, { shop, passIds: urgent, until });
  const times = google.callTimes.filter((at) => at <= until);
  // While the workers start one after the other there is nobody to call.
  const [begun = 0] = times;
  const steady = times.filter((at) => at >= begun + warmUpMs);
  const [first = 0, last = 0] = [steady[0], steady.at(-1)];
  const callsPerSecond = ((steady.length - 1) * 1_000) / (last - first);
  const refused = google.requests.filter(({ status }) => status === 429).length;
  const mostInASecond = mostWithin(1_000, times);
  if (refused > 0 || mostInASecond > callsPerSecondMax)
    throw new Error(`${mostInASecond} calls in a second, ${refused} refused`);
  return {
    bench: 'google',
    ratio: null,
    ratios: {},
    rounds: 1,
    workers,
    calls: times.length,
    callsPerSecond: rounded(callsPerSecond, 2),
    mostInASecond,
    refused,
    isSustained: callsPerSecond >= callsPerSecondMin,
    urgentCards: waits.length,
    urgentP50Ms: rounded(median(waits)),
    urgentP90Ms: rounded(percentile(waits, 0.9)),
  };
}

/** Runs the bench. Fails when a second holds more than twenty calls. */
export async function benchGoogle({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const google = await startGoogleWallet({ callsPerSecondMax });
  const folder = await mkdtemp(path.join(tmpdir(), 'stampwell-bench-'));
  const account = path.join(folder, 'account.json');
  const { clientEmail, privateKeyPem } = google.serviceAccount;
  await writeFile(account, JSON.stringify({ client_email: clientEmail, private_key: privateKeyPem }), { mode: 0o600 });
  const database = await openBenchDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 2 });
  const children = startWorkers({
    ...testEnvironment,
    LOG_LEVEL: 'warn',
    DATABASE_URL: database.url,
    GOOGLE_SERVICE_ACCOUNT_FILE: account,
    GOOGLE_ISSUER_ID: google.issuerId,
    GOOGLE_WALLET_URL: google.url,
  });
  try {
    const shop = await makeShop();
    return await measure({ database, google, shop }, isQuick ? 20_000 : 60_000);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await system.close();
    await database.close();
    await google.close();
    await rm(folder, { recursive: true });
  }
}
