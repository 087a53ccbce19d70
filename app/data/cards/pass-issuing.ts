/**
 * Handing a pass out. Until then it may change its issuer; afterwards never, because no wallet lets an installed pass do
 * so. What goes out under the platform's certificate is counted, and each plan has its limit.
 */
import { ensurePass, type Pass, type Wallet } from '#app/data/cards/passes.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { delegatedPassesMax, type Plan } from '#app/domain/cards/delegated-limit.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { MemberId, PassId } from '#app/lib/ids.ts';

/**
 * The member's pass for a wallet, under the issuer that the shop now uses if it goes out for the first time. Safe to
 * repeat. Throws `Forbidden` when it would be one delegated pass more than the shop's plan includes.
 */
export async function issuePass(
  tx: Tx,
  memberId: MemberId,
  { wallet, at }: { wallet: Wallet; at: Date },
): Promise<Pass> {
  const pass = await ensurePass(tx, memberId, wallet);
  if (pass.issuedAt !== null) return pass;
  const issuer = await readIssuerInUse(tx, wallet);
  if (issuer === null) await refuseBeyondPlan(tx, wallet);
  await tx.query(
    `update pass set issued_at = $3, pass_type_identifier = $4, google_issuer_id = $5
     where shop_id = $1 and id = $2 and issued_at is null`,
    [tx.shopId, pass.passId, at, wallet === 'apple' ? issuer : null, wallet === 'google' ? issuer : null],
  );
  // Where two hand it out at once, the first one's word counts.
  return ensurePass(tx, memberId, wallet);
}

/** Notes that a device holds the pass, however it came by it. Safe to repeat. */
export async function markIssued(tx: Tx, passId: PassId, at: Date): Promise<void> {
  await tx.query('update pass set issued_at = $3 where shop_id = $1 and id = $2 and issued_at is null', [
    tx.shopId,
    passId,
    at,
  ]);
}

/** The pass type or issuer that new passes of this shop take; null is the platform's. */
export async function readIssuerInUse(tx: Tx, wallet: Wallet): Promise<string | null> {
  const [row] = await tx.query<{ name: string }>(
    wallet === 'apple'
      ? `select pass_type_identifier as name from apple_issuer where shop_id = $1 and state = 'active'`
      : `select issuer_id as name from google_issuer where shop_id = $1 and state = 'active'`,
    [tx.shopId],
  );
  return row?.name ?? null;
}

export type DelegatedUse = { plan: Plan; /** Null is no limit. */ passesMax: number | null; passes: number };

/** How many passes of a wallet are out under the platform's name, counted up to the plan's limit. */
export async function readDelegatedUse(tx: Tx, wallet: Wallet): Promise<DelegatedUse> {
  const [shop] = await tx.query<{ plan: Plan }>('select plan from shop where id = $1', [tx.shopId]);
  const plan = shop?.plan ?? 'starter';
  const passesMax = delegatedPassesMax[plan];
  const [row] = await tx.query<{ passes: number }>(
    `select count(*)::int as passes from (
       select 1 from pass where shop_id = $1 and wallet = $2 and issued_at is not null and state = 'active'
         and pass_type_identifier is null and google_issuer_id is null limit $3) as out`,
    [tx.shopId, wallet, passesMax],
  );
  return { plan, passesMax, passes: row?.passes ?? 0 };
}

/** Farther from the limit than passes are ever handed out at once, nobody has to wait for anybody. */
const nearLimit = 500;

async function refuseBeyondPlan(tx: Tx, wallet: Wallet): Promise<void> {
  const before = await readDelegatedUse(tx, wallet);
  if (before.passesMax === null || before.passes < before.passesMax - nearLimit) return;
  // The shop's row is the lock: two last passes at once are counted one after the other.
  await tx.query('select 1 as one from shop where id = $1 for no key update', [tx.shopId]);
  const { plan, passesMax, passes } = await readDelegatedUse(tx, wallet);
  if (passesMax === null || passes < passesMax) return;
  throw new Forbidden(
    'delegated-passes-max',
    `The plan "${plan}" includes ${passesMax} cards under the platform's certificate; an own certificate has no limit`,
    { publicMessage: 'This shop cannot hand out more cards at the moment. Your points and stamps are safe.' },
  );
}
