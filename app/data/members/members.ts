/** Members: opaque ids and arithmetic here, identity in `data/members/profiles.ts`. */
import { highestId } from '#app/data/page-bounds.ts';
import { readMerged } from '#app/data/members/merged-customers.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { isId, type MemberId, newId, newSerial, type ProgramId } from '#app/lib/ids.ts';

export type EnrolledVia = 'checkout' | 'pos' | 'link' | 'api' | 'admin';
export type MemberState = 'active' | 'frozen' | 'erased';

export type Member = {
  memberId: MemberId;
  programId: ProgramId;
  shopifyCustomerId: string | null;
  externalId: string | null;
  cardId: string;
  state: MemberState;
  locale: string;
  enrolledAt: Date;
  enrolledVia: EnrolledVia;
  /** The customer's tags in Shopify; null when they are not known. Personal. */
  tags: string[] | null;
  /** The member this one was folded into, since when: Shopify made two customers one. */
  foldedInto: MemberId | null;
  foldedAt: Date | null;
  /** The message of the shop on their card, and since when. */
  news: { campaignId: string; at: Date } | null;
  /** The zone of their own clock; null when it is not known. Personal. */
  timeZone: string | null;
  /** Since when the card is frozen, and whether staff did it; null unless it is. */
  frozenAt: Date | null;
  frozenBy: 'member' | 'staff' | null;
  /** How often the card was replaced. */
  cardGeneration: number;
  /** Since when their data is kept and not used, and since when they object to marketing and profiling. */
  restrictedAt: Date | null;
  objectedAt: Date | null;
};

type MemberRow = {
  id: MemberId;
  program_id: ProgramId;
  shopify_customer_id: string | null;
  external_id: string | null;
  card_id: string;
  state: MemberState;
  locale: string;
  enrolled_at: Date;
  enrolled_via: EnrolledVia;
  tags: string[] | null;
  folded_into: MemberId | null;
  folded_at: Date | null;
  frozen_at: Date | null;
  frozen_by: Member['frozenBy'];
  card_generation: number;
  news_campaign: string | null;
  news_at: Date | null;
  time_zone: string | null;
  restricted_at: Date | null;
  objected_at: Date | null;
};

const columns = `id, program_id, shopify_customer_id, external_id, card_id, state, locale, enrolled_at, enrolled_via, tags,
  folded_into, folded_at, frozen_at, frozen_by, card_generation, news_campaign, news_at, time_zone,
  restricted_at, objected_at`;

function toMember(row: MemberRow): Member {
  return {
    memberId: row.id,
    programId: row.program_id,
    shopifyCustomerId: row.shopify_customer_id,
    externalId: row.external_id,
    cardId: row.card_id,
    state: row.state,
    locale: row.locale,
    enrolledAt: row.enrolled_at,
    enrolledVia: row.enrolled_via,
    tags: row.tags,
    foldedInto: row.folded_into,
    foldedAt: row.folded_at,
    frozenAt: row.frozen_at,
    frozenBy: row.frozen_by,
    cardGeneration: row.card_generation,
    news:
      row.news_campaign === null || row.news_at === null ? null : { campaignId: row.news_campaign, at: row.news_at },
    timeZone: row.time_zone,
    restrictedAt: row.restricted_at,
    objectedAt: row.objected_at,
  };
}

export type NewMember = {
  programId: ProgramId;
  shopifyCustomerId: string | null;
  externalId: string | null;
  locale: string;
  enrolledAt: Date;
  enrolledVia: EnrolledVia;
  enrolledLocation: string | null;
};

