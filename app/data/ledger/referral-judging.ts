/** Where referrals stand, by what their friends bought and who everybody turned out to be. */
import { readPurchases } from '#app/data/ledger/friend-purchases.ts';
import type { Case } from '#app/data/ledger/referral-cases.ts';
import type { Member } from '#app/data/members/members.ts';
import { areSamePerson } from '#app/data/members/profiles.ts';
import { listReferrersAbove, type Referral } from '#app/data/members/referrals.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { standingAmong } from '#app/domain/members/referral-choice.ts';
import {
  isReferralEarned,
  type ReferralCourse,
  referralCourse,
  type ReferralRefusal,
} from '#app/domain/members/referral.ts';

type OpenCourse = Extract<ReferralCourse, { kind: 'open' }>;
/** What is to be made of a referral. Whether its referrer is paid for so many friends is another matter. */
export type Verdict = OpenCourse | { kind: 'refused'; refusal: ReferralRefusal };

const nothingBought: Verdict = { kind: 'open', orderId: null, dueAt: null };

/** All that may still pay of each friend must be among them: which of several counts is decided between them. */
export async function judgeReferrals(tx: Tx, cases: Case[]): Promise<Map<Case, Verdict>> {
  const verdicts = new Map<Case, Verdict>();
  for (const [, ofFriend] of Map.groupBy(cases, ({ sides }) => sides.friend.memberId))
    for (const [one, verdict] of await judgeFriend(tx, ofFriend)) verdicts.set(one, verdict);
  return verdicts;
}

/**
 * Who turns out to be the same person or part of a ring is refused as long as nothing was paid. What was paid is taken back with
 * the friend's order, also once the friend was erased; who was erased before buys nothing any more.
 */
async function judgeFriend(tx: Tx, cases: Case[]): Promise<Map<Case, Verdict>> {
  const verdicts = new Map<Case, Verdict>();
  const left: Case[] = [];
  for (const one of cases) {
    const { referral, sides } = one;
    const hasPaid = referral.settlements > 0;
    if (!hasPaid && sides.friend.state === 'erased') {
      if (referral.state !== 'refused') verdicts.set(one, nothingBought);
      continue;
    }
    const refusal = hasPaid ? null : await refusalByNow(tx, sides);
    if (refusal === null) left.push(one);
    else verdicts.set(one, { kind: 'refused', refusal });
  }
  const [first] = left;
  if (first === undefined) return verdicts;
  return new Map([...verdicts, ...(await judgeBought(tx, first.sides.friend, left))]);
}

const accountOf = ({ accountId, friendId }: Referral) => accountId ?? friendId;

/** By what the friend bought, as whom, and when those became one. */
async function judgeBought(tx: Tx, friend: Member, cases: Case[]): Promise<Map<Case, Verdict>> {
  const accountIds = cases.map(({ referral }) => accountOf(referral));
  const { boughtAs, becameOne } = await readPurchases(tx, friend, accountIds);
  const verdicts = new Map<Case, Verdict>();
  const brought = cases.flatMap((one) => {
    const { referralId, createdAt } = one.referral;
    const accountId = accountOf(one.referral);
    const asked = { terms: one.terms, friendJoinedAt: createdAt, bought: boughtAs(accountId) };
    const course = referralCourse(asked);
    if (course.kind === 'not-new') {
      verdicts.set(one, { kind: 'refused', refusal: 'not-new' });
      return [];
    }
    const isEarnedBefore = (instant: Date) => isReferralEarned(asked, instant);
    return { one, course, referralId, accountId, createdAt, isEarnedBefore };
  });
  const standing = standingAmong(brought, becameOne);
  for (const each of brought)
    verdicts.set(each.one, standing.has(each) ? each.course : { kind: 'refused', refusal: 'second' });
  return verdicts;
}

/** What has come to light since the friend joined: that both are one person, or that members who became one form a ring. */
async function refusalByNow(tx: Tx, { friend, referrer }: Case['sides']): Promise<ReferralRefusal | null> {
  if (await areSamePerson(tx, friend.memberId, referrer.memberId)) return 'self';
  const above = await listReferrersAbove(tx, referrer.memberId);
  if (!above.includes(friend.memberId)) return null;
  return above[0] === friend.memberId ? 'mutual' : 'ring';
}
