/** Referrals, as stored: who brought whom, and what became of it. */
import { randomBytes } from 'node:crypto';

import { findReferralHolder, lockMember, type Member, resolveFolded } from '#app/data/members/members.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { ReferralRefusal } from '#app/domain/members/referral.ts';
import { NotFound } from '#app/lib/errors.ts';
import { type MemberId, newId, type ReferralId, type RuleVersionId } from '#app/lib/ids.ts';

export type ReferralSide = 'friend' | 'referrer';

export type Referral = {
  referralId: ReferralId;
  referrerId: MemberId;
  friendId: MemberId;
  /** As whom the friend was brought, where they were folded into another since. */
  accountId: MemberId | null;
  /** As whom the referrer brought them, where they were folded into another since. */
  referrerAccountId: MemberId | null;
  state: 'waiting' | 'paid' | 'reversed' | 'refused';
  refusal: ReferralRefusal | null;
  ruleVersionId: RuleVersionId;
  /** The friend's order that decides, while there is one, and when it has stood long enough. */
  orderId: string | null;
  dueAt: Date | null;
  /** What is booked for each side, by unit. */
  booked: Partial<Record<ReferralSide, Record<string, number>>>;
  settlements: number;
  createdAt: Date;
};

export type ReferralRow = {
  id: ReferralId;
  referrer_id: MemberId;
  friend_id: MemberId;
  account_id: MemberId | null;
  referrer_account_id: MemberId | null;
  state: Referral['state'];
  refusal: ReferralRefusal | null;
  rule_version_id: RuleVersionId;
  order_id: string | null;
  due_at: Date | null;
  booked: Referral['booked'];
  settlements: number;
  created_at: Date;
};

export const referralColumns = `id, referrer_id, friend_id, account_id, referrer_account_id, state, refusal, rule_version_id, order_id, due_at, booked, settlements, created_at`;

export function toReferral(row: ReferralRow): Referral {
  return {
    referralId: row.id,
    referrerId: row.referrer_id,
    friendId: row.friend_id,
    accountId: row.account_id,
    referrerAccountId: row.referrer_account_id,
    state: row.state,
    refusal: row.refusal,
    ruleVersionId: row.rule_version_id,
    orderId: row.order_id,
    dueAt: row.due_at,
    booked: row.booked,
    settlements: row.settlements,
    createdAt: row.created_at,
  };
}

