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

export type ReferralCourse =
  /** The order that decides, while there is one, and when it has stood long enough. */
  { kind: 'open'; orderId: string; dueAt: Date } | { kind: 'open'; orderId: null; dueAt: null } | { kind: 'not-new' };

/** An order of a friend, and since when who made it and who was brought are one; null where it is the same name. */
export type Bought = { order: OrderState; since: Date | null };

type Asked = { terms: ReferralTerms; friendJoinedAt: Date; bought: readonly Bought[] };

/**
 * Where a referral stands: the friend's first order that stands and is worth enough decides. One that is cancelled or refunded
 * whole is as if it had not been; the next takes its place. What is older, and was bought under another name, takes nothing
 * from what is their own. It is a matter of what was bought and when, not of what was known first.
 */
export function referralCourse({ terms, friendJoinedAt, bought }: Asked): ReferralCourse {
  const isOld = ({ order }: Bought) =>
    madeAtMs(order) < friendJoinedAt.getTime() - orderBeforeJoiningMs && isStanding(orderAsOf(order, friendJoinedAt));
  const own = bought.filter(({ since }) => since === null);
  const others = bought.filter(({ since }) => since !== null);
  if (own.some(isOld)) return { kind: 'not-new' };
  const isKnown = others.some(isOld);
  const [deciding] = (isKnown ? own : bought)
    .filter(({ order }) => isStanding(order) && worthMinor(order) >= terms.minimumMinor)
    .toSorted(
      ({ order: one }, { order: two }) => madeAtMs(one) - madeAtMs(two) || (one.orderId < two.orderId ? -1 : 1),
    );
  if (deciding === undefined) return isKnown ? { kind: 'not-new' } : { kind: 'open', orderId: null, dueAt: null };
  const { order } = deciding;
  return { kind: 'open', orderId: order.orderId, dueAt: new Date(madeAtMs(order) + terms.pendingDays * dayMs) };
}

/** Whether what was bought before an instant, by who the friend was until then, decides it. */
export function isReferralEarned({ terms, friendJoinedAt, bought }: Asked, before: Date): boolean {
  if (friendJoinedAt >= before) return false;
  const known = bought.filter(
    ({ order, since }) => (since === null || since < before) && madeAtMs(order) < before.getTime(),
  );
  const course = referralCourse({ terms, friendJoinedAt, bought: known });
  return course.kind === 'open' && course.orderId !== null;
}

function madeAtMs({ latest }: OrderState): number {
  return latest === null ? Number.POSITIVE_INFINITY : Date.parse(latest.processedAt);
}

/** What the order cost when it was paid: giving a part back later does not take the friend away again. */
function worthMinor({ paidUp }: OrderState): number {
  return paidUp === null ? 0 : snapshotValueMinor(paidUp);
}
