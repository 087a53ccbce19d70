/**
 * How many signed orders of 11 KB a second the web process takes in durably over 32 connections, beside a bare node:http
 * server that does the HMAC and the same insert and nothing else. Then the latency at 70 % of the maximum.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { openSystem } from '#app/flows/system/open-system.ts';
import { coffeeOrder, pointsProgram, thinText } from '#test/load/shop-orders.ts';
import {
  type BenchDatabase,
  type BenchResult,
  median,
  medianRatio,
  openBenchDatabase,
  percentile,
  rounded,
} from '#test/load/support.ts';
import { type LoadOutcome, type LoadTarget, sendFlatOut, sendPaced, type SignedBody } from '#test/load/webhook-load.ts';
import { ensureBuild } from '#test/platform/build.ts';
import { call } from '#test/platform/http.ts';
import { freePort } from '#test/platform/ports.ts';
import { type ManagedProcess, startProcess } from '#test/platform/processes.ts';
import { makeShop, testEnvironment, type TestShop } from '#test/support/factories.ts';

const connections = 32;
const bodyCount = 64;
const readyTimeoutMs = 30_000;
const bundle = path.join(import.meta.dirname, '..', '..', 'build', 'server', 'index.js');

type Contender = { name: string; target: LoadTarget; rates: number[] };

function sign(secret: string, shopDomain: string): { bodies: SignedBody[]; bytes: number; shopDomain: string } {
  const bodies = Array.from({ length: bodyCount }, (_, index) => {
    const body = Buffer.from(JSON.stringify(coffeeOrder(7_000_000 + index)));
    return { body, hmac: createHmac('sha256', secret).update(body).digest('base64') };
  });
  return { bodies, bytes: bodies[0]?.body.length ?? 0, shopDomain };
}

async function untilListening(port: number, child: ManagedProcess): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  while (performance.now() < deadline && child.isRunning()) {
    const answer = await call({ url: `http://127.0.0.1:${port}/readyz`, method: 'GET', timeoutMs: 1_000 }).catch(
      () => null,
    );
    if (answer !== null) return;
    await delay(50);
  }
  throw new Error(`${child.name} did not start:\n${child.tail()}`);
}

type Servers = { ours: Contender; bareThin: Contender; bareRaw: Contender; stop: () => Promise<void> };

async function startServers(database: BenchDatabase, shop: TestShop): Promise<Servers> {
  const secret = randomBytes(24).toString('hex');
  const [oursPort, barePort] = [await freePort(), await freePort()];
  const { bodies, bytes, shopDomain } = sign(secret, shop.domain);
  console.log(`${bodyCount} orders of about ${bytes} bytes, ${connections} connections`);
  const start = (name: string, program: string, environment: Record<string, string>): ManagedProcess =>
    startProcess({
      name,
      program,
      arguments: [],
      environment: {
        ...process.env,
        ...testEnvironment,
        NODE_ENV: 'production',
        DATABASE_URL: database.url,
        HOST: '127.0.0.1',
        ...environment,
      },
      isRestarting: false,
      onLine: (line) => console.error(`${name}: ${line}`),
      onCrash: (reason) => console.error(`${name}: ${reason}`),
    });
  const ours = start('web', 'app/server.ts', { PORT: String(oursPort), SHOPIFY_API_SECRET: secret, LOG_LEVEL: 'warn' });
  const bare = start('baseline', 'test/load/ingest-baseline.ts', {
    PORT: String(barePort),
    BASELINE_SECRET: secret,
    BASELINE_SHOP_ID: shop.shopId,
    BASELINE_THIN: thinText(coffeeOrder(7_000_000)),
  });
  const stop = async (): Promise<void> => {
    await Promise.all([ours.stop(), bare.stop()]);
  };
  try {
    await untilListening(oursPort, ours);
    await untilListening(barePort, bare);
  } catch (error) {
    await stop();
    throw error;
  }
  const contender = (name: string, port: number, route: string): Contender => ({
    name,
    target: { port, path: route, shopDomain, bodies },
    rates: [],
  });
  return {
    ours: contender('ours', oursPort, '/webhooks/shopify'),
    bareThin: contender('bare server, same insert', barePort, '/thin'),
    bareRaw: contender('bare server, raw body', barePort, '/raw'),
    stop,
  };
}

/** Every answered request is a row, and nothing else is. */
async function countStored(database: BenchDatabase, outcome: LoadOutcome, what: string): Promise<void> {
  const [row] = await database.sql<{ stored: number }>('select count(*)::int as stored from inbox');
  if (outcome.failed > 0 || row?.stored !== outcome.ok)
    throw new Error(`${what}: ${outcome.ok} accepted and ${outcome.failed} failed, but ${row?.stored} rows`);
  await database.sql('truncate inbox');
}

