/**
 * The erasure of a person, step by step, as far as it happens in our own database. Each step may be repeated, and leaves the
 * ledger as it is.
 */
import { blankCampaignsTo } from '#app/data/campaigns/campaigns.ts';
import { forgetRecipients } from '#app/data/campaigns/recipients.ts';
import { deleteDevices } from '#app/data/cards/devices.ts';
import { endVoidGrace, touchPasses } from '#app/data/cards/passes.ts';
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { anonymizeEvents } from '#app/data/ledger/member-events.ts';
import { findSubjectMembers } from '#app/data/members/data-subjects.ts';
import { eraseMembers, readMembers } from '#app/data/members/members.ts';
import { allIdsOf, forgetMerges } from '#app/data/members/merged-customers.ts';
import { deleteProfiles } from '#app/data/members/profiles.ts';
import { forgetWaitingDeliveries } from '#app/data/orders/inbox.ts';
import { anonymizeOrders } from '#app/data/orders/orders.ts';
import { sumLedger, writeLedgerBefore } from '#app/data/privacy/case-progress.ts';
import { customersOf, type PrivacyCase, readCaseSubject, writeCaseMembers } from '#app/data/privacy/cases.ts';
import { waitForWriters } from '#app/data/privacy/erasure-gate.ts';
import { addTombstones, tombstoneOf } from '#app/data/privacy/tombstones.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Finds who it is about, and remembers what the ledger says of them. */
export async function findMembers(tx: Tx, found: PrivacyCase): Promise<number> {
  const subject = await readCaseSubject(tx, found.caseId);
  if (subject === null) return 0;
  const memberIds = await findSubjectMembers(tx, subject);
  const members = await readMembers(tx, memberIds);
  const customerIds = members.flatMap((member) => member.shopifyCustomerId ?? []);
  const memberCustomerIds = await allIdsOf(tx, [...customerIds, ...customersOf(subject)]);
  await writeCaseMembers(tx, found.caseId, { memberIds, subject: { ...subject, memberCustomerIds } });
  await writeLedgerBefore(tx, found.caseId, await sumLedger(tx, memberIds));
  return memberIds.length;
}

/** The keyed fingerprints of every member and customer a case is about; none once the shop has no key. */
export async function fingerprintsOf(tx: Tx, found: PrivacyCase): Promise<Buffer[]> {
  const keys = await findShopKeys(tx);
  if (keys === null) return [];
  const customerIds = customersOf(await readCaseSubject(tx, found.caseId));
  return [
    ...customerIds.map((customerId) => tombstoneOf(keys, `customer/${customerId}`)),
    ...found.memberIds.map((memberId) => tombstoneOf(keys, `member/${memberId}`)),
  ];
}

/** Leaves a tombstone for every member and customer. */
export async function rememberErased(tx: Tx, found: PrivacyCase): Promise<number> {
  const prints = await fingerprintsOf(tx, found);
  await addTombstones(tx, prints, now());
  return prints.length;
}

/** Deletes the profile with its blind indexes, and cuts every tie of the membership to a person. */
export async function deleteIdentity(tx: Tx, { memberIds }: PrivacyCase): Promise<number> {
  // News about people that is being applied now is seen and deleted here; what comes later finds them erased.
  await waitForWriters(tx);
  await lockBalances(tx, memberIds);
  await deleteProfiles(tx, memberIds);
  await anonymizeEvents(tx, memberIds);
  const erased = await eraseMembers(tx, memberIds);
  // A phone may have fetched the void card between the steps: its code has changed since.
  if (erased > 0) await touchPasses(tx, memberIds);
  return erased;
}

/** Which messages they got, and what was written to one of them alone. */
export async function forgetMessages(tx: Tx, memberIds: MemberId[]): Promise<number> {
  await blankCampaignsTo(tx, memberIds);
  return forgetRecipients(tx, memberIds);
}

