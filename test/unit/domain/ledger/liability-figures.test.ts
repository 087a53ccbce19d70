import { expect, it } from 'vitest';

import { monthSeries } from '#app/domain/ledger/liability-figures.ts';

const nothing = { earned: 0, takenBack: 0, spent: 0, givenBack: 0, expired: 0, writtenOff: 0 };

it('months are reckoned back from what members hold now, and quiet ones keep what they began with', () => {
  const booked = new Map([
    ['2026-08', { ...nothing, month: '2026-08', earned: 100, takenBack: 10 }],
    ['2026-10', { ...nothing, month: '2026-10', spent: 50, givenBack: 20, expired: 5, writtenOff: 3 }],
    ['2026-11', { ...nothing, month: '2026-11', earned: 7 }],
  ]);
  const series = monthSeries(['2026-08', '2026-09', '2026-10', '2026-11'], booked, { heldNow: 65, erased: 0 });
  expect(series.map(({ month, outstanding }) => [month, outstanding])).toEqual([
    ['2026-08', 90],
    ['2026-09', 90],
    ['2026-10', 58],
    ['2026-11', 65],
  ]);
});

it('what members held who were erased since is in the months before, and not in the running one', () => {
  const series = monthSeries(['2026-10', '2026-11'], new Map(), { heldNow: 40, erased: 25 });
  expect(series.map(({ outstanding }) => outstanding)).toEqual([65, 40]);
});
