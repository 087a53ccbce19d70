import { describe, expect, it } from 'vitest';

import { expiryExample, pendingExample, referralExample, returnExample } from '#app/domain/ledger/aging-examples.ts';
import { plainProgram } from '#app/domain/programs/plain-program.ts';
import type { Expiry, ProgramSettings } from '#app/domain/programs/program.ts';

const settings: ProgramSettings = { ...plainProgram.settings };
const today = '2026-01-31';
const aging = (expiry: Expiry) => expiryExample({ ...settings, expiry }, today);

describe('what ageing means for today', () => {
  it('says through which day something is good, months clamped to their last', () => {
    expect(aging({ mode: 'none' })).toEqual(['What is earned today is good for ever.']);
    expect(aging({ mode: 'rolling', months: 1 })).toEqual([
      'What is earned today is good through 28 Feb 2026; the card says so from 30 Jan 2026 on.',
    ]);
    expect(aging({ mode: 'calendar', period: 'year', graceDays: 31 })).toEqual([
      'What is earned today is good through 31 Jan 2027; the card says so from 2 Jan 2027 on.',
    ]);
    expect(aging({ mode: 'sliding', months: 12 })).toEqual([
      'What is earned today is good through 31 Jan 2027, unless the member earns or spends before; the card says so from 2 Jan 2027 on.',
    ]);
  });

  it('says from when on it can be spent', () => {
    const waiting = (pending: ProgramSettings['pending']) => pendingExample({ ...settings, pending }, today);
    expect(waiting({ until: 'at-once' })).toEqual(['What is earned today can be spent today.']);
    expect(waiting({ until: 'days', days: 14 })).toEqual([
      'What is earned today shows on the card as pending and can be spent from 14 Feb 2026 on.',
    ]);
    expect(waiting({ until: 'fulfilled' })).toEqual([
      'What is earned today shows on the card as pending until the order is on its way.',
    ]);
  });

  it.each([
    ['proportional', '50 come back with €50.00, 100 with all of it.'],
    ['full-refund-only', '0 come back with €50.00, 100 with all of it.'],
    ['never', '0 come back with €50.00, 0 with all of it.'],
  ] as const)('says what a refund gives back: %s', (spendingReturns, sentence) => {
    expect(returnExample({ ...settings, spendingReturns }, { currency: 'EUR', today })).toEqual([
      `100 were spent on an order of €100.00: ${sentence}`,
    ]);
  });

  it('says when both sides of a referral are paid', () => {
    expect(referralExample(14, today)).toEqual([
      'A friend who buys for the first time today and keeps it: both are paid on 14 Feb 2026.',
    ]);
    expect(referralExample(0, today)).toEqual(['A friend who buys for the first time today: both are paid at once.']);
  });

  it('says nothing while a number has to be mended', () => {
    expect(aging({ mode: 'rolling', months: Number.NaN })).toEqual([]);
    expect(aging({ mode: 'calendar', period: 'month', graceDays: -1 })).toEqual([]);
    expect(pendingExample({ ...settings, pending: { until: 'days', days: 0.5 } }, today)).toEqual([]);
    expect(referralExample(Number.NaN, today)).toEqual([]);
  });
});
