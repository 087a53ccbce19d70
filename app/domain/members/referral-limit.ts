/** For which friends a referrer is paid where the program pays for so many and no more. Pure. */
import type { BecameOne } from '#app/domain/members/became-one.ts';

/** A friend whose order has stood long enough. */
export type DueFriend = {
  referralId: string;
  /** As whom the referrer brought them. */
  accountId: string;
  createdAt: Date;
  /** When the order had stood long enough. */
  dueAt: Date;
  friendsMax: number;
  /** Whether the program pays the referrer at all. */
  paysReferrer: boolean;
};

/** From when on nobody is brought any more by one account under terms of so many friends; null while there is room. */
export type ClosedAt = (terms: { accountId: string; friendsMax: number }) => Date | null;

/**
 * Goes through them in the order in which they could be paid, and pays the referrer for the first. Friends of two referrers who
 * became one are counted together from then on. Whoever joined while there was room is paid as a friend all the same.
 */
export function shareOut(
  friends: readonly DueFriend[],
  becameOne: BecameOne,
): { paidFor: Set<string>; closedAt: ClosedAt } {
  const paidByAccount = new Map<string, Date[]>();
  const paidFor = new Set<string>();
  const inOrder = friends.toSorted(
    (one, other) =>
      payableAt(one).getTime() - payableAt(other).getTime() ||
      one.createdAt.getTime() - other.createdAt.getTime() ||
      (one.referralId < other.referralId ? -1 : 1),
  );
  for (const friend of inOrder) {
    const { accountId, friendsMax, paysReferrer, referralId } = friend;
    const at = payableAt(friend);
    let paid = 0;
    for (const [other, instants] of paidByAccount) {
      const since = becameOne(other, accountId);
      if (since !== null && since <= at) paid += instants.length;
    }
    if (!paysReferrer || paid >= friendsMax) continue;
    paidFor.add(referralId);
    const own = paidByAccount.get(accountId);
    if (own === undefined) paidByAccount.set(accountId, [at]);
    else own.push(at);
  }
  return { paidFor, closedAt: closedBy(paidByAccount, becameOne) };
}

/** Nobody is paid for before they were brought: who joins on the page after their order has made it before. */
function payableAt({ dueAt, createdAt }: DueFriend): Date {
  return dueAt < createdAt ? createdAt : dueAt;
}

function closedBy(paidByAccount: ReadonlyMap<string, readonly Date[]>, becameOne: BecameOne): ClosedAt {
  return ({ accountId, friendsMax }) => {
    const countedMs = [...paidByAccount].flatMap(([other, instants]) => {
      const since = becameOne(other, accountId);
      return since === null ? [] : instants.map((at) => Math.max(at.getTime(), since.getTime()));
    });
    const lastMs = countedMs.toSorted((one, other) => one - other)[friendsMax - 1];
    return lastMs === undefined ? null : new Date(lastMs);
  };
}