/** Adds a member with zero balances, one for each unit. Throws a unique violation when the customer is one already. */
export async function insertMember(tx: Tx, member: NewMember, units: string[]): Promise<MemberId> {
  const memberId = newId<MemberId>();
  await tx.query(
    `insert into member (shop_id, id, program_id, shopify_customer_id, external_id, card_id, locale, enrolled_at,
       enrolled_via, enrolled_location) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      tx.shopId,
      memberId,
      member.programId,
      member.shopifyCustomerId,
      member.externalId,
      newSerial(),
      member.locale,
      member.enrolledAt,
      member.enrolledVia,
      member.enrolledLocation,
    ],
  );
  await tx.query('insert into balance (shop_id, member_id, unit) select $1, $2, unnest($3::text[])', [
    tx.shopId,
    memberId,
    units,
  ]);
  return memberId;
}

const notFound = () => new NotFound('member-not-found', 'No such member');

/** One member; one that was folded answers as whom it was folded into. Throws `NotFound`, also for another shop's. */
export async function readMember(tx: Tx, memberId: string): Promise<Member> {
  const [member] = await resolveFolded(tx, isId(memberId) ? await readMembers(tx, [memberId]) : []);
  if (member === undefined) throw notFound();
  return member;
}

/** The same for who must not be an erased one: nobody outside is told that they were here. Throws `NotFound`. */
export async function readLivingMember(tx: Tx, memberId: string): Promise<Member> {
  const member = await readMember(tx, memberId);
  if (member.state === 'erased') throw notFound();
  return member;
}

/**
 * One member, locked until the transaction ends: the order of locks is member first, then balances. One that was folded
 * answers as whom it was folded into.
 */
export async function lockMember(tx: Tx, memberId: string): Promise<Member> {
  const rows = isId(memberId)
    ? await tx.query<MemberRow>(`select ${columns} from member where shop_id = $1 and id = $2 for no key update`, [
        tx.shopId,
        memberId,
      ])
    : [];
  const [row] = rows;
  if (row === undefined) throw notFound();
  return row.folded_into === null ? toMember(row) : lockMember(tx, row.folded_into);
}

/**
 * Lets only what may be used go on. Throws `NotFound` for a member who was erased, and `Conflict` 'member-restricted' while
 * their data is kept without being used.
 */
export function demandUse(member: Member): void {
  if (member.state === 'erased') throw notFound();
  if (member.restrictedAt !== null)
    throw new Conflict('member-restricted', 'The processing of the member is restricted', {
      publicMessage: 'The use of this data is restricted. Lift the restriction first.',
    });
}

/** These members, each that was folded replaced by whom it was folded into; nobody twice. */
export async function resolveFolded(tx: Tx, members: Member[]): Promise<Member[]> {
  const folded = members.filter((member) => member.foldedInto !== null);
  if (folded.length === 0) return members;
  const into = await readMembers(tx, [...new Set(folded.flatMap((member) => member.foldedInto ?? []))]);
  const others = members.filter((member) => member.foldedInto === null);
  const known = new Set(others.map((member) => member.memberId));
  return resolveFolded(tx, [...others, ...into.filter((member) => !known.has(member.memberId))]);
}

/** The members that were folded into these, directly or on the way, with whom they were folded into. In id order. */
export async function listFolded(tx: Tx, memberIds: MemberId[]): Promise<Member[]> {
  const rows = await tx.query<MemberRow>(
    `with recursive folded as (
       select * from member where shop_id = $1 and folded_into = any($2)
       union
       select m.* from folded f join member m on m.shop_id = $1 and m.folded_into = f.id
     )
     select ${columns} from folded order by id`,
    [tx.shopId, memberIds],
  );
  return rows.map(toMember);
}

/**
 * The members of these Shopify customers, or of whom those were merged into; erased ones left out. One that was folded
 * answers as whom it was folded into.
 */
export async function findMembersByCustomers(tx: Tx, customerIds: string[]): Promise<Member[]> {
  const merged = await readMerged(tx, customerIds);
  return resolveFolded(tx, await findCustomers(tx, [...new Set([...customerIds, ...merged.values()])]));
}

/** The members who are known as these customers and no others, those that were folded as they are; erased ones left out. */
export async function findCustomers(tx: Tx, customerIds: string[]): Promise<Member[]> {
  const rows = await tx.query<MemberRow>(
    `select ${columns} from member where shop_id = $1 and shopify_customer_id = any($2) and state <> 'erased'
     order by enrolled_at, id limit 1000`,
    [tx.shopId, customerIds],
  );
  return rows.map(toMember);
}

/** The member who carries this card id, or null. A card of a folded one is whose it was folded into. */
export async function findMemberByCard(tx: Tx, cardId: string): Promise<Member | null> {
  const holder = await findCardHolder(tx, cardId);
  return holder === null ? null : ((await resolveFolded(tx, [holder]))[0] ?? null);
}

/** The member who carries this card id as they are, also one that was folded, or null. */
export async function findCardHolder(tx: Tx, cardId: string): Promise<Member | null> {
  const rows = await tx.query<MemberRow>(
    `select ${columns} from member where shop_id = $1 and card_id = $2 and state <> 'erased'`,
    [tx.shopId, cardId],
  );
  return rows.map(toMember)[0] ?? null;
}

/** The members an integrator knows by this id: at most one in each program. */
export async function findMembersByExternalId(tx: Tx, externalId: string): Promise<Member[]> {
  const rows = await tx.query<MemberRow>(
    `select ${columns} from member where shop_id = $1 and external_id = $2 and state <> 'erased'
     order by enrolled_at, id limit 1000`,
    [tx.shopId, externalId],
  );
  return resolveFolded(tx, rows.map(toMember));
}

/** Whose referral code this is, or null; one that was folded as they are. */
export async function findReferralHolder(tx: Tx, code: string): Promise<Member | null> {
  const [row] = await tx.query<MemberRow>(
    `select ${columns} from member where shop_id = $1 and referral_code = $2 and state <> 'erased'`,
    [tx.shopId, code],
  );
  return row === undefined ? null : toMember(row);
}

/** Several members by id, in id order; those that were folded as they are. */
export async function readMembers(tx: Tx, memberIds: string[]): Promise<Member[]> {
  const rows = await tx.query<MemberRow>(
    `select ${columns} from member where shop_id = $1 and id = any($2) order by id limit 1000`,
    [tx.shopId, memberIds],
  );
  return rows.map(toMember);
}

/** Ties a member to a Shopify customer when neither is tied yet. False when that was not possible. */
export async function linkCustomer(tx: Tx, memberId: MemberId, customerId: string): Promise<boolean> {
  const rows = await tx.query(
    `update member m set shopify_customer_id = $3
     where shop_id = $1 and id = $2 and shopify_customer_id is null and state <> 'erased' and folded_into is null
       and not exists (select from member o where o.shop_id = $1 and o.program_id = m.program_id and o.shopify_customer_id = $3)
     returning id`,
    [tx.shopId, memberId, customerId],
  );
  return rows.length === 1;
}

/** Marks members erased and cuts every tie to a person outside. Safe to repeat. */
export async function eraseMembers(tx: Tx, memberIds: MemberId[]): Promise<number> {
  await tx.query('delete from retired_card where shop_id = $1 and member_id = any($2)', [tx.shopId, memberIds]);
  const rows = await tx.query(
    `update member set state = 'erased', shopify_customer_id = null, external_id = null, enrolled_location = null, referral_code = null,
       tags = null, tags_at = null, frozen_at = null, frozen_by = null,
       news_campaign = null, news_at = null, time_zone = null, restricted_at = null, objected_at = null,
       card_id = encode(sha256((id::text || clock_timestamp()::text)::bytea), 'hex')
     where shop_id = $1 and id = any($2) and state <> 'erased' returning id`,
    [tx.shopId, memberIds],
  );
  return rows.length;
}

export type MemberPosition = { enrolledAt: Date; memberId: string };

/**
 * A page of members, of some programs or (null) of all, newest first, after a position; reads the index from there, whatever
 * the depth.
 */
export async function listMembersAfter(
  tx: Tx,
  after: MemberPosition | null,
  { limit, programIds }: { limit: number; programIds: ProgramId[] | null },
): Promise<Member[]> {
  const rows = await tx.query<MemberRow>(
    `select ${columns} from member
     where shop_id = $1 and state <> 'erased' and folded_into is null and (enrolled_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, ${highestId}))
       and ($5::uuid[] is null or program_id = any($5))
     order by enrolled_at desc, id desc limit $4`,
    [tx.shopId, after?.enrolledAt ?? null, after?.memberId ?? null, limit, programIds],
  );
  return rows.map(toMember);
}
