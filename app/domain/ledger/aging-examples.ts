/**
 * What a program's ageing means for something earned today, said in a sentence. Dates and amounts are the engine's own.
 * Examples live on a clock without zones: a day is a day of the shop's calendar, written like 2026-11-21.
 */
import { sampleInstant, sampleOrder } from '#app/domain/earning/sample-order.ts';
import { expiryOf } from '#app/domain/ledger/expiry.ts';
import { availableFrom } from '#app/domain/ledger/pending.ts';
import { spendingReturn } from '#app/domain/ledger/spending-returns.ts';
import { formatMinor } from '#app/domain/money.ts';
import type { ProgramSettings } from '#app/domain/programs/program.ts';

const zone = 'UTC';
const dayMs = 86_400_000;

function isWhole(value: number, min: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= 1_000;
}

function dayOf(at: Date): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, day: 'numeric', month: 'short', year: 'numeric' }).format(
    at,
  );
}

/** Until when something earned today is good, and when the card says so; empty while a number has to be mended. */
export function expiryExample({ expiry, expiryNoticeDays }: ProgramSettings, today: string): string[] {
  if (expiry.mode === 'none') return [`What is earned today is good for ever.`];
  if (!isWhole(expiryNoticeDays, 1)) return [];
  if (expiry.mode === 'calendar' ? !isWhole(expiry.graceDays, 0) : !isWhole(expiry.months, 1)) return [];
  const ends = expiryOf(expiry, sampleInstant(`${today}T12:00`), zone);
  if (ends === null) return [];
  const lastDay = dayOf(new Date(ends.getTime() - dayMs));
  const notice = dayOf(new Date(ends.getTime() - expiryNoticeDays * dayMs));
  const unless = expiry.mode === 'sliding' ? ', unless the member earns or spends before' : '';
  return [`What is earned today is good through ${lastDay}${unless}; the card says so from ${notice} on.`];
}

/** When something earned today can be spent; empty while a number has to be mended. */
export function pendingExample({ pending }: ProgramSettings, today: string): string[] {
  if (pending.until === 'days' && !isWhole(pending.days, 1)) return [];
  const madeAt = sampleInstant(`${today}T12:00`);
  const from = availableFrom(pending, { madeAt, fulfilledAt: null });
  if (from === null) return ['What is earned today shows on the card as pending until the order is on its way.'];
  return [
    from.getTime() === madeAt.getTime()
      ? 'What is earned today can be spent today.'
      : `What is earned today shows on the card as pending and can be spent from ${dayOf(from)} on.`,
  ];
}

const spent = 100;

/** What comes back of 100 when half of the money does, and when all of it does. */
export function returnExample(
  { spendingReturns: policy }: ProgramSettings,
  scene: { currency: string; today: string },
): string[] {
  const { currency, today } = scene;
  const amountMinor = 10_000;
  const wish = { currency, amountMinor, items: 2, conditions: {}, wallTime: `${today}T12:00` };
  const { order } = sampleOrder(wish);
  const back = (minor: number) => {
    const refund = {
      refundId: 'refund',
      createdAt: sampleInstant(`${today}T13:00`).toISOString(),
      lines: [],
      shippingMinor: 0,
      amountOnlyMinor: minor,
      presentment: null,
    };
    return spendingReturn({ ...order, refunds: [refund] }, { cost: spent, policy }).amount;
  };
  const money = (minor: number) => formatMinor({ minor, currency, locale: 'en' });
  return [
    `${spent} were spent on an order of ${money(amountMinor)}: ${back(amountMinor / 2)} come back with ${money(amountMinor / 2)}, ${back(amountMinor)} with all of it.`,
  ];
}

/** When both sides of a referral are paid for an order of today; empty while a number has to be mended. */
export function referralExample(pendingDays: number, today: string): string[] {
  if (!isWhole(pendingDays, 0)) return [];
  const at = sampleInstant(`${today}T12:00`);
  const from = availableFrom(pendingDays === 0 ? { until: 'at-once' } : { until: 'days', days: pendingDays }, {
    madeAt: at,
    fulfilledAt: null,
  });
  if (from === null) return [];
  return [
    pendingDays === 0
      ? 'A friend who buys for the first time today: both are paid at once.'
      : `A friend who buys for the first time today and keeps it: both are paid on ${dayOf(from)}.`,
  ];
}
