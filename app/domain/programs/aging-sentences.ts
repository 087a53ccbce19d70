/** How what members collect ages, and what a refund does to it, in plain English sentences. */
import { counted } from '#app/domain/programs/condition-sentences.ts';
import type { Expiry, ProgramSettings } from '#app/domain/programs/program.ts';

/** One sentence for each setting that says something, by a name that stays the same from version to version. */
export function describeAging(settings: ProgramSettings): { id: string; text: string }[] {
  const { expiry, expiryNoticeDays, pending, debtPolicy, spendingReturns, returnGraceDays } = settings;
  const notice = expiry.mode === 'none' ? '' : ` The card says so ${counted(expiryNoticeDays, 'day', 'days')} before.`;
  const returns = {
    proportional: 'comes back in proportion to the money paid back',
    'full-refund-only': 'comes back only when the whole order is refunded',
    never: 'stays spent',
  };
  const grace =
    spendingReturns === 'never'
      ? ''
      : ` What has expired by then is good for ${counted(returnGraceDays, 'more day', 'more days')}.`;
  return [
    { id: 'expiry', text: `${describeExpiry(expiry)}${notice}` },
    { id: 'pending', text: describePending(pending) },
    {
      id: 'debtPolicy',
      text:
        debtPolicy === 'carry'
          ? 'When a refund takes back what was already spent, the balance goes below zero and the next orders repay it.'
          : 'When a refund takes back what was already spent, the balance stops at zero and the loss is recorded.',
    },
    { id: 'spendingReturns', text: `What was spent on an order that is refunded ${returns[spendingReturns]}.${grace}` },
    { id: 'eligible', text: describeEligible(settings) },
  ];
}

function describeExpiry(expiry: Expiry): string {
  if (expiry.mode === 'none') return 'What members collect never expires.';
  if (expiry.mode === 'calendar') {
    const grace = expiry.graceDays > 0 ? `, ${counted(expiry.graceDays, 'day', 'days')} after its end` : '';
    return `What members collect expires with the ${expiry.period}${grace}.`;
  }
  const since = expiry.mode === 'rolling' ? 'they earned it' : 'they last earned or spent';
  return `What members collect expires ${counted(expiry.months, 'month', 'months')} after ${since}.`;
}

function describePending(pending: ProgramSettings['pending']): string {
  if (pending.until === 'at-once') return 'What members earn can be spent at once.';
  return pending.until === 'days'
    ? `What members earn can be spent after ${counted(pending.days, 'day', 'days')}.`
    : 'What members earn can be spent once the order is fulfilled.';
}

function describeEligible({ earnsOnTax, earnsOnShipping, earnsOnGiftCards }: ProgramSettings): string {
  const counts = [...(earnsOnTax ? ['tax'] : []), ...(earnsOnShipping ? ['shipping'] : [])];
  const not = [...(earnsOnTax ? [] : ['tax']), ...(earnsOnShipping ? [] : ['shipping'])];
  const parts = [
    ...(counts.length > 0 ? [`${counts.join(' and ')} included`] : []),
    ...(not.length > 0 ? [`without ${not.join(' and ')}`] : []),
    earnsOnGiftCards ? 'gift cards count as money' : 'what was paid with a gift card does not count',
  ];
  return `What was paid counts after discounts, ${parts.join('; ')}.`;
}