/** Orders keep their figures and lose whose they were; who was merged into whom is forgotten. */
export async function cutOrdersLoose(tx: Tx, found: PrivacyCase): Promise<number> {
  const customerIds = customersOf(await readCaseSubject(tx, found.caseId));
  await forgetMerges(tx, customerIds);
  return anonymizeOrders(tx, { customerIds, memberIds: found.memberIds });
}

/** Deliveries that wait lose their customer, and bodies that nobody could read are deleted whoever they are about. */
export async function forgetDeliveries(tx: Tx, found: PrivacyCase): Promise<number> {
  return forgetWaitingDeliveries(tx, { customerIds: customersOf(await readCaseSubject(tx, found.caseId)) });
}

/** Tables that remember something about members for a while, and how to make them forget; `$2` are the members. */
const caches = [
  `delete from prepared_pass c using pass p
   where c.shop_id = $1 and p.shop_id = $1 and p.id = c.pass_id and p.member_id = any($2)`,
  // Answers hold ids and figures, but the key under which an integrator asked is theirs to choose.
  `delete from api_idempotency where shop_id = $1 and exists (
     select from unnest($2::uuid[]) m where position(m::text in response) > 0)`,
  `update simulation set members = array(select unnest(members) except select unnest($2::uuid[]))
   where shop_id = $1 and members && $2::uuid[]`,
  // What a machine decided about them, and what somebody wrote beside it.
  'delete from risk_decision where shop_id = $1 and member_id = any($2)',
  // Copies of their data that were made for them, and corrections that were asked for.
  `update erasure_case set answer = null, details = null
   where shop_id = $1 and member_ids && $2::uuid[] and (answer is not null or details is not null)`,
];

/** Empties what remembers something about them for a while. */
export async function clearCaches(tx: Tx, memberIds: MemberId[]): Promise<number> {
  let cleared = 0;
  for (const statement of caches)
    cleared += (await tx.query(`${statement} returning 1 as one`, [tx.shopId, memberIds])).length;
  return cleared;
}

/** How long a phone that is off is waited for, so that it learns that its card is void. Within the due date. */
const phonePatienceMs = 14 * 86_400_000;
/** Of several phones nobody knows which one fetched: the others get this long. */
const othersPatienceMs = 24 * 3_600_000;
/** A fetch whose answer was lost is tried again at once. */
const fetchAgainMs = 2_000;

/**
 * Ends the registrations of their devices once the phones hold the void card, or were waited for long enough; from then on
 * the old token opens nothing. `waitMs`: when to look again, because some phone has not fetched yet.
 */
export async function endRegistrations(
  tx: Tx,
  { memberIds }: PrivacyCase,
): Promise<{ count: number } | { waitMs: number }> {
  const at = now();
  const [row] = await tx.query<{ since: Date | null; is_waiting: boolean }>(
    `select min(p.voided_at) as since, coalesce(bool_or(
         p.seen_version < p.version or p.seen_at > $3::timestamptz
         or (p.devices > 1 and p.voided_at > $4::timestamptz)), false) as is_waiting
     from (select p.*, (select count(*) from device_registration r where r.shop_id = $1 and r.pass_id = p.id) as devices
           from pass p where p.shop_id = $1 and p.member_id = any($2) and p.wallet = 'apple') p
     where p.devices > 0 and p.voided_at > $5::timestamptz`,
    [
      tx.shopId,
      memberIds,
      new Date(at.getTime() - fetchAgainMs),
      new Date(at.getTime() - othersPatienceMs),
      new Date(at.getTime() - phonePatienceMs),
    ],
  );
  if (row?.is_waiting === true && row.since !== null) return { waitMs: pauseAfter(at.getTime() - row.since.getTime()) };
  const count = await deleteDevices(tx, memberIds);
  await endVoidGrace(tx, memberIds, at);
  return { count };
}

/** Phones fetch within seconds of being told; one that did not by then is asked after ever more seldom. */
function pauseAfter(waitedMs: number): number {
  return Math.min(Math.max(waitedMs, 1_000), 6 * 3_600_000);
}
