/** Opening and closing what a process needs: the database in its role, the clock, the connections to the wallets. */
import { closeDatabase, type DatabaseRole, openDatabase } from '#app/data/database.ts';
import { readClockOffsetMs, writeClockOffsetMs } from '#app/data/system/system-facts.ts';
import { listenForNews } from '#app/data/system/wake.ts';
import { pingDatabase } from '#app/data/directory.ts';
import { closeConnections } from '#app/gateways/connections.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';

export type OpenSystem = { close: () => Promise<void> };

/** Opens the system for one process. `onInbox` and `onClock` are told of news; both may be told too often. */
export async function openSystem(options: {
  databaseUrl: string;
  role: DatabaseRole;
  connectionsMax: number;
  onInbox?: () => void;
  onClock?: () => void;
}): Promise<OpenSystem> {
  openDatabase({ url: options.databaseUrl, role: options.role, connectionsMax: options.connectionsMax });
  const isClockMovable = env().isTestClockAllowed;
  if (isClockMovable) setClockOffsetMs(await readClockOffsetMs());
  const listener = listenForNews(options.databaseUrl, {
    onInbox: () => options.onInbox?.(),
    onClock: (offsetMs) => {
      if (!isClockMovable) return;
      setClockOffsetMs(offsetMs);
      options.onClock?.();
    },
  });
  return {
    close: async () => {
      await listener.close();
      await closeConnections();
      await closeDatabase();
    },
  };
}

/** Moves the rules' clock of the whole system. Only a test or demo system has a clock that moves. */
export async function moveClock(offsetMs: number): Promise<void> {
  setClockOffsetMs(offsetMs);
  await writeClockOffsetMs(offsetMs);
}

/** Whether the database answers. */
export async function isDatabaseReady(): Promise<boolean> {
  return pingDatabase().then(
    () => true,
    () => false,
  );
}
