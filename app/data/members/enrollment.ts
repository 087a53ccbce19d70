/** Joining a program: member, identity, consents and card in one transaction. */
import { readErasures } from '#app/data/privacy/cases.ts';
import { appendAudit, appendConsents, type ConsentChannel, type ConsentPurpose } from '#app/data/privacy/chains.ts';
import { isUniqueViolation } from '#app/data/database.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { claimOrders } from '#app/data/members/identity-news.ts';
import {
  type EnrolledVia,
  findMemberByExternalId,
  findMembersByCustomers,
  insertMember,
  linkCustomer,
  readMembers,
} from '#app/data/members/members.ts';
import { ensurePass } from '#app/data/cards/passes.ts';
import { findMembersByEmail, lockEmail, type Profile, writeProfile } from '#app/data/members/profiles.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
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
  const { isShopErased } = await readErasures(tx);
  const version = await newestRuleVersion(tx, enrollment.programId);
  if (version === null || isShopErased)
    throw new NotFound('program-not-live', 'The program is not live', {
      publicMessage: 'This program is not open yet.',
    });
  const known = await findKnownMember(tx, enrollment);
  if (known !== null) {
    if (enrollment.shopifyCustomerId !== null) await linkCustomer(tx, known, enrollment.shopifyCustomerId);
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
  if (enrollment.shopifyCustomerId !== null) await claimOrders(tx, memberId, enrollment.shopifyCustomerId);
  return { kind: 'enrolled', memberId };
}

async function findKnownMember(tx: Tx, enrollment: Enrollment): Promise<MemberId | null> {
  const { programId, shopifyCustomerId, externalId, profile } = enrollment;
  if (shopifyCustomerId !== null) {
    const members = await findMembersByCustomers(tx, [shopifyCustomerId]);
    const mine = members.find((member) => member.programId === programId);
    if (mine !== undefined) return mine.memberId;
  }
  if (externalId !== null) {
    const mine = await findMemberByExternalId(tx, externalId);
    if (mine !== null) return mine.memberId;
  }
  if (profile.email == null || profile.email === '') return null;
  await lockEmail(tx, profile.email);
  const byEmail = await readMembers(tx, await findMembersByEmail(tx, profile.email));
  return byEmail.find((member) => member.programId === programId && member.state !== 'erased')?.memberId ?? null;
}
