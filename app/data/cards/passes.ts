/**
 * Passes and the devices that carry them. A pass version rises in the transaction that changes what the card shows;
 * `last_modified` rises by at least a second with it, because HTTP dates have no finer grain.
 */
import { findShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type MemberId, newId, newSerial, type PassId } from '#app/lib/ids.ts';
import { equalBytes, sign, type ShopKeys } from '#app/lib/sealed-box.ts';

export type Wallet = 'apple' | 'google';

export type Pass = {
  passId: PassId;
  memberId: MemberId;
  wallet: Wallet;
  serial: string;
  state: 'active' | 'void';
  version: number;
  lastModified: Date;
  announcedVersion: number;
  announcedHash: Buffer | null;
  seenVersion: number;
  seenAt: Date | null;
  voidedAt: Date | null;
};

type PassRow = {
  id: PassId;
  member_id: MemberId;
  wallet: Wallet;
  serial: string;
  state: Pass['state'];
  version: number;
  last_modified: Date;
  announced_version: number;
  announced_hash: Buffer | null;
  seen_version: number;
  seen_at: Date | null;
  voided_at: Date | null;
};

const columns =
  'id, member_id, wallet, serial, state, version, last_modified, announced_version, announced_hash, seen_version, seen_at, voided_at';

function toPass(row: PassRow): Pass {
  return {
    passId: row.id,
    memberId: row.member_id,
    wallet: row.wallet,
    serial: row.serial,
    state: row.state,
    version: row.version,
    lastModified: row.last_modified,
    announcedVersion: row.announced_version,
    announcedHash: row.announced_hash,
    seenVersion: row.seen_version,
    seenAt: row.seen_at,
    voidedAt: row.voided_at,
  };
}

/** The member's pass for a wallet, made at first asking. Safe to repeat. */
export async function ensurePass(tx: Tx, memberId: MemberId, wallet: Wallet): Promise<Pass> {
  await tx.query(
    `insert into pass (shop_id, id, member_id, wallet, serial) values ($1, $2, $3, $4, $5)
     on conflict (shop_id, member_id, wallet) do nothing`,
    [tx.shopId, newId<PassId>(), memberId, wallet, newSerial()],
  );
  const [row] = await tx.query<PassRow>(
    `select ${columns} from pass where shop_id = $1 and member_id = $2 and wallet = $3`,
    [tx.shopId, memberId, wallet],
  );
  if (row === undefined) throw new Error('Broken invariant: a pass that was just made is missing');
  return toPass(row);
}

/** One pass by id, or null. */
export async function findPass(tx: Tx, passId: string): Promise<Pass | null> {
  const [row] = await tx.query<PassRow>(`select ${columns} from pass where shop_id = $1 and id = $2`, [
    tx.shopId,
    passId,
  ]);
  return row === undefined ? null : toPass(row);
}

/** One pass by serial, or null. */
export async function findPassBySerial(tx: Tx, serial: string): Promise<Pass | null> {
  const [row] = await tx.query<PassRow>(`select ${columns} from pass where shop_id = $1 and serial = $2`, [
    tx.shopId,
    serial,
  ]);
  return row === undefined ? null : toPass(row);
}

/** How long an erased member's greyed-out pass is still handed out, so that phones learn of it. */
const voidGraceMs = 30 * 86_400_000;

/** The token with which a device proves that it holds a pass. Derived, never stored. */
export function passToken(keys: ShopKeys, passTypeIdentifier: string, serial: string): string {
  return sign(keys, 'pass-token/1', `${passTypeIdentifier}\u0000${serial}`).toString('base64url');
}

