/**
 * Checking PINs. Every try is counted before it is checked, so that many at once are no way around the limit; a right one
 * takes its count back. Wrong ones in a row make the next wait, twice as long each time, until nobody tried for a day.
 */
import { withShop } from '#app/data/tenancy.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { failuresForgottenMs, waitAfterFailures } from '#app/domain/access/pins.ts';
import { now } from '#app/lib/clock.ts';
import { RateLimited } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';
import { isSecretOf } from '#app/lib/secret-hash.ts';

/** Whose tries are counted together, and how many of them may be wrong before they have to wait. */
export type PinTarget = { name: string; freeTries: number };

/** Hashing this costs as much as checking a PIN: who has none is not told from who typed a wrong one. */
const decoyHash = '$2b$12$87.Bf1sA.7qCa2biWydT4OVCC2JtEx8c4nJsv9lPTjC7Ig17mQ1oW';

/**
 * Whether a PIN belongs to a hash; without a hash it never does. Each try is logged with `actor`, who typed it. Throws `RateLimited` while a target has to wait, and
 * `Unavailable` when too many secrets are being checked at once.
 */
export async function isPinOf(
  shopId: ShopId,
  { actor, hash, pin, targets }: { actor: string; hash: string | null; pin: string; targets: PinTarget[] },
): Promise<boolean> {
  await withShop(shopId, (tx) => countTries(tx, targets)).catch((error: unknown) => {
    if (error instanceof RateLimited) log.security('authentication failed', { code: error.code, shopId, actor });
    throw error;
  });
  const isRight = (await isSecretOf(pin, hash ?? decoyHash)) && hash !== null;
  log.security(isRight ? 'authentication passed' : 'authentication failed', { code: 'staff-pin', shopId, actor });
  if (!isRight) return false;
  await withShop(shopId, (tx) =>
    tx.query('delete from pin_lockout where shop_id = $1 and target = any($2)', [
      tx.shopId,
      targets.map(({ name }) => name),
    ]),
  );
  return true;
}

/** Counts a try for each target. Throws `RateLimited`, and counts for none of them, while one has to wait. */
async function countTries(tx: Tx, targets: PinTarget[]): Promise<void> {
  const at = now();
  const forgottenBefore = new Date(at.getTime() - failuresForgottenMs);
  // In one order, so that two tries never wait for each other.
  for (const { name, freeTries } of targets.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const [row] = await tx.query<{ failures: number }>(
      `insert into pin_lockout as known (shop_id, target, failures, updated_at) values ($1, $2, 1, $3)
       on conflict (shop_id, target) do update set updated_at = $3, locked_until = null,
         failures = case when known.updated_at <= $4 then 1 else known.failures + 1 end
       where known.locked_until is null or known.locked_until <= $3 returning failures`,
      [tx.shopId, name, at, forgottenBefore],
    );
    if (row === undefined) throw await lockedUntil(tx, name, at);
    const waitMs = waitAfterFailures(row.failures, freeTries);
    if (waitMs > 0)
      await tx.query('update pin_lockout set locked_until = $3 where shop_id = $1 and target = $2', [
        tx.shopId,
        name,
        new Date(at.getTime() + waitMs),
      ]);
  }
}

async function lockedUntil(tx: Tx, target: string, at: Date): Promise<RateLimited> {
  const [row] = await tx.query<{ locked_until: Date | null }>(
    'select locked_until from pin_lockout where shop_id = $1 and target = $2',
    [tx.shopId, target],
  );
  const waitMs = Math.max(1_000, (row?.locked_until ?? at).getTime() - at.getTime());
  const minutes = Math.ceil(waitMs / 60_000);
  return new RateLimited('pin-locked', 'Too many wrong PINs in a row', {
    retryAfterMs: waitMs,
    publicMessage: `Too many wrong PINs. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
  });
}

/** Removes counts nobody added to for a day. Answers how many, at most `limit`. Safe to repeat. */
export async function purgePinLockouts(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from pin_lockout where shop_id = $1 and target in (
       select target from pin_lockout where shop_id = $1 and updated_at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