async function flatOut(contender: Contender, database: BenchDatabase, durationMs: number): Promise<number> {
  const outcome = await sendFlatOut(contender.target, { connections, durationMs });
  await countStored(database, outcome, contender.name);
  return outcome.perSecond;
}

async function measure(servers: Servers, database: BenchDatabase, isQuick: boolean): Promise<BenchResult> {
  const [rounds, roundMs, pacedMs] = isQuick ? [3, 1_500, 2_500] : [7, 3_000, 8_000];
  const { bareThin, bareRaw, ours } = servers;
  const paced = { perSecond: [] as number[], p50: [] as number[], p99: [] as number[] };
  // Unmeasured: code is compiled, caches are warm.
  for (const contender of [bareThin, bareRaw, ours]) await flatOut(contender, database, 1_000);
  for (let round = 1; round <= rounds; round += 1) {
    for (const contender of [bareThin, bareRaw, ours])
      contender.rates.push(await flatOut(contender, database, roundMs));
    // Right behind its own maximum, so that both meet the machine in the same mood.
    const perSecond = (ours.rates.at(-1) ?? 0) * 0.7;
    const outcome = await sendPaced(ours.target, { connections, durationMs: pacedMs, perSecond });
    await countStored(database, outcome, 'at 70 %');
    paced.perSecond.push(outcome.perSecond);
    paced.p50.push(percentile(outcome.latenciesMs, 0.5));
    paced.p99.push(percentile(outcome.latenciesMs, 0.99));
    console.log(
      `round ${round}: ${[ours, bareThin, bareRaw].map(({ name, rates }) => `${name} ${rounded(rates.at(-1) ?? 0)}`).join(', ')} orders/s; ` +
        `at 70 % p50 ${rounded(paced.p50.at(-1) ?? 0, 1)} ms, p99 ${rounded(paced.p99.at(-1) ?? 0, 1)} ms`,
    );
  }
  const ratios = {
    sameInsert: medianRatio(ours.rates, bareThin.rates),
    rawBodyInsert: medianRatio(ours.rates, bareRaw.rates),
  };
  return {
    bench: 'ingest',
    ratio: ratios.sameInsert,
    ratios,
    rounds,
    ordersPerSecond: rounded(median(ours.rates)),
    baselineOrdersPerSecond: {
      sameInsert: rounded(median(bareThin.rates)),
      rawBodyInsert: rounded(median(bareRaw.rates)),
    },
    at70Percent: {
      ordersPerSecond: rounded(median(paced.perSecond)),
      p50Ms: rounded(median(paced.p50), 1),
      p99Ms: rounded(median(paced.p99), 1),
    },
    // Any other answer would have ended the bench.
    non2xx: 0,
  };
}

/** Runs the bench. Fails when any answer is not 2xx, or is not in the inbox. */
export async function benchIngest({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  if (!existsSync(bundle)) await ensureBuild();
  const database = await openBenchDatabase();
  try {
    const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 2 });
    const shop = await makeShop(pointsProgram);
    await system.close();
    const servers = await startServers(database, shop);
    try {
      return await measure(servers, database, isQuick);
    } finally {
      await servers.stop();
    }
  } finally {
    await database.close();
  }
}
