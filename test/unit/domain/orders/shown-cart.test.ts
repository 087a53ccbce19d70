import { describe, expect, test } from 'vitest';

import { countsInCurrency, readDecimalCart } from '#app/domain/orders/shown-cart.ts';
import { makeDocument } from '#test/support/factories.ts';

const line = (total: string | number, quantity = 1) => ({ productId: '1', quantity, total });
const read = (part: object) =>
  readDecimalCart({ currency: 'USD', lines: [line('10.00'), line(20), line('0.01')], ...part });

describe('a cart as it is shown', () => {
  test('is read in minor units of its currency', () => {
    expect(read({})?.lines.map(({ grossMinor }) => grossMinor)).toEqual([1_000, 2_000, 1]);
    expect(readDecimalCart({ currency: 'JPY', lines: [line('1500.00')] })?.lines[0]?.grossMinor).toBe(1_500);
    expect(readDecimalCart({ currency: 'KWD', lines: [line('1.234')] })?.lines[0]?.grossMinor).toBe(1_234);
  });

  test('shares the discount and the tax of the whole over its lines, to the last cent', () => {
    const cart = read({ discount: '10.00', tax: '3.33', shipping: '5.00' });
    const discounts = cart?.lines.map(({ discountMinor }) => discountMinor);
    expect(discounts).toEqual([333, 666, 1]);
    expect(cart?.lines.map(({ taxMinor }) => taxMinor)).toEqual([88, 178, 0]);
    expect(cart).toMatchObject({ shippingMinor: 500, shippingTaxMinor: 67 });
  });

  test('takes no more off than it costs, and shares nothing over nothing', () => {
    expect(read({ discount: '99.00' })?.lines.map(({ discountMinor }) => discountMinor)).toEqual([1_000, 2_000, 1]);
    const free = readDecimalCart({ currency: 'USD', lines: [line(0)], discount: 1, tax: 1 });
    expect(free?.lines[0]).toMatchObject({ discountMinor: 0, taxMinor: 0 });
  });

  test.each([
    ['a negative amount', { lines: [line('-1.00')] }],
    ['an amount finer than a cent', { lines: [line('1.005')] }],
    ['an amount beyond what is exact', { lines: [line('90071992547409.92')] }],
    ['amounts that are too large together', { lines: [line('90071992547409.91'), line('0.01')] }],
    ['a negative discount', { discount: '-1' }],
    ['words', { tax: 'one' }],
    ['a currency nobody knows', { currency: 'ZZZ' }],
  ])('is refused with %s', (_, part) => {
    expect(read(part)).toBeNull();
  });
});

describe('a cart in another currency than the shop’s', () => {
  const document = makeDocument();

  test('tells what it earns where every rule counts that currency itself', () => {
    expect(countsInCurrency(document, 'JPY')).toBe(true);
    expect(countsInCurrency(document, 'EUR')).toBe(false);
  });

  test('does not where a rule compares the shop’s money', () => {
    const [spend, visit] = document.earnRules;
    if (spend === undefined || visit?.kind !== 'visit') throw new Error('The sample program changed');
    const earnRules = [spend, { ...visit, conditions: { minimumMinor: 500 } }];
    expect(countsInCurrency(makeDocument({ earnRules }), 'JPY')).toBe(false);
  });
});
