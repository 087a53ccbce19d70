import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { changedNames, type Joined, type MergePlan, type MergeStep, planMerges } from '#app/domain/members/merges.ts';
import type { MemberId, ProgramId } from '#app/lib/ids.ts';

const joined = (memberId: string, customerId: string, programId = 'p1') =>
  ({ memberId: memberId as MemberId, programId: programId as ProgramId, customerId }) satisfies Joined;
const step = (goneId: string, intoId: string, minute: number): MergeStep => ({
  goneId,
  intoId,
  mergedAt: new Date(Date.UTC(2026, 2, 1, 9, minute)),
});
/** What comes of everybody, in a line each. */
const told = ({ places }: MergePlan) =>
  [...places].map(([memberId, { customerId, fold }]) =>
    fold === null ? `${memberId}=${customerId}` : `${memberId}>${fold.intoId}@${fold.foldedAt.getUTCMinutes()}`,
  );

describe('what merges make of members', () => {
  it.each([
    ['nobody met: another name', [step('a', 'b', 1)], [joined('m', 'a')], ['m=b']],
    ['both are members: the gone one is folded', [step('a', 'b', 1)], [joined('m', 'a'), joined('n', 'b')], ['m>n@1', 'n=b']],
    ['of another program: both bear the name', [step('a', 'b', 1)], [joined('m', 'a'), joined('n', 'b', 'p2')], ['m=b', 'n=b']],
    ['a chain goes on', [step('a', 'b', 1), step('b', 'c', 2)], [joined('m', 'a')], ['m=c']],
    ['who came first keeps the name', [step('a', 'c', 2), step('b', 'c', 1)], [joined('m', 'a'), joined('n', 'b')], ['m>n@2', 'n=c']],
    ['also who has gone on with it', [step('b', 'c', 1), step('c', 'd', 5), step('a', 'c', 2)], [joined('m', 'a'), joined('n', 'b'), joined('o', 'd')], ['m>n@2', 'n>o@5', 'o=d']],
    ['who comes to a name that is gone goes on with it at once', [step('b', 'c', 1), step('a', 'b', 2)], [joined('m', 'a'), joined('n', 'c')], ['m>n@2', 'n=c']],
    ['without anybody nothing happens', [step('a', 'b', 1)], [], []],
  ])('%s', (_name, steps, members, expected) => {
    expect(told(planMerges(steps, members))).toEqual(expected);
    expect(told(planMerges(steps.toReversed(), members))).toEqual(expected);
  }); // prettier-ignore
});

const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
/** Merges without cycles: everybody is merged into somebody later in the alphabet, or into nobody. */
const merges = fc
  .tuple(...names.map((_, index) => fc.tuple(fc.nat(names.length - 1 - index), fc.integer({ min: 0, max: 9 }))))
  .map((drawn) =>
    drawn.flatMap(([ahead, minute], index) =>
      ahead === 0 ? [] : step(names[index] ?? '', names[index + ahead] ?? '', minute),
    ),
  );
const members = fc
  .tuple(...names.map(() => fc.tuple(fc.boolean(), fc.boolean())))
  .map((drawn) =>
    drawn.flatMap(([first, second], index) => [
      ...(first ? [joined(`m${index}`, names[index] ?? '')] : []),
      ...(second ? [joined(`n${index}`, names[index] ?? '', 'p2')] : []),
    ]),
  );

describe('one merge more, told late', () => {
  it('unfolds nobody, and folds nobody later than was known', () => {
    fc.assert(
      fc.property(merges, members, fc.nat(), (steps, everybody, drawn) => {
        fc.pre(steps.length > 0);
        const before = planMerges(steps.toSpliced(drawn % steps.length, 1), everybody);
        const after = planMerges(steps, everybody);
        for (const [memberId, { fold }] of before.places) {
          if (fold === null) continue;
          const foldedAt = after.places.get(memberId)?.fold?.foldedAt;
          expect(foldedAt?.getTime()).toBeLessThanOrEqual(fold.foldedAt.getTime());
        }
      }),
    );
  });

  it('says of every sale that is of somebody else by it', () => {
    fc.assert(
      fc.property(merges, members, fc.nat(), (steps, everybody, drawn) => {
        fc.pre(steps.length > 0);
        const before = planMerges(steps.toSpliced(drawn % steps.length, 1), everybody);
        const after = planMerges(steps, everybody);
        const changed = new Map(changedNames(before, after).map(({ customerId, since }) => [customerId, since]));
        for (const customerId of names)
          for (let minute = -1; minute <= 10; minute += 1) {
            const soldAt = step('', '', minute).mergedAt;
            const was = ownersAt(before, customerId, soldAt);
            if (was.length === 0 || String(was) === String(ownersAt(after, customerId, soldAt))) continue;
            const since = changed.get(customerId);
            expect(since === null || (since !== undefined && since <= soldAt)).toBe(true);
          }
      }),
    );
  });

  it('says nothing where nothing changes', () => {
    const everybody = [joined('m', 'a'), joined('n', 'b')];
    const plan = planMerges([step('a', 'b', 1)], everybody);
    expect(changedNames(plan, plan)).toEqual([]);
    expect(changedNames(planMerges([], everybody), plan)).toEqual([]);
  });
});

/** Those who bore a name when something was sold; before anybody did, who came first; plainly. */
function ownersAt(plan: MergePlan, customerId: string, soldAt: Date): string[] {
  const bearers = plan.bearers.get(customerId) ?? [];
  const onward = plan.steps.find(({ goneId }) => goneId === customerId);
  if (bearers.length === 0) return onward === undefined ? [] : ownersAt(plan, onward.intoId, soldAt);
  const there = bearers.filter(({ since }) => since === null || since <= soldAt);
  const first = Math.min(...bearers.map(({ since }) => Number(since)));
  return (there.length > 0 ? there : bearers.filter(({ since }) => Number(since) === first))
    .map((one) => one.memberId)
    .toSorted();
}
