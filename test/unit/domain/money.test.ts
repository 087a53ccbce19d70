import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { currencyExponent, formatMinor, parseMinor, toDecimal } from '#app/domain/money.ts';

test.each([
  ['59.9', 'EUR', 5_990],
  ['-5.00', 'USD', -500],
  ['1234', 'EUR', 123_400],
  ['1234', 'JPY', 1_234],
  ['1234.00', 'JPY', 1_234],
  ['1.234', 'KWD', 1_234],
  ['0.0500', 'EUR', 5],
  ['-0.00', 'EUR', 0],
  [195.66, 'USD', 19_566],
  [0, 'USD', 0],
  ['90071992547409.91', 'USD', Number.MAX_SAFE_INTEGER],
])('%s %s is %i minor units', (decimal, currency, minor) => {
  expect(parseMinor(decimal, currency)).toBe(minor);
});

test.each([
  ['0.005', 'EUR'],
  ['0.5', 'JPY'],
  ['1.2345', 'KWD'],
  ['', 'EUR'],
  ['-', 'EUR'],
  ['.5', 'EUR'],
  ['5.', 'EUR'],
  ['+5', 'EUR'],
  ['5,00', 'EUR'],
  [' 5', 'EUR'],
  ['1e3', 'EUR'],
  ['١', 'EUR'],
  [1e21, 'EUR'],
  [Number.NaN, 'EUR'],
  ['90071992547409.92', 'USD'],
  ['9'.repeat(50), 'USD'],
  ['5.00', 'EURO'],
  ['5.00', 'eur'],
])('%s %s is refused', (decimal, currency) => {
  expect(parseMinor(decimal, currency)).toBeNull();
});

test('reading is exact where floating point is not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 900_000_000_000 }), fc.nat(99), (whole, cents) => {
      const text = `${whole}.${String(cents).padStart(2, '0')}`;
      expect(BigInt(parseMinor(text, 'EUR') ?? -1)).toBe(BigInt(whole) * 100n + BigInt(cents));
    }),
  );
});

test('currencies have the digits of ISO 4217, and unknown codes have none', () => {
  expect(['JPY', 'KRW', 'VND', 'CLP', 'ISK', 'UGX', 'XAF', 'XOF', 'XPF'].map(currencyExponent)).toEqual(
    Array.from({ length: 9 }, () => 0),
  );
  expect(['KWD', 'BHD', 'OMR', 'JOD', 'TND', 'IQD', 'LYD'].map(currencyExponent)).toEqual(
    Array.from({ length: 7 }, () => 3),
  );
  expect(['EUR', 'USD', 'GBP'].map(currencyExponent)).toEqual([2, 2, 2]);
  expect(currencyExponent('ABC')).toBeNull();
});

describe('writing money', () => {
  test('follows the currency and the language', () => {
    expect(formatMinor({ minor: 5_990, currency: 'EUR', locale: 'en' })).toBe('€59.90');
    expect(formatMinor({ minor: -5, currency: 'USD', locale: 'en' })).toBe('-$0.05');
    expect(formatMinor({ minor: 1_234, currency: 'JPY', locale: 'en' })).toBe('¥1,234');
    expect(formatMinor({ minor: 5_990, currency: 'EUR', locale: 'de' })).toBe('59,90\u00a0€');
  });

  test('loses no digit of the largest amount', () => {
    expect(formatMinor({ minor: Number.MAX_SAFE_INTEGER, currency: 'USD', locale: 'en' })).toBe(
      '$90,071,992,547,409.91',
    );
  });

  test('falls back to number and code', () => {
    expect(formatMinor({ minor: 150, currency: 'USDC', locale: 'en' })).toBe('1.50 USDC');
    expect(formatMinor({ minor: 150, currency: '???', locale: 'en' })).toBe('150 ???');
  });
});

test.each([
  [5_990, 'EUR', '59.90'],
  [5, 'EUR', '0.05'],
  [-123, 'USD', '-1.23'],
  [1_234, 'JPY', '1234'],
  [5, 'KWD', '0.005'],
])('%i minor units of %s are written %s', (minor, currency, decimal) => {
  expect(toDecimal({ minor, currency })).toBe(decimal);
  expect(parseMinor(decimal, currency)).toBe(minor);
});

test('an amount in a currency we do not know is not written', () => {
  expect(toDecimal({ minor: 1, currency: 'XXX' })).toBeNull();
});
