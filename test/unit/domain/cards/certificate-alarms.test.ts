import { describe, expect, it } from 'vitest';

import { daysUntil, dueAlarm, quietUntil } from '#app/domain/cards/certificate-alarms.ts';

const end = new Date('2027-03-01T12:00:00Z');
const before = (days: number, ms = 0) => new Date(end.getTime() - days * 86_400_000 + ms);

describe('the alarms of a certificate', () => {
  it.each([
    [365, null],
    [61, null],
    [60, 60],
    [31, 60],
    [30, 30],
    [15, 30],
    [14, 14],
    [8, 14],
    [7, 7],
    [1, 7],
    [0, 0],
    [-10, 0],
  ])('%i days before the end are %s', (days, alarm) => {
    expect(dueAlarm(end, before(days))).toBe(alarm);
  });

  it('count a day that has begun as a whole one', () => {
    expect([daysUntil(end, before(60, -1)), daysUntil(end, before(60)), daysUntil(end, before(60, 1))]).toEqual([
      61, 60, 60,
    ]);
  });

  it('are quiet exactly for certificates that hold for longer than the first of them', () => {
    for (const at of [before(60, -1), before(60), before(59)])
      expect(end > quietUntil(at)).toBe(dueAlarm(end, at) === null);
  });
});
