/** Joining a program: member, identity, consents and card in one transaction. */
import { readErasures } from '#app/data/privacy/tombstones.ts';
import { appendAudit, appendConsents } from '#app/data/privacy/chains.ts';
import { type ConsentChoice, isConfirmedByMail, toWaiting } from '#app/data/privacy/consent-changes.ts';
import { isConfirmationNeeded } from '#app/data/privacy/consent-settings.ts';
import { keepWording } from '#app/data/privacy/consent-wordings.ts';
import { addMailRequest } from '#app/data/members/mail-requests.ts';
import { findHolders, provenAmong } from '#app/data/members/proven-addresses.ts';
import { isUniqueViolation } from '#app/data/database.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { claimOrders } from '#app/data/ledger/waiting-orders.ts';
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
  consents: ConsentChoice[];
  wordingVersion: string;
  /** Where the words of consent were shown: 'join-page', 'checkout', 'api' … */
  source: string;
  /** Who did it, for the audit log. */
  actor: string;
  at: Date;
  /**
   * Whether the address was only typed and a link is mailed to it. Then it finds nobody: who is known by it is not told
   * apart from who is not, keeps the address, and gets the mail.
   */
  isAddressTyped?: boolean;
};

export type Enrolled = {
  kind: 'enrolled' | 'already-member';
  memberId: MemberId;
  /** The mail to be sent about a typed address, if any. */
  mailId: string | null;
};

/**
 * Enrolls a person once: somebody already known by customer, external id or e-mail stays the member they are (and is
 * linked to the customer now named). Safe to repeat. Throws `NotFound` while the program is not live.
 */
export async function enroll(tx: Tx, named: Enrollment): Promise<Enrolled> {
  await keepErasureOut(tx);
  const rules = await lockHistory(tx);
  const { shopifyCustomerId: customerId } = named;
  // An order of this customer that is being settled now is seen below, or sees the member.
  const enrollment = {
    ...named,
    shopifyCustomerId: customerId === null ? null : await waitForSettlers(tx, customerId),
  };
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
      await claimOrders(tx, shopifyCustomerId);
    return { kind: 'already-member', memberId: known, mailId: null };
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
  const typed = await holdTypedAddress(tx, enrollment);
  const { email, ...withoutEmail } = enrollment.profile;
  const profile = typed.isTaken ? withoutEmail : { email: email ?? null, ...withoutEmail };
  if (Object.values(profile).some((value) => value != null && value !== '')) await writeProfile(tx, memberId, profile);
  await ensurePass(tx, memberId, 'apple');
  const asked = await enrollConsents(tx, memberId, enrollment);
  await appendAudit(tx, {
    actor: enrollment.actor,
    action: 'member.enroll',
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: null,
    reason: enrollment.via,
    occurredAt: enrollment.at,
  });
  await refer(tx, { enrollment, rules, memberId, isNew: !typed.isTaken });
  await recordSignUp(tx, memberId, enrollment);
  if (enrollment.shopifyCustomerId !== null) await claimOrders(tx, enrollment.shopifyCustomerId);
  return { kind: 'enrolled', memberId, mailId: await mailTyped(tx, memberId, { enrollment, asked, typed }) };
}

type Typed = { isTaken: boolean; isProven: boolean };

/** Whether somebody else has the address that was typed. It is held until the transaction ends. */
async function holdTypedAddress(tx: Tx, { isAddressTyped, profile, programId }: Enrollment): Promise<Typed> {
  if (isAddressTyped !== true || profile.email == null || profile.email === '')
    return { isTaken: false, isProven: false };
  await lockEmail(tx, profile.email);
  const holders = await findHolders(tx, { memberId: null, programId }, profile.email);
  const ids = holders.map(({ memberId }) => memberId);
  return { isTaken: holders.length > 0, isProven: (await provenAmong(tx, ids)).size > 0 };
}

/** Writes the consents, and answers those that wait for a link in a mail. */
async function enrollConsents(tx: Tx, memberId: MemberId, enrollment: Enrollment): Promise<ConsentChoice[]> {
  const { consents, wordingVersion, locale, source, at, programId } = enrollment;
  const isConfirmed = enrollment.isAddressTyped !== undefined && (await isConfirmationNeeded(tx));
  const asked = isConfirmed ? consents.filter(isConfirmedByMail) : [];
  await appendConsents(
    tx,
    consents.map((consent) => ({
      ...consent,
      granted: consent.granted && !asked.includes(consent),
      confirmation: asked.includes(consent) ? 'asked' : null,
      subject: memberId,
      wordingVersion,
      locale,
      source,
      occurredAt: at,
    })),
  );
  await keepWording(tx, { programId, version: wordingVersion, locale, at });
  return asked;
}

type Told = { enrollment: Enrollment; asked: ConsentChoice[]; typed: Typed };

/** The holder of the address is asked, or told that they have a card already. */
async function mailTyped(tx: Tx, memberId: MemberId, { enrollment, asked, typed }: Told): Promise<string | null> {
  const { email } = enrollment.profile;
  if (enrollment.isAddressTyped !== true || email == null || email === '') return null;
  return addMailRequest(tx, {
    memberId,
    kind: typed.isProven ? 'known-address' : 'email-proof',
    locale: enrollment.locale,
    address: email,
    consents: typed.isProven ? [] : asked.map((choice) => toWaiting(choice, enrollment)),
    at: enrollment.at,
  });
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
    friendsPaid: await countPaidFriends(tx, referrer.memberId),
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
  if (profile.email == null || profile.email === '' || enrollment.isAddressTyped === true) return null;
  await lockEmail(tx, profile.email);
  const byEmail = await resolveFolded(tx, await readMembers(tx, await findMembersByEmail(tx, profile.email)));
  return byEmail.find((member) => member.programId === programId && member.state !== 'erased')?.memberId ?? null;
}
