/** What Shopify gave us to act for a shop: tokens, sealed; and the lock that lets one process at a time refresh them. */
import { describeDatabaseError, pool } from '#app/data/database.ts';
import { readShopKeys } from '#app/data/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

export type OfflineSession = {
  accessToken: string;
  scope: string;
  /** Null: does not expire. */
  expiresAt: Date | null;
  refreshToken: string | null;
  refreshExpiresAt: Date | null;
};

const sessionId = 'offline';
const place = { table: 'session', column: 'content', row: sessionId };

/** Stores the shop's offline session in place of the one before. Safe to repeat. */
export async function writeOfflineSession(tx: Tx, session: OfflineSession): Promise<void> {
  const content = seal(await readShopKeys(tx), place, JSON.stringify(session));
  await tx.query(
    `insert into session (shop_id, id, content, expires_at, refresh_expires_at) values ($1, $2, $3, $4, $5)
     on conflict (shop_id, id) do update set content = excluded.content, expires_at = excluded.expires_at,
       refresh_expires_at = excluded.refresh_expires_at, updated_at = now()`,
    [tx.shopId, sessionId, content, session.expiresAt, session.refreshExpiresAt],
  );
}

/** The shop's offline session, or null. */
export async function readOfflineSession(tx: Tx): Promise<OfflineSession | null> {
  const [row] = await tx.query<{ content: Buffer }>('select content from session where shop_id = $1 and id = $2', [
    tx.shopId,
    sessionId,
  ]);
  if (row === undefined) return null;
  const stored = JSON.parse(unseal(await readShopKeys(tx), place, row.content)) as Record<keyof OfflineSession, string | null>;
  const date = (text: string | null) => (text === null ? null : new Date(text));
  return {
    accessToken: stored.accessToken ?? '',
    scope: stored.scope ?? '',
    expiresAt: date(stored.expiresAt),
    refreshToken: stored.refreshToken,
    refreshExpiresAt: date(stored.refreshExpiresAt),
  };
}

/** Deletes all sessions of the shop. Safe to repeat. */
export async function deleteSessions(tx: Tx): Promise<number> {
  const rows = await tx.query('delete from session where shop_id = $1 returning 1 as one', [tx.shopId]);
  return rows.length;
}

/** Whether the session runs out before `before`. */
export async function isSessionExpiring(tx: Tx, before: Date): Promise<boolean> {
  const rows = await tx.query('select 1 as one from session where shop_id = $1 and expires_at < $2', [tx.shopId, before]);
  return rows.length > 0;
}

/** Connections are scarce: within one process callers for one shop queue here before they take one. */
const queues = new Map<ShopId, Promise<unknown>>();

/**
 * Runs `work` while no other caller in any process does so for this shop. The lock belongs to a database session, not a
 * transaction, so a network call may happen under it; a process that dies lets go of it at once.
 */
export async function withSessionLock<T>(shopId: ShopId, work: () => Promise<T>): Promise<T> {
  const turn = (queues.get(shopId) ?? Promise.resolve()).catch(() => undefined).then(() => holdLock(shopId, work));
  queues.set(shopId, turn);
  try {
    return await turn;
  } finally {
    if (queues.get(shopId) === turn) queues.delete(shopId);
  }
}

async function holdLock<T>(shopId: ShopId, work: () => Promise<T>): Promise<T> {
  const client = await pool().connect().catch((error: unknown) => {
    throw describeDatabaseError(error);
  });
  let failure: Error | undefined;
  const key = [`session/${shopId}`];
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', key);
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', key).catch((error: Error) => {
      failure = error;
    });
    client.release(failure);
  }
}
