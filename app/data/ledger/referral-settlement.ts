/** Settlement of referrals: both sides get what the friend's first order brings, and lose it when no order stands. */
import { type Balance, lockBalances } from '#app/data/ledger/ledger.ts';
import { postAll } from '#app/data/ledger/posting.ts';
import { bookReferral, type Share } from '#app/data/ledger/referral-booking.ts';
import { casesOf, type People, readPeople } from '#app/data/ledger/referral-cases.ts';
import { judgeReferrals, type Verdict } from '#app/data/ledger/referral-judging.ts';
import { shareAmongFriends } from '#app/data/ledger/referral-sharing.ts';
import type { Rules } from '#app/data/ledger/rules-in-force.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { listFolded, readMembers, resolveFolded } from '#app/data/members/members.ts';
import { findReferralsOfFriends, lockReferrals, type Referral, writeReferrals } from '#app/data/members/referrals.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Referrals that orders of these members may decide about, with everybody whose balance that would change. */
export async function findReferralsAbout(
  tx: Tx,
  memberIds: MemberId[],
): Promise<{ referrals: Referral[]; memberIds: MemberId[] }> {
  const by = (await resolveFolded(tx, await readMembers(tx, memberIds))).map(({ memberId }) => memberId);
  const folded = (await listFolded(tx, by)).map(({ memberId }) => memberId);
  const referrals = await findReferralsOfFriends(tx, [...new Set([...memberIds, ...by, ...folded])]);
  return { referrals, memberIds: referrals.flatMap(({ referrerId, friendId }) => [referrerId, friendId]) };
}

type When = { rules: Rules; at: Date };

/**
 * Books what these referrals are worth by now: nothing before the friend's order has stood long enough, nothing any more
 * when it is refunded whole or cancelled and no other stands. Others of the same referrer may come to be paid in the place of
 * one of them, or not any more. Repeating it posts nothing. All referrals of each friend must be there, and their orders be
 * written.
 */
export async function settleReferrals(tx: Tx, found: Referral[], when: When): Promise<void> {
  if (found.length > 0) await settle(tx, { found, referrerIds: [] }, when);
}

/** The same for members who became one with others: what either bought, and whom either brought. */
export async function settleReferralsOf(tx: Tx, memberIds: MemberId[], when: When): Promise<void> {
  const { referrals } = await findReferralsAbout(tx, memberIds);
  await settle(tx, { found: referrals, referrerIds: memberIds }, when);
}

type Asked = { found: Referral[]; referrerIds: MemberId[] };

async function settle(tx: Tx, asked: Asked, { rules, at }: When): Promise<void> {
  const { referrals, people, balances } = await lockAll(tx, asked);
  const verdicts = await judgeReferrals(tx, casesOf(referrals, { people, rules }));
  const changed = [...verdicts].flatMap(([one, verdict]) =>
    note(one.referral, verdict, at) ? [{ ...one, verdict }] : [],
  );
  const byReferrer = Map.groupBy(changed, ({ sides }) => sides.referrer.memberId);
  const shares: Share[] = [];
  for (const referrerId of new Set([...asked.referrerIds, ...byReferrer.keys()])) {
    const own = byReferrer.get(referrerId) ?? [];
    shares.push(...(await shareAmongFriends(tx, { referrerId, own, balances, rules, at })));
  }
  const postings = shares.flatMap((share) => bookReferral(share, at));
  const settled = shares.map(({ referral }) => referral);
  await writeReferrals(tx, settled);
  await postAll(tx, { postings, balances, timeZone: (await readShop(tx)).timeZone, bookedAt: at });
  await touchPasses(tx, [...new Set(postings.map((posting) => posting.memberId))]);
}

type Locked = { referrals: Referral[]; people: People; balances: Map<string, Balance> };

/** Balances first, then referrals: whoever holds a referrer's balances has all of their referrals. */
async function lockAll(tx: Tx, { found, referrerIds }: Asked): Promise<Locked> {
  const held = [...idsOf(await readPeople(tx, found)), ...referrerIds];
  const balances = await lockBalances(tx, held);
  const referralIds = found.map(({ referralId }) => referralId);
  const referrals = await lockReferrals(tx, referralIds);
  // Two of them may have become one while the balances were waited for.
  const people = await readPeople(tx, referrals);
  const wanted = idsOf(people);
  if (wanted.every((memberId) => held.includes(memberId))) return { referrals, people, balances };
  return { referrals, people, balances: await lockBalances(tx, [...wanted, ...referrerIds]) };
}

const idsOf = (people: People): MemberId[] => [...new Set([...people.values()].map((member) => member.memberId))];

/** Notes the order that decides. Answers whether anything is to be done about it. */
function note(referral: Referral, verdict: Verdict, at: Date): boolean {
  const { state, refusal, booked } = referral;
  const { orderId, dueAt } = verdict.kind === 'refused' ? { orderId: null, dueAt: null } : verdict;
  const isSame = referral.orderId === orderId && referral.dueAt?.getTime() === dueAt?.getTime();
  Object.assign(referral, { orderId, dueAt });
  if (verdict.kind === 'refused') return refusal !== verdict.refusal || Object.keys(booked).length > 0;
  const isDue = dueAt !== null && dueAt <= at;
  return !isSame || (state === 'waiting' && isDue) || (state === 'refused' && refusal !== 'friends-max');
}
