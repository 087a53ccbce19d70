/** What Shopify gave us to act for a shop: tokens, sealed; and the lock that lets one process at a time refresh them. */
import { describeDatabaseError, lockPool } from '#app/data/database.ts';
import { markNeedsReauthorization, readShop, readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { Forbidden, Rejected } from '#app/lib/errors.ts';
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
  const stored = JSON.parse(unseal(await readShopKeys(tx), place, row.content)) as Record<
    keyof OfflineSession,
    string | null
  >;
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

/** A token this close to its end is renewed first. */
const renewAheadMs = 5 * 60_000;

/**
 * An access token that is good for a while. When it is about to end, or is the one that the caller found dead, it is renewed
 * with `refresh`, by one caller in all processes; the others wait and get the new one. Token ends are judged by the real clock.
 * Throws `Forbidden` when there is no session or Shopify refuses to renew it (the shop is marked), and whatever else
 * `refresh` throws.
 */
export async function freshAccessToken(
  shopId: ShopId,
  refresh: (shopDomain: string, refreshToken: string) => Promise<OfflineSession>,
  deadToken: string | null = null,
): Promise<{ shopDomain: string; accessToken: string }> {
  const read = () =>
    withShop(shopId, async (tx) => ({ session: await readOfflineSession(tx), shop: await readShop(tx) }));
  const isGood = (session: OfflineSession | null) =>
    session !== null &&
    session.accessToken !== deadToken &&
    (session.expiresAt === null || session.expiresAt.getTime() - Date.now() > renewAheadMs);
  const before = await read();
  if (before.session !== null && isGood(before.session))
    return { shopDomain: before.shop.domain, accessToken: before.session.accessToken };
  return withSessionLock(shopId, async () => {
    const { session, shop } = await read();
    if (session !== null && isGood(session)) return { shopDomain: shop.domain, accessToken: session.accessToken };
    if (session?.refreshToken == null) throw new Forbidden('shop-not-authorized', 'The shop has no usable session');
    const renewed = await refresh(shop.domain, session.refreshToken).catch(async (error: unknown) => {
      if (!(error instanceof Rejected)) throw error;
      await withShop(shopId, markNeedsReauthorization);
      throw new Forbidden('shop-not-authorized', 'Shopify refused to renew the session', { cause: error });
    });
    await withShop(shopId, (tx) => writeOfflineSession(tx, renewed));
    return { shopDomain: shop.domain, accessToken: renewed.accessToken };
  });
}

/**
 * Calls Shopify for a shop. A token that died early is renewed and the call made once more.
 * Throws `Forbidden` when we may not act for the shop any more, and whatever `call` and `refresh` throw.
 */
export async function withAccessToken<T>(
  shopId: ShopId,
  refresh: Parameters<typeof freshAccessToken>[1],
  call: (caller: { shopDomain: string; accessToken: string }) => Promise<T>,
): Promise<T> {
  const caller = await freshAccessToken(shopId, refresh);
  try {
    return await call(caller);
  } catch (error) {
    if (!(error instanceof Forbidden) || error.code !== 'shopify-token-dead') throw error;
    return call(await freshAccessToken(shopId, refresh, caller.accessToken));
  }
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
  const client = await lockPool()
    .connect()
    .catch((error: unknown) => {
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
