/**
 * Counts what API clients ask for. Figures are gathered in memory and written together: a crash loses a few seconds of them,
 * and no call waits for its own to be counted.
 */
import type { ServerResponse } from 'node:http';

import { noteApiUsage, type NotedUsage } from '#app/flows/api/note-api-usage.ts';
import { now } from '#app/lib/clock.ts';
import { log } from '#app/lib/log.ts';
import type { ApiCaller } from '#app/web/authenticate-api.ts';

const writeAfterMs = 2_000;
const clientsMax = 10_000;

let gathered = new Map<string, NotedUsage>();
let timer: NodeJS.Timeout | undefined;
let writing: Promise<void> = Promise.resolve();

/** Counts a call once it is answered. */
export function countApiCall(caller: Pick<ApiCaller, 'shopId' | 'clientId'>, response: ServerResponse): void {
  // One connection carries one answer after the other.
  const { socket } = response;
  const bytesBefore = socket?.bytesWritten ?? 0;
  response.once('finish', () => {
    const { shopId, clientId } = caller;
    const day = now();
    const key = `${clientId} ${day.toISOString().slice(0, 10)}`;
    const nothing = { requests: 0, refused: 0, limited: 0, failed: 0, bytesOut: 0 };
    const { usage } = gathered.get(key) ?? { usage: nothing };
    const { statusCode: status } = response;
    usage.requests += 1;
    if (status === 429) usage.limited += 1;
    else if (status >= 500) usage.failed += 1;
    else if (status >= 400) usage.refused += 1;
    usage.bytesOut += Math.max(0, (socket?.bytesWritten ?? 0) - bytesBefore);
    if (gathered.size < clientsMax || gathered.has(key)) gathered.set(key, { shopId, clientId, day, usage });
    // Nobody waits for a process that only wants to write figures.
    timer ??= setTimeout(() => void writeApiUsage(), writeAfterMs).unref();
  });
}

/**
 * Writes what was gathered, and waits for what is being written already. Called by itself every two seconds, and before the
 * process ends.
 */
export function writeApiUsage(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  writing = writing.then(async () => {
    const due = [...gathered.values()];
    gathered = new Map();
    for (const noted of due)
      await noteApiUsage(noted).catch((error: unknown) => log.warn('figures of an API client were lost', { error }));
  });
  return writing;
}
