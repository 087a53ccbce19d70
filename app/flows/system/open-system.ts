/** Opening and closing what a process needs: the database in its role, the clock, the connections to the wallets. */
import { createHash } from 'node:crypto';

import { closeDatabase, type DatabaseRole, openDatabase } from '#app/data/database.ts';
import {
  isOfOtherEnvironment,
  keepEvidenceKeys,
  listEvidenceKeys,
  notePlatformKeys,
} from '#app/data/system/key-registry.ts';
import { proveWrites } from '#app/data/system/readiness.ts';
import { readClockOffsetMs, writeClockOffsetMs } from '#app/data/system/system-facts.ts';
import { listenForNews } from '#app/data/system/wake.ts';
import { pingDatabase } from '#app/data/directory.ts';
import { closeConnections } from '#app/gateways/connections.ts';
import { unwrapKeyEntries } from '#app/gateways/key-wrapping.ts';
import { clockOffsetMs, setClockOffsetMs } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { endorseEvidenceKeys, rememberEvidenceKeys } from '#app/lib/evidence.ts';
import { keyEncryptionKeys, setKeyRing } from '#app/lib/key-ring.ts';
import { log } from '#app/lib/log.ts';
import { deriveKey } from '#app/lib/sealed-box.ts';

let opened: unknown;

/** Opens the key-encryption keys: before anything else, for nothing runs without them. Safe to repeat. */
export async function openKeys(): Promise<void> {
  const entries = env().KEY_ENCRYPTION_KEYS;
  if (opened === entries) return;
  setKeyRing(await unwrapKeyEntries(entries));
  opened = entries;
}

/** Of a key nothing is kept but a fingerprint, by which it is told from another of the same name. */
function fingerprintOf(key: Buffer, id: string): string {
  return createHash('sha256')
    .update(deriveKey(key, id, 'fingerprint'))
    .digest('hex');
}

/**
 * Refuses a database of another environment and a name that was another key's; keeps the public keys of evidence.
 * Throws when the environment does not fit: a start that went on would mix what must be apart.
 */
async function checkKeys(): Promise<void> {
  if (await isOfOtherEnvironment(env().STAMPWELL_ENV))
    throw new Error(
      `The environment is not usable:\n  STAMPWELL_ENV: the database is not one of ${env().STAMPWELL_ENV}`,
    );
  const keys = keyEncryptionKeys().map(({ id, bytes }) => ({ id, fingerprint: fingerprintOf(bytes, id) }));
  const taken = await notePlatformKeys(keys);
  if (taken.length > 0)
    throw new Error(
      `The environment is not usable:\n  KEY_ENCRYPTION_KEYS: ${taken.join(', ')} was the name of another key; give a new key a new name`,
    );
  const leftOut = rememberEvidenceKeys(await listEvidenceKeys());
  if (leftOut > 0) log.error('public keys of evidence were kept that no key of ours speaks for', { count: leftOut });
  await keepEvidenceKeys(endorseEvidenceKeys());
}

/** Moves of the clock that this process made and has not been told of yet: until it is, all news is older than its last move. */
const ownMoves: number[] = [];

export type OpenSystem = { close: () => Promise<void> };

/** Opens the system for one process. `onInbox` and `onClock` are told of news; both may be told too often. */
export async function openSystem(options: {
  databaseUrl: string;
  role: DatabaseRole;
  connectionsMax: number;
  onInbox?: () => void;
  onClock?: () => void;
}): Promise<OpenSystem> {
  await openKeys();
  openDatabase({ url: options.databaseUrl, role: options.role, connectionsMax: options.connectionsMax });
  await checkKeys().catch(async (error: unknown) => {
    await closeDatabase();
    throw error;
  });
  const isClockMovable = env().isTestClockAllowed;
  if (isClockMovable) setClockOffsetMs(await readClockOffsetMs());
  let toldMs = clockOffsetMs();
  const followClock = (offsetMs: number): void => {
    if (!isClockMovable) return;
    toldMs = offsetMs;
    if (ownMoves.length === 0) setClockOffsetMs(offsetMs);
    else if (ownMoves[0] === offsetMs) ownMoves.shift();
    options.onClock?.();
  };
  const listener = listenForNews(options.databaseUrl, {
    onInbox: () => options.onInbox?.(),
    onClock: followClock,
    onListening: () => {
      options.onInbox?.();
      if (!isClockMovable) return;
      // What was said before somebody listened is never heard.
      ownMoves.length = 0;
      readClockOffsetMs()
        .then((offsetMs) => (offsetMs === toldMs ? undefined : followClock(offsetMs)))
        .catch((error: unknown) => log.warn('the clock could not be read', { error }));
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
  ownMoves.push(offsetMs);
  await writeClockOffsetMs(offsetMs).catch((error: unknown) => {
    ownMoves.splice(ownMoves.lastIndexOf(offsetMs), 1);
    throw error;
  });
  setClockOffsetMs(offsetMs);
}

export type DatabaseState = 'up' | 'cannot write' | 'down';

/** Whether the database answers, and takes what is written. */
export async function databaseState(): Promise<DatabaseState> {
  try {
    await pingDatabase();
  } catch {
    return 'down';
  }
  return proveWrites().then(
    () => 'up',
    () => 'cannot write',
  );
}
