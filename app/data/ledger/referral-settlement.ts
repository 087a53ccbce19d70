/** Settlement of referrals: both sides get what the friend's first order brings, and lose it when no order stands. */
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { postAll, type Posting } from '#app/data/ledger/posting.ts';
import type { Rules } from '#app/data/ledger/rules-in-force.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { listFolded, type Member, readMembers, resolveFolded } from '#app/data/members/members.ts';
import { areSamePerson } from '#app/data/members/profiles.ts';
import {
  countPaidFriends,
  findReferralsOfFriends,
  hasOtherReferral,
  listReferrersAbove,
  lockReferrals,
  type Referral,
  type ReferralSide,
  writeReferrals,
} from '#app/data/members/referrals.ts';
import { readOrdersOf } from '#app/data/orders/member-orders.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import type { RuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import {
  type Bought,
  type OpenCourse,
  type ReferralCourse,
  referralCourse,
  type ReferralRefusal,
} from '#app/domain/members/referral.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Referrals that orders of these members may decide about, with everybody whose balance that would change. */
export async function findReferralsAbout(
  tx: Tx,
  memberIds: MemberId[],
): Promise<{ referrals: Referral[]; memberIds: MemberId[] }> {
  const folded = await listFolded(tx, memberIds);
  const by = await resolveFolded(tx, await readMembers(tx, memberIds));
  const referrals = await findReferralsOfFriends(tx, [
    ...memberIds,
    ...[...folded, ...by].map((member) => member.memberId),
  ]);
  return { referrals, memberIds: referrals.flatMap(({ referrerId, friendId }) => [referrerId, friendId]) };
}

type Sides = Record<ReferralSide, Member>;
type Due = { referral: Referral; version: RuleVersion; sides: Sides };

/**
 * Books what these referrals are worth by now: nothing before the friend's order has stood long enough, nothing any more
 * when it is refunded whole or cancelled and no other stands. Repeating it posts nothing. Their orders must be written.
 */
export async function settleReferrals(
  tx: Tx,
  found: Referral[],
  { rules, at }: { rules: Rules; at: Date },
): Promise<void> {
  if (found.length === 0) return;
  const held = idsOf(await readPeople(tx, found));
  let balances = await lockBalances(tx, held);
  const referrals = await lockReferrals(
    tx,
    found.map(({ referralId }) => referralId),
  );
  // Two of them may have become one while the balances were waited for.
  const people = await readPeople(tx, referrals);
  if (idsOf(people).some((memberId) => !held.includes(memberId))) balances = await lockBalances(tx, idsOf(people));
  const postings: Posting[] = [];
  for (const referral of referrals) {
    const version = rules.byId.get(referral.ruleVersionId);
    const friend = people.get(referral.friendId);
    const referrer = people.get(referral.referrerId);
    if (version === undefined || friend === undefined || referrer === undefined) continue;
    const due: Due = { referral, version, sides: { friend, referrer } };
    const course = await judge(tx, due, at);
    if (course !== null) postings.push(...(await settleOne(tx, due, { course, at })));
    // The next one of the same referrer counts it.
    await writeReferrals(tx, [referral]);
  }
  await postAll(tx, { postings, balances, timeZone: (await readShop(tx)).timeZone, bookedAt: at });
  await touchPasses(tx, [...new Set(postings.map((posting) => posting.memberId))]);
}

const idsOf = (people: Map<MemberId, Member>): MemberId[] => [
  ...new Set([...people.values()].map((member) => member.memberId)),
];

/** Everybody named, by the id they are named by, as whom they are by now. */
async function readPeople(tx: Tx, referrals: Referral[]): Promise<Map<MemberId, Member>> {
  const named = referrals.flatMap(({ referrerId, friendId }) => [referrerId, friendId]);
  const people = new Map<MemberId, Member>();
  for (const member of await readMembers(tx, [...new Set(named)])) {
    const [survivor] = await resolveFolded(tx, [member]);
    if (survivor !== undefined) people.set(member.memberId, survivor);
  }
  return people;
}

/**
 * Where the referral stands; null when nothing is to be done. Who turns out to be the same person or part of a ring is refused
 * as long as nothing was paid. What was paid is taken back with the friend's order, also once the friend was erased.
 */
async function judge(tx: Tx, { referral, version, sides }: Due, at: Date): Promise<ReferralCourse | null> {
  const terms = version.document.referral;
  if (terms === null || (referral.state === 'refused' && referral.refusal !== 'not-new')) return null;
  if (referral.state === 'refused' && (await hasOtherReferral(tx, referral))) return null;
  const hasPaid = referral.settlements > 0;
  if (!hasPaid && sides.friend.state === 'erased') return null;
  const refusal = hasPaid ? null : await refusalByNow(tx, sides);
  if (refusal !== null) {
    refuse(referral, refusal);
    return null;
  }
  const bought = await readBought(tx, sides.friend.memberId, referral.accountId ?? referral.friendId);
  return referralCourse({ terms, friendJoinedAt: referral.createdAt, ...bought, at });
}

