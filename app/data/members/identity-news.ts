/** What Shopify tells us about people, applied: customers linked, corrected or merged, and requests turned into cases. */
import type { ComplianceRequest, CustomerIdentity } from '#app/contracts/shopify-customer.ts';
import type { CustomerMerge, CustomerTagsNews } from '#app/contracts/shopify-delivery.ts';
import { type CaseSubject, openCase } from '#app/data/privacy/cases.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { findErasedCustomers } from '#app/data/privacy/erased-customers.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { forgetMemberTags, keepMemberTags } from '#app/data/members/member-tags.ts';
import { findReferralsAbout, settleReferrals } from '#app/data/ledger/referral-settlement.ts';
import { lockHistory, readRules } from '#app/data/ledger/rules-in-force.ts';
import { foldMembers } from '#app/data/members/fold-members.ts';
import {
  findCustomers,
  findMembersByCustomers,
  linkCustomer,
  type Member,
  readMembers,
  resolveFolded,
} from '#app/data/members/members.ts';
import { allIdsOf, keepMerge, readMerged } from '#app/data/members/merged-customers.ts';
import { waitForSettlers } from '#app/data/orders/member-orders.ts';
import { findOrdersOnceOf } from '#app/data/orders/former-customers.ts';
import { findUnclaimedOrders } from '#app/data/orders/orders.ts';
import { findMembersByEmail, writeProfile } from '#app/data/members/profiles.ts';
import { noteWaitingCustomer, provenAmong } from '#app/data/members/proven-addresses.ts';
import { settleOrders } from '#app/data/ledger/settlement.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { CaseKind } from '#app/domain/privacy/case.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import type { CaseId, MemberId } from '#app/lib/ids.ts';

const claimedOrdersMax = 50;
/** A restriction is short, and few are merged: more orders than these nobody has made meanwhile. */
const waitingOrdersMax = 500;

/** Applies a customer topic. `news` is what was sealed at arrival. Safe to repeat. */
export async function applyCustomerNews(tx: Tx, topic: string, news: unknown): Promise<void> {
  if (news === null) return;
  await keepErasureOut(tx);
  await lockHistory(tx);
  if (topic === 'customers/merge') return mergeCustomers(tx, news as CustomerMerge);
  // A deleted customer record is not a request to erase the membership: Shopify sends customers/redact for that.
  if (topic === 'customers/delete') return;
  if (topic.startsWith('customer.tags_')) return retag(tx, news as CustomerTagsNews);
  await correctCustomer(tx, news as CustomerIdentity);
}

async function retag(tx: Tx, { customerId, changedAt }: CustomerTagsNews): Promise<void> {
  await forgetMemberTags(tx, customerId, changedAt === null ? now() : new Date(changedAt));
}

async function correctCustomer(tx: Tx, customer: CustomerIdentity): Promise<void> {
  if (customer.tags !== null && customer.updatedAt !== null)
    await keepMemberTags(tx, customer.customerId, { tags: customer.tags, at: new Date(customer.updatedAt) });
  const members = await findMembersByCustomers(tx, [customer.customerId]);
  if (members.length === 0) return linkByEmail(tx, customer);
  // What is told late of one who was merged into another is not true of that other.
  if ((await readMerged(tx, [customer.customerId])).size > 0) return;
  const name = [customer.firstName, customer.lastName].filter((part) => part !== null && part !== '').join(' ');
  for (const { memberId, enrolledVia, restrictedAt } of members) {
    // Whoever joined by link only said an address: the card in their hand must not learn the customer's name from us.
    if (enrolledVia === 'link') continue;
    // A restricted member's data is kept as it is.
    if (restrictedAt !== null) continue;
    await writeProfile(tx, memberId, {
      ...(name !== '' && { name }),
      ...(customer.email !== null && { email: customer.email }),
      ...(customer.phone !== null && { phone: customer.phone }),
    });
  }
}

/**
 * Somebody who joined by e-mail becomes known as a customer, once Shopify has verified that address. Where we mail links, who
 * typed it on the join page must have opened theirs: else anybody could join with a customer's address and get their points.
 */
async function linkByEmail(tx: Tx, customer: CustomerIdentity): Promise<void> {
  if (customer.email === null || !customer.verifiedEmail) return;
  const known = await readMembers(tx, await findMembersByEmail(tx, customer.email));
  const ids = known.map(({ memberId }) => memberId);
  const proven = env().SMTP_URL === undefined ? new Set(ids) : await provenAmong(tx, ids);
  const isTheirs = ({ memberId, enrolledVia }: Member) => enrolledVia !== 'link' || proven.has(memberId);
  const waiting = known.filter((member) => !isTheirs(member)).map(({ memberId }) => memberId);
  await noteWaitingCustomer(tx, waiting, customer.customerId);
  const found = known.filter(isTheirs);
  if (found.length === 0) return;
  const customerId = await waitForSettlers(tx, customer.customerId);
  for (const member of found)
    if (await linkCustomer(tx, member.memberId, customerId)) await claimOrders(tx, customerId);
}

