/**
 * Passes and the devices that carry them. A pass version rises in the transaction that changes what the card shows;
 * `last_modified` rises by at least a second with it, because HTTP dates have no finer grain.
 */
import { readMember } from '#app/data/members/members.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type BucketRange, isInRange } from '#app/domain/cards/rollout.ts';
import { type MemberId, newId, newSerial, type PassId } from '#app/lib/ids.ts';
import { NotFound } from '#app/lib/errors.ts';
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
  /** The version that is shown and not announced; null when there was none. */
  quietVersion: number | null;
  seenAt: Date | null;
  voidedAt: Date | null;
  /** Null is the platform's. Fixed from the first time the pass is handed out. */
  passTypeIdentifier: string | null;
  /** The same at Google. */
  googleIssuerId: string | null;
  /** When it was first handed out. */
  issuedAt: Date | null;
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
  quiet_version: number | null;
  seen_at: Date | null;
  voided_at: Date | null;
  pass_type_identifier: string | null;
  google_issuer_id: string | null;
  issued_at: Date | null;
};

const columns =
  'id, member_id, wallet, serial, state, version, last_modified, announced_version, announced_hash, seen_version, quiet_version, seen_at, voided_at, pass_type_identifier, google_issuer_id, issued_at';

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
    quietVersion: row.quiet_version,
    seenAt: row.seen_at,
    voidedAt: row.voided_at,
    passTypeIdentifier: row.pass_type_identifier,
    googleIssuerId: row.google_issuer_id,
    issuedAt: row.issued_at,
  };
}

/**
 * The member's live pass for a wallet, made at first asking; of one that was folded, the pass of whom they were folded into.
 * Safe to repeat, also beside a replacement or an erasure: whichever is first is seen by the other. Throws `NotFound`.
 */
export async function ensurePass(tx: Tx, memberId: MemberId, wallet: Wallet): Promise<Pass> {
  const member = await readMember(tx, memberId);
  const existing = await findActivePass(tx, member.memberId, wallet);
  if (existing !== null) return existing;
  await tx.query(
    `with open as (select id from member where shop_id = $1 and id = $3 and state <> 'erased' and folded_into is null
       for share)
     insert into pass (shop_id, id, member_id, wallet, serial, pass_type_identifier, google_issuer_id)
     select $1, $2, id, $4, $5,
       (select pass_type_identifier from apple_issuer where shop_id = $1 and state = 'active' and $4 = 'apple'),
       (select issuer_id from google_issuer where shop_id = $1 and state = 'active' and $4 = 'google') from open
     on conflict (shop_id, member_id, wallet) where state = 'active' do nothing`,
    [tx.shopId, newId<PassId>(), member.memberId, wallet, newSerial()],
  );
  const made = await findActivePass(tx, member.memberId, wallet);
  if (made === null) throw new NotFound('member-not-found', 'A member who is gone has no pass');
  return made;
}

async function findActivePass(tx: Tx, memberId: MemberId, wallet: Wallet): Promise<Pass | null> {
  const [row] = await tx.query<PassRow>(
    `select ${columns} from pass where shop_id = $1 and member_id = $2 and wallet = $3 and state = 'active'`,
    [tx.shopId, memberId, wallet],
  );
  return row === undefined ? null : toPass(row);
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
  claim: PassClaim & { serialNumber: string },
): Promise<{ pass: Pass; keys: ShopKeys } | null> {
  const keys = await findShopKeys(tx);
  const pass = await findPassBySerial(tx, claim.serialNumber);
  if (keys === null || pass === null || pass.wallet !== 'apple') return null;
  const tokenFor = (passType: string) => passToken(keys, passType, pass.serial);
  return opensPass({ ...pass, tokenFor }, claim) ? { pass, keys } : null;
}

export type PassClaim = {
  passTypeIdentifier: string;
  token: string | null;
  at: Date;
  /** The platform's pass type. */
  platformType: () => string;
};

/** Whether a claim opens an Apple pass: the right type, the right token, and not void for too long. */
export function opensPass(
  pass: Pick<Pass, 'passTypeIdentifier' | 'voidedAt'> & { tokenFor: (passTypeIdentifier: string) => string },
  claim: PassClaim,
): boolean {
  const ownType = pass.passTypeIdentifier ?? claim.platformType();
  if (claim.passTypeIdentifier !== ownType || claim.token === null) return false;
  if (!equalBytes(Buffer.from(pass.tokenFor(ownType)), Buffer.from(claim.token))) return false;
  return pass.voidedAt === null || claim.at.getTime() - pass.voidedAt.getTime() <= voidGraceMs;
}

/** All passes of these members, void ones too; of each wallet the newest first. */
export async function listPasses(tx: Tx, memberIds: string[]): Promise<Pass[]> {
  const rows = await tx.query<PassRow>(
    `select ${columns} from pass where shop_id = $1 and member_id = any($2) order by member_id, wallet, created_at desc, id`,
    [tx.shopId, memberIds],
  );
  return rows.map(toPass);
}

/** Raises the version of all passes of these members and asks for their regeneration, in one statement. */
export async function touchPasses(tx: Tx, memberIds: MemberId[]): Promise<void> {
  await raiseVersions(tx, { memberIds, passIds: null, isBulk: false });
}

