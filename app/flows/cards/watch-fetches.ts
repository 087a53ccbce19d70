/** Phones' fetches are watched: when they fail or take long, fewer phones are woken in bulk. */
import { lowerPace, readLoweredPace } from '#app/data/system/push-lanes.ts';
import { type FetchFigures, isOverloaded, paceAt, slowerThan, slowFetchMs } from '#app/domain/cards/push-pacing.ts';
import { env } from '#app/lib/env.ts';
import { log } from '#app/lib/log.ts';

const windowMs = 1_000;
/** What a lower pace brings shows after the fetches under way are answered. */
const lowerAgainAfterMs = 2_000;

const nothing: FetchFigures = { count: 0, failed: 0, slow: 0 };
let window = { ...nothing, endsAtMs: 0 };

/** Counts one fetch of a pass. Looks at the figures about once a second; costs nothing else. */
export function noteFetch(fetch: { durationMs: number; isFailed: boolean }): void {
  const nowMs = performance.now();
  if (nowMs >= window.endsAtMs) {
    if (isOverloaded(window)) slowDown();
    window = { ...nothing, endsAtMs: nowMs + windowMs };
  }
  window.count += 1;
  window.failed += fetch.isFailed ? 1 : 0;
  window.slow += fetch.durationMs > slowFetchMs ? 1 : 0;
}

function slowDown(): void {
  lowerForAll().catch((error: unknown) => log.warn('the pace of bulk pushes could not be lowered', { error }));
}

async function lowerForAll(): Promise<void> {
  const pace = paceAt(await readLoweredPace(), { perSecondMax: env().PASS_FETCHES_PER_SECOND, at: new Date() });
  const lowered = slowerThan(pace);
  if (await lowerPace(lowered, lowerAgainAfterMs))
    log.warn('fetches of passes go badly: bulk pushes are slowed down', { count: Math.round(lowered) });
}
