import { createHmac, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardCodeTag, formatCardCode, parseCardCode } from '#app/domain/cards/card-code.ts';

const macOf = (text: string) => createHmac('sha256', 'key').update(text).digest();

describe('a card code', () => {
  it('can be read back, and its tag fits only its own id', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const cardId = Buffer.from(bytes).toString('base64url');
        const code = parseCardCode(formatCardCode(cardId, macOf));
        expect(code?.cardId).toBe(cardId);
        expect(code?.tag).toBe(cardCodeTag(macOf(code?.identity ?? '')));
      }),
    );
  });

  it('is printable ASCII of a length that a small QR code holds', () => {
    const code = formatCardCode(randomBytes(16).toString('base64url'), macOf);
    expect(code).toMatch(/^L1\.[A-Za-z0-9_-]{22}\.[A-Z2-7]{10}$/);
    expect(code).toHaveLength(36);
  });

  it('takes the first fifty bits of the MAC', () => {
    expect(cardCodeTag(new Uint8Array(32))).toBe('AAAAAAAAAA');
    expect(cardCodeTag(new Uint8Array(32).fill(255))).toBe('7777777777');
    expect(cardCodeTag(Buffer.from('foobar!'))).toBe('MZXW6YTBOI');
  });

  it('is not found in other texts', () => {
    const code = formatCardCode('A'.repeat(22), macOf);
    for (const text of [
      '',
      'L1',
      `${code} `,
      code.toLowerCase(),
      code.slice(0, -1),
      `L2${code.slice(2)}`,
      '4006381333931',
    ])
      expect(parseCardCode(text)).toBeNull();
  });
});
