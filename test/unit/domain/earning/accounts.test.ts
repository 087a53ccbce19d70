import { expect, test } from 'vitest';

import { type AccountItem, type Fold, joinAccounts } from '#app/domain/earning/accounts.ts';
import { settleHistory } from '#app/domain/earning/history.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { madeHistory } from '#test/support/member-histories.ts';
import { makeProgram, spendRule, visitRule } from '#test/support/orders.ts';

/** At most 100 points for each member; a stamp for the first order. */
const document: ProgramDocument = makeProgram([
  spendRule({ caps: { perMember: 100 } }),
  visitRule({ conditions: { firstOrder: true } }),
]);

type Done = { id: string; account: string; at: string; minor: number };

const itemOf = ({ id, account, at, minor }: Done): AccountItem[] =>
  madeHistory(document, [{ id, at, minor }]).orders.map((item) => ({
    accountId: account,
    at: new Date(item.state.latest?.processedAt ?? 0),
    item,
  }));

/** What each order earned, by its id, in points and stamps. */
function earned(done: Done[], folds: Fold[]): Record<string, (number | undefined)[]> {
  const { orders } = settleHistory(joinAccounts(done.flatMap(itemOf), folds));
  return Object.fromEntries(
    [...orders].map(([id, { targets }]) => [
      id,
      ['point', 'coffee'].map((unit) => targets.find((target) => target.unit === unit)?.amount ?? 0),
    ]),
  );
}

const folds: Fold[] = [
  { accountId: 'a', intoId: 'b', at: new Date('2026-03-10T00:00:00Z') },
  { accountId: 'b', intoId: 'c', at: new Date('2026-03-20T00:00:00Z') },
];
const before: Done[] = [
  { id: '1', account: 'a', at: '2026-03-01', minor: 4_000 },
  { id: '2', account: 'b', at: '2026-03-02', minor: 3_000 },
  { id: '3', account: 'c', at: '2026-03-03', minor: 2_000 },
];
const between: Done = { id: '4', account: 'b', at: '2026-03-15', minor: 9_000 };
const after: Done = { id: '5', account: 'c', at: '2026-03-25', minor: 9_000 };

test('what was earned before a fold stays, and what follows looks back at all that had become one by then', () => {
  expect(earned([...before, between], folds)).toEqual({ 1: [40, 1], 2: [30, 1], 3: [20, 1], 4: [30, 0] });
  expect(earned([...before, after], folds)).toEqual({ 1: [40, 1], 2: [30, 1], 3: [20, 1], 5: [10, 0] });
  expect(earned([...before, between, after], folds)['5']).toEqual([0, 0]);
});

test('a sale of another account at the same time has no part in it, whatever the order they are told in', () => {
  const elsewhere: Done = { id: '6', account: 'c', at: '2026-03-16', minor: 9_000 };
  const done = [...before, between, elsewhere, after];
  const expected = { 1: [40, 1], 2: [30, 1], 3: [20, 1], 4: [30, 0], 6: [80, 0], 5: [0, 0] };
  expect(earned(done, folds)).toEqual(expected);
  expect(earned(done.toReversed(), folds.toReversed())).toEqual(expected);
});

test('without a fold there is one account, and the items are the history', () => {
  expect(earned(before, [])).toEqual({ 1: [40, 1], 2: [30, 0], 3: [20, 0] });
});
