/** Finding the members a request is about, and collecting everything held about them. */
import type { CaseSubject } from '#app/data/privacy/cases.ts';
import { collectSubjectRecords } from '#app/data/privacy/subject-records.ts';
import { type ListedEntry, listEntries } from '#app/data/ledger/ledger-audit.ts';
import { readBalances } from '#app/data/ledger/ledger.ts';
import {
  findMembersByCustomers,
  listFolded,
  type Member,
  readMembers,
  resolveFolded,
} from '#app/data/members/members.ts';
import { listPasses } from '#app/data/cards/passes.ts';
import { findMembersByEmail, findMembersByPhone, readProfiles } from '#app/data/members/profiles.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { campaignContentSchema } from '#app/domain/campaigns/campaign-schema.ts';
import { textFor } from '#app/domain/campaigns/campaign.ts';
import type { MemberId } from '#app/lib/ids.ts';

const pageMax = 1_000;

/**
 * Members by customer id, e-mail or phone: Shopify may name any of them, or the e-mail alone; or by our own id. Whoever was
 * folded into one, or is whom one was folded into, is the same person, and so is who is the same customer in another
 * program. An address that somebody merely typed makes nobody the same person as a member who was named by id.
 */
export async function findSubjectMembers(tx: Tx, subject: CaseSubject): Promise<MemberId[]> {
  const named = await readMembers(tx, subject.memberIds ?? []);
  const customerIds = [subject.customerId, ...named.map((member) => member.shopifyCustomerId)].filter(
    (id) => id !== null,
  );
  const byCustomer = await findMembersByCustomers(tx, customerIds);
  const found = new Set([...named, ...byCustomer].map((member) => member.memberId));
  if (subject.email !== null) for (const memberId of await findMembersByEmail(tx, subject.email)) found.add(memberId);
  if (subject.phone !== null) for (const memberId of await findMembersByPhone(tx, subject.phone)) found.add(memberId);
  const survivors = await resolveFolded(tx, await readMembers(tx, [...found]));
  for (const { memberId } of survivors) found.add(memberId);
  for (const { memberId } of await listFolded(tx, [...found])) found.add(memberId);
  return [...found].toSorted();
}

/** Everything held about these members and customers, for them to read. */
export async function collectPersonalData(
  tx: Tx,
  memberIds: MemberId[],
  customerIds: string[],
): Promise<{ members: Record<string, unknown>[]; orders: Record<string, unknown>[] }> {
  const members = await readMembers(tx, memberIds);
  const profiles = await readProfiles(tx, memberIds);
  const passes = await listPasses(tx, memberIds);
  const balances = await readBalances(tx, memberIds);
  const answers: Record<string, unknown>[] = [];
  for (const member of members)
    answers.push({
      member: {
        id: member.memberId,
        shopifyCustomerId: member.shopifyCustomerId,
        externalId: member.externalId,
        cardId: member.cardId,
        state: member.state,
        locale: member.locale,
        enrolledAt: member.enrolledAt,
        enrolledVia: member.enrolledVia,
        tags: member.tags,
        timeZone: member.timeZone,
        frozenAt: member.frozenAt,
        frozenBy: member.frozenBy,
      },
      earlierCards: await listRetiredCards(tx, member.memberId),
      profile: profiles.get(member.memberId) ?? null,
      balances: balances
        .filter((balance) => balance.memberId === member.memberId)
        .map(({ unit, amount }) => ({ unit, amount })),
      entries: await allEntries(tx, member.memberId),
      ...(await collectSubjectRecords(tx, member.memberId)),
      rewards: await listRewards(tx, member.memberId),
      events: await listEvents(tx, member.memberId),
      referrals: await listReferralsOf(tx, member.memberId),
      messages: await listMessagesTo(tx, member),
      devices: await listDeviceIds(tx, member.memberId),
      passes: passes
        .filter((pass) => pass.memberId === member.memberId)
        .map((pass) => ({ wallet: pass.wallet, serial: pass.serial, state: pass.state })),
    });
  return { members: answers, orders: await listOrders(tx, memberIds, customerIds) };
}

