/** Finding the members a request is about, and collecting everything held about them. */
import type { CaseSubject } from '#app/data/cases.ts';
import { readConsents } from '#app/data/chains.ts';
import { listEntries } from '#app/data/ledger-audit.ts';
import { readBalances } from '#app/data/ledger.ts';
import { findMembersByCustomers, readMembers } from '#app/data/members.ts';
import { listPasses } from '#app/data/passes.ts';
import { findMembersByEmail, findMembersByPhone, readProfiles } from '#app/data/profiles.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

const entriesMax = 10_000;

/** Members by customer id, e-mail or phone: Shopify may name any of them, or the e-mail alone. */
export async function findSubjectMembers(tx: Tx, subject: CaseSubject): Promise<MemberId[]> {
  const byCustomer = subject.customerId === null ? [] : await findMembersByCustomers(tx, [subject.customerId]);
  const found = new Set(byCustomer.map((member) => member.memberId));
  if (subject.email !== null) for (const memberId of await findMembersByEmail(tx, subject.email)) found.add(memberId);
  if (subject.phone !== null) for (const memberId of await findMembersByPhone(tx, subject.phone)) found.add(memberId);
  return [...found].toSorted();
}

/** Everything held about these members, for them to read. */
export async function collectPersonalData(tx: Tx, memberIds: MemberId[]): Promise<Record<string, unknown>[]> {
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
        locale: member.locale,
        enrolledAt: member.enrolledAt,
        enrolledVia: member.enrolledVia,
      },
      profile: profiles.get(member.memberId) ?? null,
      balances: balances.filter((balance) => balance.memberId === member.memberId).map(({ unit, amount }) => ({ unit, amount })),
      entries: await listEntries(tx, member.memberId, { before: null, limit: entriesMax }),
      consents: await readConsents(tx, member.memberId),
      passes: passes
        .filter((pass) => pass.memberId === member.memberId)
        .map((pass) => ({ wallet: pass.wallet, serial: pass.serial, state: pass.state })),
    });
  return answers;
}
