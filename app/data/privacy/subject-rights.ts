/** Rectification, restriction and objection: what a person may ask for short of erasure, carried out. */
import { touchPasses } from '#app/data/cards/passes.ts';
import { findSubjectMembers } from '#app/data/members/data-subjects.ts';
import { findMembersByCustomers, listFolded, type Member, readMembers } from '#app/data/members/members.ts';
import { normalizeEmail, type Profile, readProfiles, writeProfile } from '#app/data/members/profiles.ts';
import { type CaseDetails, type PrivacyCase, readCaseDetails, readCaseSubject } from '#app/data/privacy/cases.ts';
import { appendAudit, appendConsents } from '#app/data/privacy/chains.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { sign, type ShopKeys } from '#app/lib/sealed-box.ts';

/** All that the person of a case is in this shop, erased memberships left out; none is erased until the transaction ends. */
async function readPerson(tx: Tx, found: PrivacyCase): Promise<Member[]> {
  await keepErasureOut(tx);
  const subject = await readCaseSubject(tx, found.caseId);
  const memberIds = subject === null ? [] : await findSubjectMembers(tx, subject);
  return (await readMembers(tx, memberIds)).filter((member) => member.state !== 'erased');
}

/** Corrects the profile of every membership, and notes before and after in the audit chain. Answers how many. */
export async function rectify(tx: Tx, found: PrivacyCase): Promise<number> {
  const details = await readCaseDetails(tx, found.caseId);
  if (details === null) return 0;
  const members = await readPerson(tx, found);
  for (const member of members) await rectifyMember(tx, { found, details, member });
  await touchPasses(
    tx,
    members.map((member) => member.memberId),
  );
  return members.length;
}

type Rectification = { found: PrivacyCase; details: CaseDetails; member: Member };

async function rectifyMember(tx: Tx, { found, details, member }: Rectification): Promise<void> {
  const { memberId } = member;
  const keys = await readShopKeys(tx);
  const before = (await readProfiles(tx, [memberId])).get(memberId) ?? null;
  const { locale, timeZone, ...profile } = details;
  await writeProfile(tx, memberId, profile);
  await tx.query(
    `update member set locale = coalesce(nullif($3, ''), locale), time_zone = coalesce(nullif($4, ''), time_zone)
     where shop_id = $1 and id = $2`,
    [tx.shopId, memberId, locale ?? null, timeZone ?? null],
  );
  if (isContactNew(before, details)) await noteContactChange(tx, member, found);
  const after = (await readProfiles(tx, [memberId])).get(memberId) ?? null;
  await appendAudit(tx, {
    actor: found.actor,
    action: 'member.rectify',
    object: `member:${memberId}`,
    beforeHash: hashOf(keys, before),
    afterHash: hashOf(keys, after),
    reason: Object.keys(details).toSorted().join(', '),
    occurredAt: now(),
  });
}

/** Keyed, because names and addresses could be guessed from a plain hash. */
function hashOf(keys: ShopKeys, profile: Profile | null): Buffer {
  return sign(keys, 'audit-profile', fingerprint(profile).toString('hex'));
}

function isContactNew(before: Profile | null, { email, phone }: CaseDetails): boolean {
  const isEmailNew = email !== undefined && normalizeEmail(email) !== normalizeEmail(before?.email ?? '');
  return isEmailNew || (phone !== undefined && phone !== before?.phone);
}

/** A new address is proven only when its owner asked for it, and for a day much cannot be redeemed. */
async function noteContactChange(tx: Tx, { memberId }: Member, found: PrivacyCase): Promise<void> {
  const at = now();
  await tx.query('update member set contact_changed_at = $3 where shop_id = $1 and id = $2', [tx.shopId, memberId, at]);
  await tx.query('update member_profile set email_proven_at = $3 where shop_id = $1 and member_id = $2', [
    tx.shopId,
    memberId,
    found.origin === 'shopper' ? at : null,
  ]);
}

/**
 * Restricts every membership: its data is kept and not used. The card is frozen, nothing is collected, nothing expires, no
 * message is sent, and nobody outside is told who it is. Answers how many were not restricted before.
 */
export async function restrict(tx: Tx, found: PrivacyCase): Promise<number> {
  const members = await readPerson(tx, found);
  const rows = await tx.query<{ id: Member['memberId'] }>(
    `update member set restricted_at = $3, state = 'frozen', frozen_at = coalesce(frozen_at, $3), frozen_by = coalesce(frozen_by, 'staff')
     where shop_id = $1 and id = any($2) and restricted_at is null and state <> 'erased' returning id`,
    [tx.shopId, members.map((member) => member.memberId), now()],
  );
  const memberIds = rows.map((row) => row.id);
  await touchPasses(tx, memberIds);
  return memberIds.length;
}

/**
 * Lifts a restriction from all that the person is. A card that was frozen before stays frozen. Answers the memberships that
 * were restricted.
 */
export async function liftRestriction(tx: Tx, member: Member): Promise<Member[]> {
  const others = member.shopifyCustomerId === null ? [] : await findMembersByCustomers(tx, [member.shopifyCustomerId]);
  const people = [member, ...others.filter(({ memberId }) => memberId !== member.memberId)];
  // Whoever was folded into them was restricted with them, and their sales may still name that one.
  const folded = await listFolded(tx, people.map(({ memberId }) => memberId)); // prettier-ignore
  const restricted = [...people, ...folded].filter(({ restrictedAt }) => restrictedAt !== null);
  const memberIds = restricted.map(({ memberId }) => memberId);
  await tx.query(
    `update member set restricted_at = null,
       state = case when frozen_at = restricted_at then 'active' else state end,
       frozen_by = case when frozen_at = restricted_at then null else frozen_by end,
       frozen_at = case when frozen_at = restricted_at then null else frozen_at end
     where shop_id = $1 and id = any($2) and restricted_at is not null`,
    [tx.shopId, memberIds],
  );
  await touchPasses(tx, memberIds);
  return restricted;
}

const objectedPurposes = ['marketing', 'analytics'] as const;
const channels = ['wallet', 'email', 'sms'] as const;

/** Ends marketing and profiling of every membership: on no channel is it agreed to any more. Answers how many. */
export async function stopMarketing(tx: Tx, found: PrivacyCase): Promise<number> {
  const at = now();
  const members = await readPerson(tx, found);
  await tx.query(
    `update member set objected_at = $3, news_campaign = null, news_at = null where shop_id = $1 and id = any($2)`,
    [tx.shopId, members.map((member) => member.memberId), at],
  );
  await appendConsents(
    tx,
    members.flatMap(({ memberId, locale }) =>
      objectedPurposes.flatMap((purpose) =>
        channels.map((channel) => ({
          subject: memberId,
          purpose,
          channel,
          granted: false,
          wordingVersion: 'objection',
          locale,
          source: 'objection',
          occurredAt: at,
        })),
      ),
    ),
  );
  // A message that is on the card now leaves it.
  await touchPasses(
    tx,
    members.map((member) => member.memberId),
  );
  return members.length;
}
