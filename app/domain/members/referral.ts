/** Referrals: who may bring whom, and when both are paid. Pure. */
import { orderAsOf } from '#app/domain/orders/order-as-of.ts';
import { snapshotValueMinor } from '#app/domain/orders/order-merge.ts';
import type { OrderState } from '#app/domain/orders/order.ts';
import { isStanding } from '#app/domain/orders/standing.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** Why a referral pays nobody, for the merchant to read. */
export type ReferralRefusal =
  /** The program pays for nobody. */
  | 'not-offered'
  /** Both are the same person. */
  | 'self'
  /** The friend brought the one who now brings them. */
  | 'mutual'
  /** The same over several members. */
  | 'ring'
  /** Somebody else brought the friend before. */
  | 'second'
  /** The friend was a member already. */
  | 'already-member'
  /** The friend had bought here before they were brought. */
  | 'not-new'
  /** The member has been paid for as many friends as the program allows. */
  | 'friends-max';

export type ReferralTerms = NonNullable<ProgramDocument['referral']>;

const dayMs = 86_400_000;
/** Who joins on the page after their order has made it before they joined. */
const orderBeforeJoiningMs = dayMs;

/** Why this referral is refused at the door, or null when it may wait for the friend's first order. */
export function refusalOf(asked: {
  terms: ReferralTerms | null;
  isSamePerson: boolean;
  /** Who brought the referrer, and who brought them, and so on. */
  referrersOfReferrer: string[];
  friendId: string;
  isFriendKnown: boolean;
  hasReferrer: boolean;
  friendsPaid: number;
}): ReferralRefusal | null {
  const { terms, referrersOfReferrer, friendId } = asked;
  if (terms === null) return 'not-offered';
  if (asked.isSamePerson) return 'self';
  if (referrersOfReferrer[0] === friendId) return 'mutual';
  if (referrersOfReferrer.includes(friendId)) return 'ring';
  if (asked.hasReferrer) return 'second';
  if (asked.isFriendKnown) return 'already-member';
  return asked.friendsPaid >= terms.friendsMax ? 'friends-max' : null;
}

export type OpenCourse =
  { kind: 'waiting'; orderId: string | null; dueAt: Date | null } | { kind: 'due'; orderId: string };
export type ReferralCourse = OpenCourse | { kind: 'not-new' };

/** What a friend bought. */
export type Bought = {
  /** As the one who was brought. */
  own: readonly OrderState[];
  /** As others with whom they were made one. What is older there takes nothing from what is their own. */
  others: readonly OrderState[];
};

/**
 * Where a referral stands at an instant: the friend's first order that stands and is worth enough decides, once it has
 * stood for the pending days. One that is cancelled or refunded whole is as if it had not been; the next takes its place.
 * It is a matter of what was bought and when, not of what was known first.
 */
export function referralCourse(
  asked: Bought & { terms: ReferralTerms; friendJoinedAt: Date; at: Date },
): ReferralCourse {
  const { terms, friendJoinedAt, own, others, at } = asked;
  const isOld = (order: OrderState) =>
    madeAtMs(order) < friendJoinedAt.getTime() - orderBeforeJoiningMs && isStanding(orderAsOf(order, friendJoinedAt));
  if (own.some(isOld)) return { kind: 'not-new' };
  const isKnown = others.some(isOld);
  const standing = (isKnown ? own : [...own, ...others])
    .filter((order) => isStanding(order))
    .toSorted((one, two) => madeAtMs(one) - madeAtMs(two) || (one.orderId < two.orderId ? -1 : 1));
  const deciding = standing.find((order) => worthMinor(order) >= terms.minimumMinor);
  if (deciding === undefined) return isKnown ? { kind: 'not-new' } : { kind: 'waiting', orderId: null, dueAt: null };
  const dueAt = new Date(madeAtMs(deciding) + terms.pendingDays * dayMs);
  const { orderId } = deciding;
  return dueAt <= at ? { kind: 'due', orderId } : { kind: 'waiting', orderId, dueAt };
}

function madeAtMs({ latest }: OrderState): number {
  return latest === null ? Number.POSITIVE_INFINITY : Date.parse(latest.processedAt);
}

/** What the order cost when it was paid: giving a part back later does not take the friend away again. */
function worthMinor({ paidUp }: OrderState): number {
  return paidUp === null ? 0 : snapshotValueMinor(paidUp);
}