/** Gives a new member the recent orders that came before we knew whose they were. Safe to repeat. */
export function claimOrders(tx: Tx, customerId: string): Promise<void> {
  return settleWaiting(tx, customerId, claimedOrdersMax);
}

/**
 * Shopify folded one customer into another. A member known by the one that is gone is known by the other from now on;
 * where both are members of a program, the one is folded into the other. Sales that name the gone one, told before or
 * after, are theirs. Told again, or after later merges, it ends the same.
 */
async function mergeCustomers(tx: Tx, { goneCustomerId: goneId, keptCustomerId }: CustomerMerge): Promise<void> {
  if (goneId === keptCustomerId) return;
  const keptId = await waitForSettlers(tx, goneId, keptCustomerId);
  // Two that were each merged into the other are one already.
  if (keptId === goneId) return;
  // Who was erased is not brought back by a merge that is told late.
  if ((await findErasedCustomers(tx, [goneId, keptCustomerId, keptId])).size > 0) return;
  const renamed = await tx.query<{ id: MemberId }>(
    `update member m set shopify_customer_id = $3 where shop_id = $1 and shopify_customer_id = $2 and folded_into is null
       and not exists (select from member o
         where o.shop_id = $1 and o.program_id = m.program_id and o.shopify_customer_id = $3) returning id`,
    [tx.shopId, goneId, keptId],
  );
  await keepMerge(tx, { goneId, keptId, memberIds: renamed.map(({ id }) => id), at: now() });
  const kept = await resolveFolded(tx, await findCustomers(tx, [keptId]));
  for (const gone of await resolveFolded(tx, await findCustomers(tx, [goneId]))) {
    const survivor = kept.find((member) => member.programId === gone.programId);
    if (survivor !== undefined) await foldMembers(tx, { goneId: gone.memberId, keptId: survivor.memberId, at: now() });
  }
  if (kept.length > 0) await countMerged(tx, keptId, kept);
}

/** Sales that were told of too early, when nobody could know whose they are. */
async function countMerged(tx: Tx, keptId: string, kept: Member[]): Promise<void> {
  const customerIds = await allIdsOf(tx, [keptId]);
  const memberIds = kept.map(({ memberId }) => memberId);
  await settleAnew(tx, await findOrdersOnceOf(tx, { customerIds, memberIds }));
  await countWaiting(tx, keptId);
  // What either bought may be the first order of a friend who was brought as the other.
  const rules = await readRules(tx);
  const { referrals } = await findReferralsAbout(tx, memberIds);
  await settleReferrals(tx, referrals, { rules, at: now() });
}

/** Orders that nobody has yet are given to whom they would have belonged from the start. Safe to repeat. */
export function countWaiting(tx: Tx, customerId: string): Promise<void> {
  return settleWaiting(tx, customerId, waitingOrdersMax);
}

async function settleWaiting(tx: Tx, customerId: string, ordersMax: number): Promise<void> {
  await settleAnew(tx, await findUnclaimedOrders(tx, customerId, ordersMax));
}

/** No member is named with them: until they are locked they may come to name another customer. */
async function settleAnew(tx: Tx, orderIds: string[]): Promise<void> {
  await settleOrders(
    tx,
    orderIds.map((orderId) => ({ orderId, news: null, memberId: null })),
    now(),
  );
}

const kinds: Record<'request-data' | 'redact-customer' | 'redact-shop', CaseKind> = {
  'request-data': 'access',
  'redact-customer': 'erasure',
  'redact-shop': 'shop-erasure',
};

/** Turns a compliance request into a case. The same delivery again finds the same case. */
export async function openComplianceCase(
  tx: Tx,
  handler: keyof typeof kinds,
  delivery: { webhookId: string; request: unknown; at: Date },
): Promise<CaseId> {
  const subject: CaseSubject | null = handler === 'redact-shop' ? null : (delivery.request as ComplianceRequest | null);
  const caseId = await openCase(tx, {
    kind: kinds[handler],
    origin: 'shopify',
    actor: 'shopify',
    subject,
    details: null,
    sourceKey: `shopify:${delivery.webhookId}`,
    at: delivery.at,
  });
  await appendAudit(tx, {
    actor: 'shopify',
    action: `case.open.${kinds[handler]}`,
    object: `case:${caseId}`,
    beforeHash: null,
    afterHash: null,
    reason: null,
    occurredAt: delivery.at,
  });
  return caseId;
}