/** The Apple pass that this serial and token open, or null: unknown, foreign and long void passes look the same. */
export async function findAuthorizedPass(
  tx: Tx,
  claim: { passTypeIdentifier: string; serialNumber: string; token: string | null; at: Date },
): Promise<{ pass: Pass; keys: ShopKeys } | null> {
  const keys = await findShopKeys(tx);
  const pass = await findPassBySerial(tx, claim.serialNumber);
  if (keys === null || pass === null || pass.wallet !== 'apple' || claim.token === null) return null;
  const expected = passToken(keys, claim.passTypeIdentifier, pass.serial);
  if (!equalBytes(Buffer.from(expected), Buffer.from(claim.token))) return null;
  if (pass.voidedAt !== null && claim.at.getTime() - pass.voidedAt.getTime() > voidGraceMs) return null;
  return { pass, keys };
}

/** All passes of these members. */
export async function listPasses(tx: Tx, memberIds: string[]): Promise<Pass[]> {
  const rows = await tx.query<PassRow>(
    `select ${columns} from pass where shop_id = $1 and member_id = any($2) order by member_id, wallet`,
    [tx.shopId, memberIds],
  );
  return rows.map(toPass);
}

/** Raises the version of all passes of these members and asks for their regeneration, in one statement. */
export async function touchPasses(tx: Tx, memberIds: MemberId[]): Promise<void> {
  if (memberIds.length === 0) return;
  await tx.query(
    `with touched as (
       update pass set version = version + 1, changed_xid = pg_current_xact_id(),
         last_modified = greatest(last_modified + interval '1 second', date_trunc('second', clock_timestamp()))
       where shop_id = $1 and member_id = any($2) returning id
     )
     insert into outbox (shop_id, job, payload)
     select $1, 'regenerate-pass', jsonb_build_object('shopId', $1::uuid, 'passId', id) from touched`,
    [tx.shopId, memberIds],
  );
}

/** Lists a pass to its devices again, whatever tag they hold, although it has not changed. Safe to repeat. */
export async function listAgain(tx: Tx, passId: PassId): Promise<void> {
  await tx.query('update pass set changed_xid = pg_current_xact_id() where shop_id = $1 and id = $2', [
    tx.shopId,
    passId,
  ]);
}

/** Raises the version of a whole program's passes, a slice of members at a time. Answers the last member of the slice. */
export async function touchProgramPasses(
  tx: Tx,
  slice: { programId: string; after: MemberId | null; limit: number },
): Promise<MemberId | null> {
  const rows = await tx.query<{ id: MemberId }>(
    `select id from member where shop_id = $1 and program_id = $2 and ($3::uuid is null or id > $3) order by id limit $4`,
    [tx.shopId, slice.programId, slice.after, slice.limit],
  );
  await touchPasses(
    tx,
    rows.map((row) => row.id),
  );
  return rows.length < slice.limit ? null : (rows.at(-1)?.id ?? null);
}

/** Makes passes void: greyed out, without a balance or a name. Safe to repeat. */
export async function voidPasses(tx: Tx, memberIds: MemberId[], at: Date): Promise<number> {
  const rows = await tx.query(
    `update pass set state = 'void', voided_at = coalesce(voided_at, $3)
     where shop_id = $1 and member_id = any($2) and state = 'active' returning id`,
    [tx.shopId, memberIds, at],
  );
  await touchPasses(tx, memberIds);
  return rows.length;
}

/** Remembers what was announced. False when another worker announced a newer version meanwhile. */
export async function markAnnounced(
  tx: Tx,
  passId: PassId,
  announced: { version: number; hash: Buffer },
): Promise<boolean> {
  const rows = await tx.query(
    `update pass set announced_version = $3, announced_hash = $4
     where shop_id = $1 and id = $2 and announced_version <= $3 returning id`,
    [tx.shopId, passId, announced.version, announced.hash],
  );
  return rows.length === 1;
}

/** Remembers the newest version a device or Google is known to hold. Never goes back. */
export async function markSeen(tx: Tx, passId: PassId, seen: { version: number; at: Date }): Promise<void> {
  await tx.query(
    `update pass set seen_version = $3, seen_at = $4 where shop_id = $1 and id = $2 and seen_version < $3`,
    [tx.shopId, passId, seen.version, seen.at],
  );
}
