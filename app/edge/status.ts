/**
 * `GET /status.json`: how the service is, for a status page and for anybody. States and one figure of the whole fleet; no shop, no
 * address, no version and no reason, which are for operators.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { readDependencies } from '#app/edge/health.ts';
import { sendJson } from '#app/edge/http-exchange.ts';
import { freshWithinS } from '#app/domain/cards/freshness.ts';
import { now } from '#app/lib/clock.ts';
import { systemFreshness } from '#app/queries/system-freshness.ts';

type State = 'up' | 'degraded' | 'down';

/** Worst last. */
const states: readonly State[] = ['up', 'degraded', 'down'];

/** Status pages ask as often as they like; the share changes slowly. */
const cacheSeconds = 10;

/** Answers with 200 whatever the states are: whoever reads it was answered. */
export async function handleStatus(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { isReady, stopped, standby } = await readDependencies();
  const isLate = standby.state === 'behind' || standby.state === 'missing';
  const components: { name: string; state: State }[] = [
    { name: 'service', state: isReady ? 'up' : 'down' },
    { name: 'standby', state: isLate ? 'degraded' : 'up' },
    { name: 'updates of cards in Apple Wallet', state: stopped.length === 0 ? 'up' : 'degraded' },
  ];
  const freshness = isReady ? await systemFreshness().catch(() => []) : [];
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