const codeLength = 10;
/** No letters that look like digits: a code may be read out. */
const codeAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The code a member gives to friends, made at first asking. Safe to repeat. Throws `NotFound`. */
export async function ensureReferralCode(
  tx: Tx,
  memberId: string,
): Promise<{ code: string; isNew: boolean; memberId: MemberId }> {
  const member = await lockMember(tx, memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  const fresh = [...randomBytes(codeLength)].map((byte) => codeAlphabet.charAt(byte % codeAlphabet.length)).join('');
  const [row] = await tx.query<{ code: string }>(
    `update member set referral_code = coalesce(referral_code, $3) where shop_id = $1 and id = $2
     returning referral_code as code`,
    [tx.shopId, member.memberId, fresh],
  );
  const code = row?.code ?? fresh;
  return { code, isNew: code === fresh, memberId: member.memberId };
}

/** The code a member gives to friends, or null while nobody has asked for it. */
export async function findReferralCode(tx: Tx, memberId: MemberId): Promise<string | null> {
  const [row] = await tx.query<{ code: string | null }>(
    'select referral_code as code from member where shop_id = $1 and id = $2',
    [tx.shopId, memberId],
  );
  return row?.code ?? null;
}

/** Whose code this is, or null. Letters of either case, and the digits they are taken for, are the same. */
export async function findReferrer(tx: Tx, code: string): Promise<Member | null> {
  const written = code.trim().toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const holder = await findReferralHolder(tx, written);
  return holder === null ? null : ((await resolveFolded(tx, [holder]))[0] ?? null);
}

/** Adds a referral: 'waiting', or refused with its reason. */
export async function insertReferral(
  tx: Tx,
  referral: Pick<Referral, 'referrerId' | 'friendId' | 'refusal' | 'ruleVersionId' | 'createdAt'>,
): Promise<ReferralId> {
  const referralId = newId<ReferralId>();
  await tx.query(
    `insert into referral (shop_id, id, referrer_id, friend_id, state, refusal, rule_version_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tx.shopId,
      referralId,
      referral.referrerId,
      referral.friendId,
      referral.refusal === null ? 'waiting' : 'refused',
      referral.refusal,
      referral.ruleVersionId,
      referral.createdAt,
    ],
  );
  return referralId;
}

/** What brought these members, and whom they brought; newest first, at most 200. */
export async function listReferrals(tx: Tx, memberIds: MemberId[]): Promise<Referral[]> {
  const rows = await tx.query<ReferralRow>(
    `select ${referralColumns} from referral where shop_id = $1 and (referrer_id = any($2) or friend_id = any($2))
     order by created_at desc, id desc limit 200`,
    [tx.shopId, memberIds],
  );
  return rows.map(toReferral);
}

/**
 * SQL for the referrals that pay or may come to: refused for good is only what was refused when the friend joined, and who
 * turned out to be the same person. Which of several names of one friend counts is asked again, and they know their account.
 */
export const mayStillPay = `(state <> 'refused' or refusal in ('not-new', 'friends-max') or refusal = 'second' and account_id is not null)`;

/** What may still pay, or be taken back, because one of these members was brought. */
export async function findReferralsOfFriends(tx: Tx, friendIds: MemberId[]): Promise<Referral[]> {
  const rows = await tx.query<ReferralRow>(
    `select ${referralColumns} from referral where shop_id = $1 and friend_id = any($2) and ${mayStillPay} order by id`,
    [tx.shopId, friendIds],
  );
  return rows.map(toReferral);
}

/** Referrals whose pending period is over, the oldest first. */
export async function findDueReferrals(tx: Tx, at: Date, limit: number): Promise<Referral[]> {
  const rows = await tx.query<ReferralRow>(
    `select ${referralColumns} from referral where shop_id = $1 and state = 'waiting' and due_at <= $2
     order by due_at, id limit $3`,
    [tx.shopId, at, limit],
  );
  return rows.map(toReferral);
}

/** These referrals as they are now, locked until the transaction ends. Hold the balances of both sides. */
export async function lockReferrals(tx: Tx, referralIds: ReferralId[]): Promise<Referral[]> {
  const rows = await tx.query<ReferralRow>(
    `select ${referralColumns} from referral where shop_id = $1 and id = any($2) order by id for update`,
    [tx.shopId, referralIds],
  );
  return rows.map(toReferral);
}

/** For how many friends a member has been paid. */
export async function countPaidFriends(tx: Tx, referrerId: MemberId): Promise<number> {
  const [row] = await tx.query<{ friends: number }>(
    `select count(*)::int as friends from referral
     where shop_id = $1 and referrer_id = $2 and state = 'paid' and booked ? 'referrer'`,
    [tx.shopId, referrerId],
  );
  return row?.friends ?? 0;
}

/** Who brought a member, who brought that one, and so on; the nearest first. */
export async function listReferrersAbove(tx: Tx, memberId: MemberId): Promise<MemberId[]> {
  const rows = await tx.query<{ referrer_id: MemberId }>(
    `with recursive above as (
       select referrer_id, 1 as depth from referral where shop_id = $1 and friend_id = $2 and state <> 'refused'
       union all
       select r.referrer_id, a.depth + 1 from above a
       join referral r on r.shop_id = $1 and r.friend_id = a.referrer_id and r.state <> 'refused'
     ) cycle referrer_id set is_cycle using path
     select referrer_id from above where not is_cycle order by depth limit 10000`,
    [tx.shopId, memberId],
  );
  return rows.map((row) => row.referrer_id);
}

/** Stores what became of referrals. */
export async function writeReferrals(tx: Tx, referrals: Referral[]): Promise<void> {
  if (referrals.length === 0) return;
  await tx.query(
    `update referral set state = r.state, refusal = r.refusal, order_id = r.order_id, due_at = r.due_at,
       booked = r.booked, settlements = r.settlements
     from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::jsonb[], $8::int[])
       as r(id, state, refusal, order_id, due_at, booked, settlements)
     where referral.shop_id = $1 and referral.id = r.id`,
    [
      tx.shopId,
      referrals.map((referral) => referral.referralId),
      referrals.map((referral) => referral.state),
      referrals.map((referral) => referral.refusal),
      referrals.map((referral) => referral.orderId),
      referrals.map((referral) => referral.dueAt),
      referrals.map((referral) => JSON.stringify(referral.booked)),
      referrals.map((referral) => referral.settlements),
    ],
  );
}
