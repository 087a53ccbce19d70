/**
 * `GET /status.json`: how the service is, for a status page and for anybody. States and one figure of the whole fleet; no shop, no
 * address, no version and no reason, which are for operators.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { readDependencies } from '#app/edge/health.ts';
import { sendJson } from '#app/edge/http-exchange.ts';
import { freshWithinS } from '#app/domain/cards/freshness.ts';
import { now } from '#app/lib/clock.ts';
import { type SystemFreshness, systemFreshness } from '#app/queries/system-freshness.ts';

/** What is only known from the database is not known while that does not answer. */
type State = 'unknown' | 'up' | 'degraded' | 'down';

/** Worst last. */
const states: readonly State[] = ['unknown', 'up', 'degraded', 'down'];

/** Status pages ask as often as they like; the share changes slowly. */
const cacheSeconds = 10;

const answerWithinMs = 2_000;

let read: { atMs: number; freshness: Promise<SystemFreshness[]> } | null = null;

/** The shares as they were at most `cacheSeconds` ago: however many ask, the database is asked once, and not waited for long. */
function recentFreshness(): Promise<SystemFreshness[]> {
  const atMs = performance.now();
  if (read === null || atMs - read.atMs > cacheSeconds * 1_000)
    read = { atMs, freshness: systemFreshness().catch(() => []) };
  return Promise.race([read.freshness, delay(answerWithinMs, [], { ref: false })]);
}

/** Answers with 200 whatever the states are: whoever reads it was answered. */
export async function handleStatus(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { isReady, stopped, standby } = await readDependencies();
  const isLate = standby.state === 'behind' || standby.state === 'missing';
  const known = (isGood: boolean): State => (isGood ? 'up' : 'degraded');
  const components: { name: string; state: State }[] = [
    { name: 'service', state: isReady ? 'up' : 'down' },
    { name: 'standby', state: isReady ? known(!isLate) : 'unknown' },
    { name: 'updates of cards in Apple Wallet', state: isReady ? known(stopped.length === 0) : 'unknown' },
  ];
  const freshness = isReady ? await recentFreshness() : [];
  sendJson(response, 200, {
    value: {
      status: states.findLast((state) => components.some((component) => component.state === state)),
      checkedAt: now().toISOString(),
      components,
      cardUpdates: {
        withinSeconds: freshWithinS,
        shareOfLastDay: Object.fromEntries(freshness.map(({ wallet, recentInTime }) => [wallet, recentInTime])),
      },
    },
    headers: { 'cache-control': `public, max-age=${cacheSeconds}`, 'access-control-allow-origin': '*' },
  });
}
