/** Referrals with what is needed to settle them: the terms they were made under, and who both sides are by now. */
import type { Rules } from '#app/data/ledger/rules-in-force.ts';
import { type Member, readMembers, resolveFolded } from '#app/data/members/members.ts';
import type { Referral, ReferralSide } from '#app/data/members/referrals.ts';
import type { RuleVersion } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { ReferralTerms } from '#app/domain/members/referral.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type Case = {
  referral: Referral;
  version: RuleVersion;
  terms: ReferralTerms;
  sides: Record<ReferralSide, Member>;
};

/** Everybody named, by the id they are named by, as whom they are by now. */
export type People = Map<MemberId, Member>;

export async function readPeople(tx: Tx, referrals: Referral[]): Promise<People> {
  const named = referrals.flatMap(({ referrerId, friendId }) => [referrerId, friendId]);
  const people: People = new Map();
  for (const member of await readMembers(tx, [...new Set(named)])) {
    const [survivor] = await resolveFolded(tx, [member]);
    if (survivor !== undefined) people.set(member.memberId, survivor);
  }
  return people;
}

/** Those of these referrals that were made under terms. */
export function casesOf(referrals: Referral[], { people, rules }: { people: People; rules: Rules }): Case[] {
  return referrals.flatMap((referral) => {
    const version = rules.byId.get(referral.ruleVersionId);
    const friend = people.get(referral.friendId);
    const referrer = people.get(referral.referrerId);
    const terms = version?.document.referral ?? null;
    if (version === undefined || terms === null || friend === undefined || referrer === undefined) return [];
    return { referral, version, terms, sides: { friend, referrer } };
  });
}