function listRetiredCards(tx: Tx, memberId: MemberId): Promise<Record<string, unknown>[]> {
  return tx.query(
    `select card_id as "cardId", retired_at as "retiredAt" from retired_card
     where shop_id = $1 and member_id = $2 order by retired_at, card_id`,
    [tx.shopId, memberId],
  );
}

async function allEntries(tx: Tx, memberId: MemberId): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for (;;) {
    const page = await listEntries(tx, memberId, { before: entries.at(-1)?.entryId ?? null, limit: pageMax });
    entries.push(...page);
    if (page.length < pageMax) return entries;
  }
}

function listRewards(tx: Tx, memberId: MemberId): Promise<Record<string, unknown>[]> {
  return tx.query(
    `select reward_id as "rewardId", unit, cost, state, channel, location_id as "locationId", cart, benefit,
       benefit_state as "benefitState", order_id as "orderId", given_back as "givenBack", created_at as "createdAt"
     from reservation where shop_id = $1 and member_id = $2 order by created_at, id`,
    [tx.shopId, memberId],
  );
}

function listEvents(tx: Tx, memberId: MemberId): Promise<Record<string, unknown>[]> {
  return tx.query(
    `select kind, name, event_key as "eventKey", occurred_at as "occurredAt", is_revoked as "isRevoked", facts, booked
     from member_event where shop_id = $1 and account_id = $2 order by occurred_at, id`,
    [tx.shopId, memberId],
  );
}

/** Who the other side was is not the asking person's to know. */
function listReferralsOf(tx: Tx, memberId: MemberId): Promise<Record<string, unknown>[]> {
  return tx.query(
    `select case when friend_id = $2 then 'friend' else 'referrer' end as side, state, refusal, created_at as "createdAt"
     from referral where shop_id = $1 and (friend_id = $2 or referrer_id = $2) order by created_at, id`,
    [tx.shopId, memberId],
  );
}

/** What the shop wrote on their card, and what it is about to. */
async function listMessagesTo(tx: Tx, { memberId, locale }: Member): Promise<Record<string, unknown>[]> {
  const rows = await tx.query<{ content: unknown; due_at: Date; shown_at: Date | null }>(
    `select c.content, r.due_at, r.shown_at from campaign_recipient r
     join campaign c on c.shop_id = r.shop_id and c.id = r.campaign_id
     where r.shop_id = $1 and r.member_id = $2 order by r.due_at, c.id`,
    [tx.shopId, memberId],
  );
  return rows.map(({ content, due_at: dueAt, shown_at: shownAt }) => ({
    text: textFor(campaignContentSchema.parse(content), locale),
    dueAt,
    shownAt,
  }));
}

function listDeviceIds(tx: Tx, memberId: MemberId): Promise<Record<string, unknown>[]> {
  return tx.query(
    `select r.device_library_identifier as "deviceLibraryIdentifier", r.registered_at as "registeredAt"
     from device_registration r join pass p on p.shop_id = r.shop_id and p.id = r.pass_id
     where r.shop_id = $1 and p.member_id = $2 order by r.registered_at, r.device_library_identifier`,
    [tx.shopId, memberId],
  );
}

/**
 * What is kept of their orders: figures and ids, also of orders that count for nobody; nobody else who once claimed one. Of
 * one that named them once and is somebody else's, they read that it did and no more.
 */
function listOrders(tx: Tx, memberIds: MemberId[], customerIds: string[]): Promise<Record<string, unknown>[]> {
  return tx.query(
    `select order_id as "orderId", state::jsonb - 'claimedBy' as state, booked, processed_at as "processedAt" from order_state
     where shop_id = $1 and (member_id = any($2) or customer_id = any($3))
     union all
     select f.order_id, null, null, null from former_customer f where f.shop_id = $1 and f.customer_id = any($3)
       and not exists (select from order_state o where o.shop_id = $1 and o.order_id = f.order_id
         and (o.member_id = any($2) or o.customer_id = any($3)))
     order by 4, 1`,
    [tx.shopId, memberIds, customerIds],
  );
}
