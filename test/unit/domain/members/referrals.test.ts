import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type BecameOne, becameOneBy } from '#app/domain/members/became-one.ts';
import { standingAmong } from '#app/domain/members/referral-choice.ts';
import { type DueFriend, shareOut } from '#app/domain/members/referral-limit.ts';

const day = (number: number) => new Date(Date.UTC(2027, 0, number));
const step = (id: string, into: string, at: number) => ({ id, into, at: day(at) });

describe('two who are one', () => {
  it('became so with the last step to where their ways meet, and always were where they are the same', () => {
    const becameOne = becameOneBy([step('a', 'b', 2), step('b', 'c', 4), step('d', 'c', 3), step('x', 'y', 1)]);
    expect(becameOne('a', 'a')).toEqual(new Date(0));
    expect(becameOne('a', 'b')).toEqual(day(2));
    expect(becameOne('a', 'd')).toEqual(day(4));
    expect(becameOne('d', 'a')).toEqual(day(4));
    expect(becameOne('a', 'x')).toBeNull();
  });

  it('are found also where ways go in a ring', () => {
    const becameOne = becameOneBy([step('a', 'b', 1), step('b', 'a', 2)]);
    expect(becameOne('a', 'b')).not.toBeNull();
    expect(becameOne('a', 'c')).toBeNull();
  });
});

describe('of a friend brought under several names', () => {
  const brought = (accountId: string, created: number, earned: number | null) => ({
    referralId: `${accountId}-${created}`,
    accountId,
    createdAt: day(created),
    isEarnedBefore: (instant: Date) => earned !== null && day(earned) < instant,
  });
  const becameOne = becameOneBy([step('x', 'y', 10), step('y', 'z', 20)]);
  const stand = (...referrals: ReturnType<typeof brought>[]) =>
    [...standingAmong(referrals, becameOne)].map(({ referralId }) => referralId).toSorted();

  it('all that were earned before stay, and where none was, who was first', () => {
    expect(stand(brought('x', 1, 5), brought('y', 2, 6))).toEqual(['x-1', 'y-2']);
    expect(stand(brought('x', 1, null), brought('y', 2, 6))).toEqual(['y-2']);
    expect(stand(brought('y', 2, 12), brought('x', 1, 12))).toEqual(['x-1']);
    expect(stand(brought('y', 2, null))).toEqual(['y-2']);
  });

  it('each merge is decided by what was earned before it', () => {
    expect(stand(brought('x', 1, 15), brought('y', 2, null), brought('z', 3, 15))).toEqual(['x-1', 'z-3']);
    expect(stand(brought('x', 1, 25), brought('y', 2, 5), brought('z', 3, null))).toEqual(['y-2']);
  });

  it('a second one under the same name never counts', () => {
    expect(stand(brought('x', 1, null), brought('x', 2, 5))).toEqual(['x-1']);
  });
});

describe('a referrer is paid for so many friends', () => {
  const friend = (place: number, fields: Partial<DueFriend> = {}): DueFriend => ({
    referralId: `friend-${place}`,
    accountId: 'a',
    createdAt: day(1),
    dueAt: day(place + 1),
    friendsMax: 2,
    paysReferrer: true,
    ...fields,
  });
  const becameOne = becameOneBy([step('b', 'a', 10)]);
  const paidFor = (friends: DueFriend[]) => [...shareOut(friends, becameOne).paidFor].toSorted();

  it('for those who came first, and not before they were brought', () => {
    expect(paidFor([friend(3), friend(1), friend(2)])).toEqual(['friend-1', 'friend-2']);
    expect(paidFor([friend(1, { createdAt: day(9) }), friend(2), friend(3)])).toEqual(['friend-2', 'friend-3']);
    expect(paidFor([friend(1, { paysReferrer: false }), friend(2), friend(3)])).toEqual(['friend-2', 'friend-3']);
  });

  it('by each of two accounts until they are one', () => {
    const before = [friend(1), friend(2), friend(3, { accountId: 'b' }), friend(4, { accountId: 'b' })];
    expect(paidFor(before)).toHaveLength(4);
    expect(paidFor([friend(1), friend(2, { accountId: 'b' }), friend(11), friend(12, { accountId: 'b' })])).toEqual([
      'friend-1',
      'friend-2',
    ]);
  });

  it('and closed to who joins from then on', () => {
    const { closedAt } = shareOut([friend(1), friend(2, { accountId: 'b' })], becameOne);
    expect(closedAt({ accountId: 'a', friendsMax: 1 })).toEqual(day(2));
    expect(closedAt({ accountId: 'a', friendsMax: 2 })).toEqual(day(10));
    expect(closedAt({ accountId: 'a', friendsMax: 3 })).toBeNull();
    expect(closedAt({ accountId: 'c', friendsMax: 1 })).toBeNull();
  });

  it('whatever is told first, and never for more', () => {
    const always: BecameOne = () => new Date(0);
    const friends = fc.uniqueArray(
      fc.record({
        place: fc.nat(20),
        joined: fc.integer({ min: 1, max: 20 }),
        friendsMax: fc.integer({ min: 1, max: 4 }),
      }),
      { selector: ({ place }) => place, maxLength: 12 },
    );
    fc.assert(
      fc.property(friends, (some) => {
        const all = some.map(({ place, joined, friendsMax }) => friend(place, { createdAt: day(joined), friendsMax }));
        const told = shareOut(all, always).paidFor;
        expect(shareOut(all.toReversed(), always).paidFor).toEqual(told);
        expect(told.size).toBeLessThanOrEqual(Math.max(0, ...all.map(({ friendsMax }) => friendsMax)));
      }),
    );
  });
});
