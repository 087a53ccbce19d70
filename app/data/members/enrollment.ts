/** Joining a program: member, identity, consents and card in one transaction. */
import { readErasures } from '#app/data/privacy/cases.ts';
import { appendAudit, appendConsents, type ConsentChannel, type ConsentPurpose } from '#app/data/privacy/chains.ts';
import { isUniqueViolation } from '#app/data/database.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { claimOrders } from '#app/data/members/identity-news.ts';
import { recordEvent, settleEvents } from '#app/data/ledger/events.ts';
import { lockHistory, type Rules, versionInForce } from '#app/data/ledger/rules-in-force.ts';
import {
  type EnrolledVia,
  findMembersByCustomers,
  findMembersByExternalId,
  insertMember,
  linkCustomer,
  readMember,
  readMembers,
  resolveFolded,
} from '#app/data/members/members.ts';
import { ensurePass } from '#app/data/cards/passes.ts';
import {
  areSamePerson,
  findMembersByEmail,
  lockEmail,
  type Profile,
  writeProfile,
} from '#app/data/members/profiles.ts';
import {
  countPaidFriends,
  findReferrer,
  insertReferral,
  listReferrals,
  listReferrersAbove,
} from '#app/data/members/referrals.ts';
import { waitForSettlers } from '#app/data/orders/member-orders.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { refusalOf } from '#app/domain/members/referral.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import type { MemberId, ProgramId } from '#app/lib/ids.ts';

export type Enrollment = {
  programId: ProgramId;
  via: EnrolledVia;
  profile: Partial<Profile>;
  shopifyCustomerId: string | null;
  externalId: string | null;
  locale: string;
  location: string | null;
  /** The code of the member who brought them. */
  referralCode?: string | null;
  consents: { purpose: ConsentPurpose; channel: ConsentChannel; granted: boolean }[];
  wordingVersion: string;
  /** Where the words of consent were shown: 'join-page', 'checkout', 'api' … */
  source: string;
  /** Who did it, for the audit log. */
  actor: string;
  at: Date;
};

export type Enrolled = { kind: 'enrolled' | 'already-member'; memberId: MemberId };

/**
 * Enrolls a person once: somebody already known by customer, external id or e-mail stays the member they are (and is
 * linked to the customer now named). Safe to repeat. Throws `NotFound` while the program is not live.
 */
export async function enroll(tx: Tx, enrollment: Enrollment): Promise<Enrolled> {
  await keepErasureOut(tx);
  const rules = await lockHistory(tx);
  // An order of this customer that is being settled now is seen below, or sees the member.
  if (enrollment.shopifyCustomerId !== null) await waitForSettlers(tx, enrollment.shopifyCustomerId);
  const { isShopErased } = await readErasures(tx);
  const version = await newestRuleVersion(tx, enrollment.programId);
  if (version === null || isShopErased)
    throw new NotFound('program-not-live', 'The program is not live', {
      publicMessage: 'This program is not open yet.',
    });
  const known = await findKnownMember(tx, enrollment);
  if (known !== null) {
    await refer(tx, { enrollment, rules, memberId: known, isNew: false });
    const { shopifyCustomerId } = enrollment;
    if (shopifyCustomerId !== null && (await linkCustomer(tx, known, shopifyCustomerId)))
      await claimOrders(tx, known, shopifyCustomerId);
    return { kind: 'already-member', memberId: known };
  }
  const memberId = await insertMember(
    tx,
    { ...enrollment, enrolledAt: enrollment.at, enrolledVia: enrollment.via, enrolledLocation: enrollment.location },
    version.document.units.map((unit) => unit.id),
  ).catch((error: unknown) => {
    // Two requests for one person at once: the other one was first.
    if (isUniqueViolation(error, 'member_customer') || isUniqueViolation(error, 'member_external'))
      throw new Conflict('enrollment-under-way', 'Somebody else enrolls this person right now', { cause: error });
    throw error;
  });
  if (Object.values(enrollment.profile).some((value) => value != null && value !== ''))
    await writeProfile(tx, memberId, enrollment.profile);
  await ensurePass(tx, memberId, 'apple');
  await appendConsents(
    tx,
    enrollment.consents.map((consent) => ({
      ...consent,
      subject: memberId,
      wordingVersion: enrollment.wordingVersion,
      locale: enrollment.locale,
      source: enrollment.source,
      occurredAt: enrollment.at,
    })),
  );
  await appendAudit(tx, {
    actor: enrollment.actor,
    action: 'member.enroll',
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: null,
    reason: enrollment.via,
    occurredAt: enrollment.at,
  });
  await refer(tx, { enrollment, rules, memberId, isNew: true });
  await recordSignUp(tx, memberId, enrollment);
  if (enrollment.shopifyCustomerId !== null) await claimOrders(tx, memberId, enrollment.shopifyCustomerId);
  return { kind: 'enrolled', memberId };
}

