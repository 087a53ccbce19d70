/** What was said of keys whose end is near. The audit log is where it is said, so it is also where that is read. */
import type { Tx } from '#app/data/tenancy.ts';

/** When the log last said this of an object; null when never. */
export async function lastNoticeAt(
  tx: Tx,
  { action, object }: { action: string; object: string },
): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(
    'select max(occurred_at) as at from audit_record where shop_id = $1 and object = $2 and action = $3',
    [tx.shopId, object, action],
  );
  return row?.at ?? null;
}

export type EndingClient = { clientId: string; expiresAt: Date };

/** API clients that end between `from` and `until`, soonest first; at most 500. */
export async function listEndingClients(tx: Tx, { from, until }: { from: Date; until: Date }): Promise<EndingClient[]> {
  return tx.query<EndingClient>(
    `select id as "clientId", expires_at as "expiresAt" from api_client
     where shop_id = $1 and revoked_at is null and expires_at > $2 and expires_at <= $3 order by expires_at, id limit 500`,
    [tx.shopId, from, until],
  );
}
