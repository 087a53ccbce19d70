/** Access tokens that were taken back before their time. Each is remembered only until it would have ended anyway. */
import type { Tx } from '#app/data/tenancy.ts';

/** Longer than clocks of two processes may differ. */
const graceMs = 60_000;

/** Takes a token back, and forgets those that have ended. Safe to repeat. */
export async function revokeToken(
  tx: Tx,
  token: { tokenId: string; clientId: string; expiresAt: Date },
  at: Date,
): Promise<void> {
  await tx.query('delete from revoked_token where shop_id = $1 and expires_at < $2', [
    tx.shopId,
    new Date(at.getTime() - graceMs),
  ]);
  await tx.query(
    `insert into revoked_token (shop_id, token_id, client_id, expires_at) values ($1, $2, $3, $4) on conflict do nothing`,
    [tx.shopId, token.tokenId, token.clientId, token.expiresAt],
  );
}
