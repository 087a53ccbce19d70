import { createHmac } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { numberOf, parseRotatingCode, stepAt, toRotatingBarcode } from '#app/domain/cards/rotating-code.ts';

const cardId = 'AAAAAAAAAAAAAAAAAAAAAA';
const macOf = (key: string) => (message: Uint8Array) => createHmac('sha1', key).update(message).digest();

describe('the number of a changing code', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('is RFC 6238’s at %d seconds', (seconds, number) => {
    expect(numberOf(stepAt(new Date(seconds * 1_000)), macOf('12345678901234567890'))).toBe(number);
  });

  it('has eight digits at any time, with any key', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ minLength: 1 }), (step, key) => /^\d{8}$/.test(numberOf(step, macOf(key)))),
    );
  });
});

describe('a changing code', () => {
  it('is read as the card and the half minute it is of', () => {
    expect(parseRotatingCode(`L2.${cardId}.1700000012.01234567`)).toEqual({
      cardId,
      step: Math.floor(1_700_000_012 / 30),
      number: '01234567',
    });
  });

  it.each([
    '',
    `L1.${cardId}.ABCDEFGHIJ`,
    `L2.${cardId}.1700000012.1234567`,
    `L2.${cardId}.1700000012.123456789`,
    `L2.${cardId}.170000001.12345678`,
    `L2.${cardId}.-700000012.12345678`,
    `L2.${cardId.slice(1)}.1700000012.12345678`,
    ` L2.${cardId}.1700000012.12345678`,
    `L2.${cardId}.1700000012.12345678\n`,
    `L2.${cardId}.1700000012.{totp_value_0}`,
    `l2.${cardId}.1700000012.12345678`,
  ])('is not read from %j', (text) => {
    expect(parseRotatingCode(text)).toBeNull();
  });

  it('is told to Google as a pattern, a period and a key in hexadecimal', () => {
    expect(toRotatingBarcode(cardId, Uint8Array.from([0, 15, 255]))).toEqual({
      type: 'QR_CODE',
      valuePattern: `L2.${cardId}.{totp_timestamp_seconds}.{totp_value_0}`,
      totpDetails: {
        algorithm: 'TOTP_SHA1',
        periodMillis: '30000',
        parameters: [{ key: '000fff', valueLength: 8 }],
      },
    });
  });
});
