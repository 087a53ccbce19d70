/** For which of their friends a referrer is paid, where a referral of theirs has changed: others may take its place. */
import { type Balance, lockFreeBalances } from '#app/data/ledger/ledger.ts';
import type { Share } from '#app/data/ledger/referral-booking.ts';
import { type Case, casesOf, readPeople } from '#app/data/ledger/referral-cases.ts';
import type { Verdict } from '#app/data/ledger/referral-judging.ts';
import type { Rules } from '#app/data/ledger/rules-in-force.ts';
import { stepsOf } from '#app/data/ledger/friend-purchases.ts';
import {
  type Closing,
  leaveUnsettled,
  listFirstDue,
  listUnsettled,
  moveLimit,
  readLimit,
} from '#app/data/members/referral-limits.ts';
import { listFolded } from '#app/data/members/members.ts';
import type { Referral } from '#app/data/members/referrals.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { becameOneBy } from '#app/domain/members/became-one.ts';
import { type DueFriend, shareOut } from '#app/domain/members/referral-limit.ts';
import type { MemberId, ReferralId, RuleVersionId } from '#app/lib/ids.ts';

/** Each takes a friend's balances. Those that are left are settled with what is due. */
const othersMax = 50;

/** A referral that has changed, with what is to be made of it. */
export type Judged = Case & { verdict: Verdict };

type Sharing = {
  referrerId: MemberId;
  own: Judged[];
  /** Everybody's who are held; those of others whose friends turn out to be paid or not are added. */
  balances: Map<string, Balance>;
  rules: Rules;
  at: Date;
};

/**
 * What becomes of the referrals of one referrer that have changed, and of others because of them: as long as there is room for
 * all, of no others. Hold the referrer's balances.
 */
export async function shareAmongFriends(tx: Tx, sharing: Sharing): Promise<Share[]> {
  const { referrerId, own, rules, at } = sharing;
  const besides = own.map(({ referral }) => referral.referralId);
  const due = own.filter(({ verdict }) => verdict.kind === 'open' && verdict.dueAt !== null && verdict.dueAt <= at);
  const terms = termsOf(rules);
  const paying = terms.filter(({ paysReferrer }) => paysReferrer);
  const fewest = Math.min(...paying.map(({ friendsMax }) => friendsMax));
  const known = await readLimit(tx, { referrerId, besides, at }, paying);
  if (!known.isReached && known.due + due.length < fewest)
    return own.map((one) => shareOf(one, { isDue: due.includes(one), isPaidFor: true, isClosed: false }));
  const first = await listFirstDue(tx, { referrerId, besides, at }, paying);
  const folded = await listFolded(tx, [referrerId]);
  const rivals = first.flatMap((referral) => {
    const rivalTerms = rules.byId.get(referral.ruleVersionId)?.document.referral ?? null;
    return rivalTerms === null ? [] : { referral, terms: rivalTerms };
  });
  const limit = shareOut([...due, ...rivals].map(toDueFriend), becameOneBy(stepsOf(folded)));
  const isClosed = (one: Case) => {
    const closedAt = limit.closedAt({ accountId: accountOf(one.referral), friendsMax: one.terms.friendsMax });
    return closedAt !== null && one.referral.createdAt >= closedAt;
  };
  const accountIds = [referrerId, ...folded.map(({ memberId }) => memberId)];
  const closings = accountIds.flatMap((accountId) =>
    terms.map(({ versionId, friendsMax }): Closing => {
      return { versionId, accountId, closedAt: limit.closedAt({ accountId, friendsMax }) };
    }),
  );
  await moveLimit(tx, { referrerId, besides, at }, closings);
  const isPaidFor = ({ referral }: Pick<Case, 'referral'>) => limit.paidFor.has(referral.referralId);
  const moved = rivals.flatMap((one) =>
    isPaidFor(one) === (one.referral.booked.referrer !== undefined) ? [] : one.referral.referralId,
  );
  const others = await listOthers(tx, sharing, moved);
  const held = new Set([...sharing.balances.values()].map(({ memberId }) => memberId));
  return [
    ...own.map((one) =>
      shareOf(one, { isDue: due.includes(one), isPaidFor: isPaidFor(one), isClosed: !isPaidFor(one) && isClosed(one) }),
    ),
    ...others.map((one) => ({
      ...shareOf(
        { ...one, verdict: null },
        { isDue: true, isPaidFor: isPaidFor(one), isClosed: !isPaidFor(one) && isClosed(one) },
      ),
      isFriendHeld: held.has(one.sides.friend.memberId),
    })),
  ];
}

/** Those that come to be paid or not because of the ones at hand; friends whose balances are free are held from then on. */
async function listOthers(
  tx: Tx,
  { referrerId, own, balances, rules, at }: Sharing,
  moved: ReferralId[],
): Promise<Case[]> {
  const besides = own.map(({ referral }) => referral.referralId);
  await leaveUnsettled(tx, moved.slice(othersMax));
  const asked = { referralIds: moved.slice(0, othersMax), limit: othersMax };
  const found = await listUnsettled(tx, { referrerId, besides, at }, asked);
  const others = casesOf(found, { people: await readPeople(tx, found), rules });
  const held = new Set([...balances.values()].map(({ memberId }) => memberId));
  const wanted = others.flatMap(({ sides }) => (held.has(sides.friend.memberId) ? [] : sides.friend.memberId));
  for (const [key, balance] of await lockFreeBalances(tx, [...new Set(wanted)])) balances.set(key, balance);
  return others;
}

type Standing = { isDue: boolean; isPaidFor: boolean; isClosed: boolean };

function shareOf(
  { verdict, ...one }: Case & { verdict: Verdict | null },
  { isDue, isPaidFor, isClosed }: Standing,
): Share {
  const isRefused = verdict?.kind === 'refused';
  const refusal = isRefused ? verdict.refusal : isClosed ? 'friends-max' : null;
  const isPaid = isDue && refusal === null;
  return { ...one, refusal, pays: { friend: isPaid, referrer: isPaid && isPaidFor }, isFriendHeld: true };
}

const accountOf = ({ referrerAccountId, referrerId }: Referral) => referrerAccountId ?? referrerId;

function toDueFriend({ referral, terms }: Pick<Case, 'referral' | 'terms'>): DueFriend {
  const { referralId, createdAt, dueAt } = referral;
  const { friendsMax, referrer } = terms;
  const accountId = accountOf(referral);
  return { referralId, accountId, createdAt, dueAt: dueAt ?? createdAt, friendsMax, paysReferrer: referrer !== null };
}

type Terms = { versionId: RuleVersionId; friendsMax: number; paysReferrer: boolean };

function termsOf({ versions }: Rules): Terms[] {
  return versions.flatMap(({ versionId, document: { referral } }) =>
    referral === null ? [] : { versionId, friendsMax: referral.friendsMax, paysReferrer: referral.referrer !== null },
  );
}
