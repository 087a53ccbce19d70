import { createHmac } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { claimTag, formatClaimCode, parseClaimCode } from '#app/domain/orders/claim-code.ts';

const macOf = (text: string) => createHmac('sha256', 'key').update(text).digest();
const sale = { orderId: '6012345678901', processedAt: '2026-11-20T10:00:00.000Z' };
const code = formatClaimCode(sale, macOf);
const plain = code.replaceAll('-', '');
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

describe('a claim code', () => {
  test('is short enough for a receipt and says which order it is for', () => {
    expect(code).toMatch(/^([0-9A-Z]{4}-){4}[0-9A-Z]{1,4}$|^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
    expect(parseClaimCode(code)).toEqual({ orderId: sale.orderId, tag: claimTag(sale, macOf) });
  });

  test('holds any order id, and the tag differs with the time of the sale and with the shop’s key', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 20n - 1n }), (id) => {
        const read = parseClaimCode(formatClaimCode({ ...sale, orderId: String(id) }, macOf));
        expect(read?.orderId).toBe(String(id));
      }),
    );
    const tag = claimTag(sale, macOf);
    expect(claimTag({ ...sale, processedAt: '2026-11-20T10:00:00.001Z' }, macOf)).not.toBe(tag);
    expect(claimTag(sale, (text) => createHmac('sha256', 'other').update(text).digest())).not.toBe(tag);
  });

  test.each([
    ['in small letters', code.toLowerCase()],
    ['without its hyphens', plain],
    ['with spaces', ` ${plain.replaceAll(/(.{2})/g, '$1 ')}`],
    ['with the letters people read for digits', code.replaceAll('0', 'o').replaceAll('1', 'l')],
    ['with the other letter for one', code.replaceAll('1', 'I')],
  ])('is read %s', (_how, typed) => {
    expect(parseClaimCode(typed)).toEqual(parseClaimCode(code));
  });

  test('with any single wrong character is refused before anything is looked up', () => {
    const mistyped = Array.from(plain).flatMap((right, index) =>
      Array.from(alphabet.replace(right, ''), (wrong) => `${plain.slice(0, index)}${wrong}${plain.slice(index + 1)}`),
    );
    expect(mistyped.length).toBe(plain.length * 31);
    expect(mistyped.filter((typed) => parseClaimCode(typed) !== null)).toEqual([]);
  });

  test('with two neighbours that changed places is refused', () => {
    const swapped = Array.from(plain.slice(1)).map(
      (right, index) => `${plain.slice(0, index)}${right}${plain.charAt(index)}${plain.slice(index + 2)}`,
    );
    expect(swapped.filter((typed) => typed !== plain && parseClaimCode(typed) !== null)).toEqual([]);
  });

  test.each(['', '0', 'ABC', '!!!!-!!!!', '€'.repeat(16), 'Z'.repeat(30), '0'.repeat(10_000), 'straße'])(
    'is not read from %#',
    (text) => expect(parseClaimCode(text)).toBeNull(),
  );
});
