/** Which referrals count of a friend who was brought more than once, under names that turned out to be one person's. Pure. */
import type { BecameOne } from '#app/domain/members/became-one.ts';

export type Brought = {
  /** As whom the friend was brought. */
  accountId: string;
  createdAt: Date;
  referralId: string;
  /** Whether the friend had bought by then what pays for it, as who they were by then. */
  isEarnedBefore: (instant: Date) => boolean;
};

type Person<One> = { accountIds: string[]; standing: One[] };
type Merge<One> = { one: Person<One>; other: Person<One>; at: Date };

/**
 * The referrals that count. A merge takes away nothing that was earned before it; where nothing was, the friend was brought
 * by who was first.
 */
export function standingAmong<One extends Brought>(referrals: readonly One[], becameOne: BecameOne): Set<One> {
  const byAccount = Map.groupBy(referrals.toSorted(earlierFirst), ({ accountId }) => accountId);
  // Whoever is brought a second time under the same name is a member already.
  let people: Person<One>[] = [...byAccount].map(([accountId, own]) => ({
    accountIds: [accountId],
    standing: own.slice(0, 1),
  }));
  for (let next = firstMerge(people, becameOne); next !== null; next = firstMerge(people, becameOne)) {
    const { one, other, at } = next;
    const both = [...one.standing, ...other.standing].toSorted(earlierFirst);
    const earned = both.filter(({ isEarnedBefore }) => isEarnedBefore(at));
    const standing = earned.length > 0 ? earned : both.slice(0, 1);
    const joined = { accountIds: [...one.accountIds, ...other.accountIds], standing };
    people = [...people.filter((person) => person !== one && person !== other), joined];
  }
  return new Set(people.flatMap(({ standing }) => standing));
}

const earlierFirst = (one: Brought, other: Brought) =>
  one.createdAt.getTime() - other.createdAt.getTime() || (one.referralId < other.referralId ? -1 : 1);

/** The two who became one first. */
function firstMerge<One>(people: Person<One>[], becameOne: BecameOne): Merge<One> | null {
  let first: Merge<One> | null = null;
  for (const [index, one] of people.entries()) {
    for (const other of people.slice(index + 1)) {
      const at = becameOne(one.accountIds[0] ?? '', other.accountIds[0] ?? '');
      if (at !== null && (first === null || at < first.at)) first = { one, other, at };
    }
  }
  return first;
}
