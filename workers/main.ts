/** A worker process: drainer, relay, reaper and the lanes it was asked to work. */
import { parseArgs } from 'node:util';

import { openSystem } from '#app/flows/system/open-system.ts';
import { publishAgreement } from '#app/flows/privacy/publish-agreement.ts';
import { announceWorker } from '#app/flows/system/reap-workers.ts';
import { scheduleUpkeep } from '#app/flows/system/schedule-upkeep.ts';
import { type Lane, lanes } from '#app/jobs/catalogue.ts';
import { env } from '#app/lib/env.ts';
import { log } from '#app/lib/log.ts';
import { resolveDatabase } from '#prisma/connect.ts';
import { migrate } from '#prisma/migrate.ts';
import { startDrainer } from '#workers/drain-inbox.ts';
import { isLostHandBack, startLane } from '#workers/lanes.ts';
import { startReaper } from '#workers/reaper.ts';
import { startRelay } from '#workers/relay-outbox.ts';

const connectionsMax = 12;
/** Orchestrators lose patience after ten seconds. A job that hangs until then goes to another worker, as after a crash. */
const stopTimeoutMs = 8_000;

function chosenLanes(): Lane[] {
  const { values } = parseArgs({ options: { lanes: { type: 'string' } } });
  if (values.lanes === undefined) return [...lanes];
  const wanted = values.lanes.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !lanes.some((lane) => lane === name));
  if (unknown.length > 0) throw new Error(`There is no lane ${unknown.join(', ')}; there are ${lanes.join(', ')}`);
  return lanes.filter((lane) => wanted.includes(lane));
}

async function start(): Promise<() => Promise<void>> {
  env();
  const chosen = chosenLanes();
  const database = await resolveDatabase();
  await migrate(database.url);
  const relay = { wake: () => undefined as void, stop: async () => undefined as void };
  const drainer = { wake: () => undefined as void, stop: async () => undefined as void };
  const system = await openSystem({
    databaseUrl: database.url,
    role: 'stampwell_worker',
    connectionsMax,
    onInbox: () => {
      drainer.wake();
      relay.wake();
    },
    onClock: () => {
      // The rules' clock jumped: what became due by it is due now.
      for (const duty of [
        'expire-lots',
        'release-reservations',
        'settle-referrals',
        'give-birthdays',
        'purge',
        'tend-campaigns',
      ] as const)
        scheduleUpkeep(duty).catch((error: unknown) => log.warn('upkeep could not be scheduled', { error }));
    },
  });
  if (await publishAgreement()) await scheduleUpkeep('announce-agreement');
  const presence = announceWorker(database.url);
  const runners = await Promise.all(
    chosen.map((lane) => startLane(lane, { databaseUrl: database.url, names: presence })),
  );
  Object.assign(relay, startRelay());
  if (chosen.includes('ingest'))
    Object.assign(
      drainer,
      startDrainer(() => relay.wake()),
    );
  const reaper = startReaper();
  log.info('the worker is ready', { count: chosen.length });
  return async () => {
    await Promise.all([drainer.stop(), relay.stop(), reaper.stop()]);
    await Promise.all(runners.map((runner) => runner.stop()));
    await presence.close();
    await system.close();
    await database.close();
  };
}

process.on('unhandledRejection', (error) => {
  if (!isLostHandBack(error)) throw error;
  log.warn('a queue could not hand back its jobs; they are freed', { error });
});

const stop = await start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(0), stopTimeoutMs).unref();
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