/** What the friend bought as the one who was brought, and as others with whom they were made one. */
async function readBought(tx: Tx, friendId: MemberId, broughtAs: MemberId): Promise<Bought> {
  const orders = await readOrdersOf(tx, [friendId]);
  const isOwn = ({ accountId, memberId }: StoredOrder) => (accountId ?? memberId) === broughtAs;
  const statesOf = (some: StoredOrder[]) => some.map(({ state }) => state);
  return { own: statesOf(orders.filter(isOwn)), others: statesOf(orders.filter((order) => !isOwn(order))) };
}

/** What has come to light since the friend joined: that both are one person, or that members who became one form a ring. */
async function refusalByNow(tx: Tx, { friend, referrer }: Sides): Promise<ReferralRefusal | null> {
  if (await areSamePerson(tx, friend.memberId, referrer.memberId)) return 'self';
  const above = await listReferrersAbove(tx, referrer.memberId);
  if (!above.includes(friend.memberId)) return null;
  return above[0] === friend.memberId ? 'mutual' : 'ring';
}

function refuse(referral: Referral, refusal: ReferralRefusal): void {
  Object.assign(referral, { state: 'refused', refusal, orderId: null, dueAt: null });
}

/** Takes what is due less what is booked, and notes where the referral stands now. */
async function settleOne(tx: Tx, due: Due, { course, at }: { course: ReferralCourse; at: Date }): Promise<Posting[]> {
  const { referral, sides } = due;
  const terms = due.version.document.referral;
  if (terms === null) return [];
  const postings: Posting[] = [];
  for (const side of ['friend', 'referrer'] as const) {
    // An erased member's account is closed: what was booked stays as it was.
    if (sides[side].state === 'erased') continue;
    const isDue = course.kind === 'due' && (await isPaid(tx, { side, referral, friendsMax: terms.friendsMax }));
    const pay = isDue ? terms[side] : null;
    postings.push(...postingsOf(due, { side, target: pay === null ? {} : { [pay.unit]: pay.amount }, course, at }));
  }
  if (postings.length > 0) referral.settlements += 1;
  if (course.kind === 'not-new') {
    refuse(referral, 'not-new');
    return postings;
  }
  referral.orderId = course.orderId;
  referral.dueAt = course.kind === 'waiting' ? course.dueAt : null;
  referral.state = stateOf(referral, course);
  referral.refusal = null;
  return postings;
}

type SideDue = { side: ReferralSide; target: Record<string, number>; course: ReferralCourse; at: Date };

function postingsOf({ referral, version, sides }: Due, { side, target, course, at }: SideDue): Posting[] {
  const { referralId, settlements } = referral;
  const booked = referral.booked[side] ?? {};
  if (Object.keys(target).length === 0) delete referral.booked[side];
  else referral.booked[side] = target;
  return [...new Set([...Object.keys(target), ...Object.keys(booked)])].flatMap((unit): Posting[] => {
    const delta = (target[unit] ?? 0) - (booked[unit] ?? 0);
    if (delta === 0) return [];
    const posting: Posting = {
      memberId: sides[side].memberId,
      unit,
      delta,
      source: 'referral',
      sourceKey: `referral:${referralId}:${side}:${unit}:${settlements + 1}`,
      owner: { causeId: referralId },
      ruleVersionId: version.versionId,
      settings: version.document.settings,
      inputsHash: fingerprint({ referral: referralId, side, course }),
      explanation: { because: `referral-${side}`, parts: partsOf(target[unit] ?? 0) },
      actor: 'system',
      occurredAt: at,
      availableAt: at,
    };
    return [posting];
  });
}

const partsOf = (amount: number) =>
  amount === 0 ? [] : [{ ruleId: 'referral', lineId: null, eligibleMinor: null, amount }];

function stateOf({ settlements }: Referral, course: OpenCourse): Referral['state'] {
  if (course.kind === 'due') return 'paid';
  const isOpen = course.kind === 'waiting' && course.orderId !== null;
  return settlements > 0 && !isOpen ? 'reversed' : 'waiting';
}

/** A member is paid for so many friends and no more; their friends are paid all the same. */
async function isPaid(
  tx: Tx,
  { side, referral, friendsMax }: { side: ReferralSide; referral: Referral; friendsMax: number },
): Promise<boolean> {
  if (side === 'friend' || referral.booked.referrer !== undefined) return true;
  return (await countPaidFriends(tx, referral.referrerId, referral.referralId)) < friendsMax;
}