/** As `touchPasses`, but behind what one shopper waits for. */
export async function touchPassesInBulk(tx: Tx, memberIds: MemberId[]): Promise<void> {
  await raiseVersions(tx, { memberIds, passIds: null, isBulk: true });
}

/**
 * As `touchPassesInBulk`, for what is nothing to wake anybody for. A wallet that has something else to say yet says it.
 */
export async function touchPassesQuietly(tx: Tx, memberIds: MemberId[]): Promise<void> {
  await touchPassesInBulk(tx, memberIds);
  await tx.query(
    `update pass set quiet_version = version where shop_id = $1 and member_id = any($2) and seen_version = version - 1`,
    [tx.shopId, memberIds],
  );
}

/** `passIds` narrows it to some of their passes; null means all. */
type Raised = { memberIds: MemberId[]; passIds: PassId[] | null; isBulk: boolean };

async function raiseVersions(tx: Tx, { memberIds, passIds, isBulk }: Raised): Promise<void> {
  if (memberIds.length === 0) return;
  await tx.query(
    `with touched as (
       update pass set version = version + 1, changed_xid = pg_current_xact_id(),
         last_modified = greatest(last_modified + interval '1 second', date_trunc('second', clock_timestamp()))
       where shop_id = $1 and member_id = any($2) and ($4::uuid[] is null or id = any($4))
         and (state = 'active' or voided_at > clock_timestamp() - interval '30 days') returning id
     )
     insert into outbox (shop_id, job, payload)
     select $1, 'regenerate-pass', jsonb_build_object('shopId', $1::uuid, 'passId', id, 'isBulk', $3::boolean) from touched`,
    [tx.shopId, memberIds, isBulk, passIds],
  );
}

/** Lists a pass to its devices again, whatever tag they hold, although it has not changed. Safe to repeat. */
export async function listAgain(tx: Tx, passId: PassId): Promise<void> {
  await tx.query('update pass set changed_xid = pg_current_xact_id() where shop_id = $1 and id = $2', [
    tx.shopId,
    passId,
  ]);
}

/**
 * Raises the version of a whole program's passes, in bulk: a slice of members at a time. With `buckets`, only those that a
 * step of a rollout is about. `last` is the last member of the slice, null when it was the last slice.
 */
export async function touchProgramPasses(
  tx: Tx,
  slice: { programId: string; after: MemberId | null; limit: number; buckets: BucketRange | null },
): Promise<{ last: MemberId | null; touched: number }> {
  const rows = await tx.query<{ id: MemberId }>(
    `select id from member where shop_id = $1 and program_id = $2 and id > coalesce($3::uuid, ${lowestId}) order by id limit $4`,
    [tx.shopId, slice.programId, slice.after, slice.limit],
  );
  const memberIds = rows.map((row) => row.id);
  const passIds = slice.buckets === null ? null : await passesInBuckets(tx, memberIds, slice.buckets);
  await raiseVersions(tx, { memberIds, passIds, isBulk: true });
  const last = rows.length < slice.limit ? null : (rows.at(-1)?.id ?? null);
  return { last, touched: passIds?.length ?? 0 };
}

async function passesInBuckets(tx: Tx, memberIds: MemberId[], buckets: BucketRange): Promise<PassId[]> {
  const rows = await tx.query<{ id: PassId }>(
    `select id from pass where shop_id = $1 and member_id = any($2) and state = 'active' order by id`,
    [tx.shopId, memberIds],
  );
  return rows.map((row) => row.id).filter((passId) => isInRange(passId, buckets));
}

/** Makes passes void: greyed out, without a balance or a name. Safe to repeat. */
export async function voidPasses(tx: Tx, memberIds: MemberId[], at: Date): Promise<number> {
  const rows = await tx.query(
    `update pass set state = 'void', voided_at = coalesce(voided_at, $3)
     where shop_id = $1 and member_id = any($2) and state = 'active' returning id`,
    [tx.shopId, memberIds, at],
  );
  // What was prepared for phones names the person.
  await tx.query(
    `delete from prepared_pass c using pass p
     where c.shop_id = $1 and p.shop_id = $1 and p.id = c.pass_id and p.member_id = any($2)`,
    [tx.shopId, memberIds],
  );
  await touchPasses(tx, memberIds);
  return rows.length;
}

/** Ends the time in which their void passes are still handed out: from `at` on their tokens open nothing. Safe to repeat. */
export async function endVoidGrace(tx: Tx, memberIds: MemberId[], at: Date): Promise<void> {
  const over = new Date(at.getTime() - voidGraceMs - 1_000);
  await tx.query(
    `update pass set voided_at = $3 where shop_id = $1 and member_id = any($2) and state = 'void' and voided_at > $3`,
    [tx.shopId, memberIds, over],
  );
}

/** Remembers what was announced. False when another worker announced a newer version meanwhile. */
export async function markAnnounced(
  tx: Tx,
  passId: PassId,
  announced: { version: number; hash: Buffer; designNumber: number },
): Promise<boolean> {
  const rows = await tx.query(
    `update pass set announced_version = $3, announced_hash = $4, design_number = $5
     where shop_id = $1 and id = $2 and announced_version <= $3 returning id`,
    [tx.shopId, passId, announced.version, announced.hash, announced.designNumber],
  );
  return rows.length === 1;
}
