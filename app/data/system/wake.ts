/**
 * Waking the workers: one coalesced notification on a connection of its own, never inside a transaction that stores or
 * settles (a commit that notifies takes a lock shared by the whole cluster). Who misses it finds the work by polling.
 */
import pg from 'pg';

import { pool, prepared } from '#app/data/database.ts';
import { log } from '#app/lib/log.ts';

const inboxChannel = 'stampwell_inbox';
const clockChannel = 'stampwell_clock';
const coalesceMs = 10;
const reconnectMs = 1_000;

let isWaiting = false;

/** Says that there is something in the inbox. Many calls within a moment become one notification. */
export function wakeDrainers(): void {
  if (isWaiting) return;
  isWaiting = true;
  setTimeout(() => {
    isWaiting = false;
    void notifyDrainers();
  }, coalesceMs);
}

/** Never fails, also when the database was closed meanwhile: the poll finds the delivery. */
async function notifyDrainers(): Promise<void> {
  try {
    await pool().query(prepared('select pg_notify($1, $2)', [inboxChannel, '']));
  } catch (error) {
    log.debug('the drainers could not be woken', { error });
  }
}

export type Listener = { close: () => Promise<void> };

/**
 * Listens for both channels on one connection that is opened again whenever it breaks; `onListening` is told each time, for
 * whatever was said while nobody listened.
 */
export function listenForNews(
  url: string,
  news: { onInbox: () => void; onClock: (offsetMs: number) => void; onListening: () => void },
): Listener {
  let client: pg.Client | undefined;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  const reconnect = (): void => {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, reconnectMs);
  };

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, application_name: 'stampwell_listen', keepAlive: true });
    client = next;
    next.on('error', reconnect);
    next.on('end', reconnect);
    next.on('notification', ({ channel, payload }) => {
      if (channel === clockChannel) news.onClock(Number(payload ?? 0));
      else news.onInbox();
    });
    try {
      await next.connect();
      await next.query(`listen ${inboxChannel}; listen ${clockChannel}`);
      news.onListening();
    } catch {
      reconnect();
    }
  };

  void connect();
  return {
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
