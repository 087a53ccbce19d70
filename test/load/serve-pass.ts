/**
 * What a fetch of a pass costs the web process, in CPU: through the edge, beside a bare server that seals the same pass, or
 * says 304, and does nothing else. CPU rather than wall time, because the phones and PostgreSQL share the machine.
 */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

import { passToken } from '#app/data/cards/passes.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { fetchFlatOut, type FetchTarget } from '#test/load/fetch-load.ts';
import type { PassServerPorts, PassServerSample, PassServerUsage } from '#test/load/pass-server.ts';
import { type BenchResult, median, medianRatio, openBenchDatabase, percentile, rounded } from '#test/load/support.ts';
import { ensureCertificates, testPassTypeIdentifier } from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';
import { makeShop, type TestShop } from '#test/support/factories.ts';
import { makeDevices } from '#test/support/many-devices.ts';

const members = 200;
const connections = 16;

type Held = PassServerSample & { lastModified: string };

/** Members with points and stamps, and what their phones know of their passes. */
async function installPasses(
  shop: TestShop,
  sql: (text: string) => Promise<{ serial: string; member: string; at: Date }[]>,
): Promise<Held[]> {
  const { passIds } = await makeDevices(shop, members);
  for (const { member } of await sql(`select serial, member_id as member, last_modified as at from pass`))
    for (const [unit, amount] of [
      ['points', 120],
      ['stamps', 4],
    ] as const)
      await adjustBalance({
        shopId: shop.shopId,
        memberId: member,
        unit,
        amount,
        reason: 'bench',
        actor: 'bench',
        source: 'staff',
        idempotencyKey: `${member}/${unit}`,
      });
  // As before every push: the fetch that is measured follows one.
  for (const passId of passIds) await regeneratePass({ shopId: shop.shopId, passId, isBulk: false });
  const keys = await withShop(shop.shopId, readShopKeys);
  return (await sql(`select serial, member_id as member, last_modified as at from pass`)).map(({ serial, at }) => ({
    serial,
    passTypeIdentifier: testPassTypeIdentifier,
    token: passToken(keys, testPassTypeIdentifier, serial),
    lastModified: at.toUTCString(),
  }));
}

/** Says something to the server process and waits for its answer. */
function ask<Answer>(server: ChildProcess, message: PassServerSample | 'usage'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the server process ended'));
    server.once('exit', onExit);
    server.once('message', (answer) => {
      server.off('exit', onExit);
      resolve(answer as Answer);
    });
    server.send(message);
  });
}

type Measured = { cpuMsEach: number; perSecond: number; p99Ms: number };

async function measure(
  server: ChildProcess,
  target: FetchTarget,
  asked: { count: number; status: number },
): Promise<Measured> {
  const before = await ask<PassServerUsage>(server, 'usage');
  const outcome = await fetchFlatOut(target, { connections, count: asked.count });
  const after = await ask<PassServerUsage>(server, 'usage');
  if (outcome.perStatus[asked.status] !== asked.count)
    throw new Error(`answered with ${JSON.stringify(outcome.perStatus)} instead of ${asked.count} × ${asked.status}`);
  return {
    cpuMsEach: (after.cpuMs - before.cpuMs) / asked.count,
    perSecond: outcome.perSecond,
    p99Ms: percentile(outcome.latenciesMs, 0.99),
  };
}

function targetOf(port: number, held: Held[], isKnown: boolean): FetchTarget {
  return {
    port,
    paths: held.map(({ serial }) => `/wallet/apple/v1/passes/${testPassTypeIdentifier}/${serial}`),
    headersOf: (index) => {
      const pass = held[index % held.length];
      return {
        authorization: `ApplePass ${pass?.token}`,
        ...(isKnown && { 'if-modified-since': pass?.lastModified ?? '' }),
      };
    },
  };
}

async function run(server: ChildProcess, held: Held[], isQuick: boolean): Promise<BenchResult> {
  const [sample] = held;
  if (sample === undefined) throw new Error('no pass was made');
  const ports = await ask<PassServerPorts>(server, sample);
  const [rounds, count] = isQuick ? [3, 1_000] : [7, 3_000];
  // A machine is not the same from one second to the next: what is short is measured by turns, often, and not for long at once.
  const kinds = [
    { name: 'get', isKnown: false, status: 200, count, turns: 1 },
    { name: 'notModified', isKnown: true, status: 304, count: count / 2, turns: 8 },
  ] as const;
  const figures = { get: [] as [Measured, Measured][], notModified: [] as [Measured, Measured][] };
  // The first is unmeasured: code is compiled, connections are open.
  for (let round = 0; round <= rounds; round += 1)
    for (const kind of kinds)
      for (let turn = 0; turn < kind.turns; turn += 1) {
        const ours = await measure(server, targetOf(ports.product, held, kind.isKnown), kind);
        const bare = await measure(server, targetOf(ports.bare, held, kind.isKnown), kind);
        if (round === 0) continue;
        figures[kind.name].push([ours, bare]);
        console.log(
          `round ${round}, ${kind.status}: ${rounded(ours.cpuMsEach, 3)} ms of CPU, ${rounded(ours.perSecond)}/s, p99 ${rounded(ours.p99Ms, 1)} ms; bare ${rounded(bare.cpuMsEach, 3)} ms, ${rounded(bare.perSecond)}/s`,
        );
      }
  const ratioOf = (pairs: [Measured, Measured][]) =>
    medianRatio(
      pairs.map(([, bare]) => bare.cpuMsEach),
      pairs.map(([ours]) => ours.cpuMsEach),
    );
  const ours = (pairs: [Measured, Measured][]) => ({
    cpuMs: rounded(median(pairs.map(([{ cpuMsEach }]) => cpuMsEach)), 3),
    bareCpuMs: rounded(median(pairs.map(([, { cpuMsEach }]) => cpuMsEach)), 3),
    perSecond: rounded(median(pairs.map(([{ perSecond }]) => perSecond))),
    p99Ms: rounded(median(pairs.map(([{ p99Ms }]) => p99Ms)), 1),
  });
  const ratios = { get: ratioOf(figures.get), notModified: ratioOf(figures.notModified) };
  return {
    bench: 'serve-pass',
    ratio: ratios.get,
    ratios,
    rounds,
    get: ours(figures.get),
    notModified: ours(figures.notModified),
  };
}

/** Runs the bench. Fails when anything is answered otherwise than asked. */
export async function benchServePass({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const files = await ensureCertificates(path.join(dataDirectory(), 'certificates'));
  Object.assign(process.env, {
    APPLE_PASS_CERTIFICATE_FILE: files.passCertificate,
    APPLE_PASS_KEY_FILE: files.passKey,
    APPLE_WWDR_CERTIFICATE_FILE: files.wwdr,
  });
  const database = await openBenchDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax: 4 });
  const server = fork(path.join(import.meta.dirname, 'pass-server.ts'), {
    env: { ...process.env, DATABASE_URL: database.url },
  });
  try {
    const held = await installPasses(await makeShop(), database.sql);
    return await run(server, held, isQuick);
  } finally {
    server.kill();
    await system.close();
    await database.close();
  }
}
