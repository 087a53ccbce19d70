/** Liveness, readiness and metrics. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { collectDefaultMetrics, Counter, Gauge, Histogram, register } from 'prom-client';

import { freshnessMetrics } from '#app/edge/freshness-metrics.ts';
import { type DatabaseState, databaseState } from '#app/flows/system/open-system.ts';
import { parkedJobs } from '#app/queries/parked-jobs.ts';
import { type StandbyState, standbyState } from '#app/queries/standby-state.ts';
import { stoppedPushLanes } from '#app/queries/stopped-push-lanes.ts';

collectDefaultMetrics();

const requests = new Counter({
  name: 'stampwell_http_requests_total',
  help: 'Requests by area and status class',
  labelNames: ['area', 'status'],
});
const durations = new Histogram({
  name: 'stampwell_http_request_seconds',
  help: 'Time from first byte to answer, by area',
  labelNames: ['area'],
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});

const replicationLag = new Gauge({
  name: 'stampwell_replication_lag_seconds',
  help: 'How far the slowest standby of the database is behind; NaN without one',
});
const unknownStandby: StandbyState = { state: 'none', lagSeconds: null };

/** Whoever asks whether we are ready does not wait as long as a database that hangs. */
const readyWithinMs = 2_000;

type Dependencies = { isReady: boolean; database: DatabaseState; stopped: unknown[]; standby: StandbyState };
const allUnknown: Dependencies = { isReady: false, database: 'down', stopped: [], standby: unknownStandby };

const parked = new Gauge({
  name: 'stampwell_jobs_parked',
  help: 'Jobs in the queue that were not what was queued; any is an alarm',
});

const stoppedLanes = new Gauge({
  name: 'stampwell_push_lanes_stopped',
  help: 'Lanes to Apple whose certificate is refused; any is an alarm',
});

const statusClasses = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** Counts a request once it is answered. Areas are a fixed few: no address of a person ever becomes a label. */
export function measure(area: string, response: ServerResponse): void {
  const startedAt = performance.now();
  response.once('finish', () => {
    requests.inc({ area, status: statusClasses[Math.floor(response.statusCode / 100)] ?? 'other' });
    durations.observe({ area }, (performance.now() - startedAt) / 1000);
  });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

let looking: Promise<Dependencies> | null = null;

async function lookAtDependencies(): Promise<Dependencies> {
  const database = await databaseState();
  if (database !== 'up') return { ...allUnknown, database };
  const [stopped, standby] = await Promise.all([
    stoppedPushLanes().catch(() => []),
    standbyState().catch(() => unknownStandby),
  ]);
  return { isReady: true, database, stopped, standby };
}

/** What the service depends on and how that is, at most `readyWithinMs` later. However many ask while the database hangs, one asks it. */
export function readDependencies(): Promise<Dependencies> {
  looking ??= lookAtDependencies().finally(() => (looking = null));
  return Promise.race([looking, delay(readyWithinMs, allUnknown, { ref: false })]);
}

/**
 * `GET /healthz`: the process answers. `GET /readyz`: so does what it depends on. A stopped lane to Apple and a standby that
 * is missing or behind are told, but whoever balances load shall not take a process away for them: everything else works.
 */
export async function handleHealth(_request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  if (path === '/healthz') return json(response, 200, { status: 'ok' });
  const { isReady, database, stopped, standby } = await readDependencies();
  const isDegraded = standby.state === 'behind' || standby.state === 'missing';
  const status = isDegraded ? 'degraded' : 'ready';
  json(response, isReady ? 200 : 503, {
    status: isReady ? status : 'not ready',
    replication_lag_seconds: standby.lagSeconds,
    dependencies: {
      database,
      standby: standby.state,
      applePush: stopped.length === 0 ? 'up' : 'certificate refused',
    },
  });
}

/** `GET /metrics` on its own port. */
export async function handleMetrics(response: ServerResponse): Promise<void> {
  // While the database is away, what this process knows of itself matters most.
  const freshness = await freshnessMetrics().catch(() => '');
  await parkedJobs().then(
    (count) => parked.set(count),
    () => undefined,
  );
  await stoppedPushLanes().then(
    (stopped) => stoppedLanes.set(stopped.length),
    () => undefined,
  );
  await standbyState().then(
    ({ lagSeconds }) => replicationLag.set(lagSeconds ?? Number.NaN),
    () => undefined,
  );
  const text = await register.metrics();
  response.writeHead(200, { 'content-type': register.contentType });
  // Prometheus reads `NaN`; the library writes it in a spelling of its own.
  response.end(`${text.replaceAll(/ Nan$/gm, ' NaN')}\n${freshness}`);
}