/** Joining is an event like others: a program may give something for it. */
async function recordSignUp(tx: Tx, memberId: MemberId, { at, actor }: Enrollment): Promise<void> {
  const member = await readMember(tx, memberId);
  const signUp = { member, kind: 'sign-up', name: null, eventKey: 'sign-up', occurredAt: at, actor } as const;
  const { eventId } = await recordEvent(tx, signUp, at);
  await settleEvents(tx, { memberId, eventIds: [eventId], at });
}

type Referred = { enrollment: Enrollment; rules: Rules; memberId: MemberId; isNew: boolean };

/** Notes who brought the member. A code that nobody has is as none; one that pays nobody is kept with the reason. */
async function refer(tx: Tx, { enrollment, rules, memberId, isNew }: Referred): Promise<void> {
  const { referralCode, programId, at } = enrollment;
  const referrer = referralCode == null || referralCode === '' ? null : await findReferrer(tx, referralCode);
  const version = versionInForce(rules, programId, at);
  if (referrer === null || version === null) return;
  const earlier = await listReferrals(tx, [memberId]);
  const mine = earlier.filter((referral) => referral.friendId === memberId);
  // The same call again.
  if (mine.some((referral) => referral.referrerId === referrer.memberId)) return;
  const refusal = refusalOf({
    terms: referrer.programId === programId ? version.document.referral : null,
    isSamePerson: await areSamePerson(tx, memberId, referrer.memberId),
    referrersOfReferrer: await listReferrersAbove(tx, referrer.memberId),
    friendId: memberId,
    isFriendKnown: !isNew,
    hasReferrer: mine.some((referral) => referral.state !== 'refused'),
    friendsPaid: await countPaidFriends(tx, referrer.memberId, null),
  });
  const { versionId } = version;
  await insertReferral(tx, {
    referrerId: referrer.memberId, friendId: memberId, refusal, ruleVersionId: versionId, createdAt: at,
  }); // prettier-ignore
}

async function findKnownMember(tx: Tx, enrollment: Enrollment): Promise<MemberId | null> {
  const { programId, shopifyCustomerId, externalId, profile } = enrollment;
  if (shopifyCustomerId !== null) {
    const members = await findMembersByCustomers(tx, [shopifyCustomerId]);
    const mine = members.find((member) => member.programId === programId);
    if (mine !== undefined) return mine.memberId;
  }
  if (externalId !== null) {
    const members = await findMembersByExternalId(tx, externalId);
    const mine = members.find((member) => member.programId === programId);
    if (mine !== undefined) return mine.memberId;
  }
  if (profile.email == null || profile.email === '') return null;
  await lockEmail(tx, profile.email);
  const byEmail = await resolveFolded(tx, await readMembers(tx, await findMembersByEmail(tx, profile.email)));
  return byEmail.find((member) => member.programId === programId && member.state !== 'erased')?.memberId ?? null;
}
