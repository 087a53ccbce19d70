/** What Shopify tells us about people, applied: customers linked, corrected or merged, and requests turned into cases. */
import type { ComplianceRequest, CustomerIdentity } from '#app/contracts/shopify-customer.ts';
import type { CustomerMerge, CustomerTagsNews } from '#app/contracts/shopify-delivery.ts';
import { type CaseSubject, openCase } from '#app/data/privacy/cases.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { forgetMemberTags, keepMemberTags } from '#app/data/members/member-tags.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { claimOrders } from '#app/data/ledger/waiting-orders.ts';
import { findMembersByCustomers, linkCustomer, type Member, readMembers } from '#app/data/members/members.ts';
import { mergeCustomers } from '#app/data/members/merge-customers.ts';
import { readMerged } from '#app/data/members/merged-customers.ts';
import { waitForSettlers } from '#app/data/orders/member-orders.ts';
import { findMembersByEmail, writeProfile } from '#app/data/members/profiles.ts';
import { noteWaitingCustomer, provenAmong } from '#app/data/members/proven-addresses.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { CaseKind } from '#app/domain/privacy/case.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import type { CaseId } from '#app/lib/ids.ts';

type CustomerNews = {
  topic: string;
  webhookId: string;
  /** What was sealed at arrival; null when the shop was erased since. */
  news: unknown;
  at: Date;
};

/** Applies a customer topic. Answers the case that it opened, if any. Safe to repeat. */
export async function applyCustomerNews(tx: Tx, { topic, webhookId, news, at }: CustomerNews): Promise<CaseId | null> {
  if (news === null) return null;
  await keepErasureOut(tx);
  await lockHistory(tx);
  if (topic === 'customers/merge') {
    const { alsoErased } = await mergeCustomers(tx, news as CustomerMerge);
    if (alsoErased === null) return null;
    // The same person under another name, whom Shopify does not know any more and will never ask us to erase.
    const request: ComplianceRequest = {
      customerId: alsoErased,
      email: null,
      phone: null,
      orderIds: [],
      dataRequestId: null,
    };
    return openComplianceCase(tx, 'redact-customer', { webhookId, request, at });
  }
  if (topic.startsWith('customer.tags_')) await retag(tx, news as CustomerTagsNews);
  // A deleted customer record is not a request to erase the membership: Shopify sends customers/redact for that.
  else if (topic !== 'customers/delete') await correctCustomer(tx, news as CustomerIdentity);
  return null;
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
