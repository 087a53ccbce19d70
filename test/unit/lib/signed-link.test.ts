import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { createShopKeys } from '#app/lib/shop-keys.ts';
import { createLinkToken, isLinkSigned, readLinkClaims } from '#app/lib/signed-link.ts';

const makeShopKeys = () => createShopKeys(randomUUID(), 'aes-256-gcm');
const keys = makeShopKeys();
const link = (generation: number) => ({
  subjectId: randomUUID(),
  expiresAt: new Date('2031-01-01T00:00:00Z'),
  generation,
});

describe('a signed link', () => {
  it('is genuine for its own generation alone, and tells no more for having one', () => {
    for (const generation of [0, 1, 2, 12]) {
      const token = createLinkToken(keys, 'card', link(generation));
      expect(token).toHaveLength(92);
      expect([0, 1, 2, 12].filter((each) => isLinkSigned(keys, 'card', { token, generation: each }))).toEqual([
        generation,
      ]);
    }
  });

  it('is of one shop and one purpose', () => {
    const token = createLinkToken(keys, 'card', link(1));
    expect(isLinkSigned(makeShopKeys(), 'card', { token, generation: 1 })).toBe(false);
    expect(isLinkSigned(keys, 'preferences', { token, generation: 1 })).toBe(false);
  });

  it('claims what it was made of, and is refused with any character changed', () => {
    const made = link(3);
    const token = createLinkToken(keys, 'card', made);
    expect(readLinkClaims(token)).toEqual({
      shopId: keys.shopId,
      subjectId: made.subjectId,
      expiresAt: made.expiresAt,
    });
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
      expect(isLinkSigned(keys, 'card', { token: changed, generation: 3 })).toBe(false);
    }
  });

  it('is none when it is no token', () => {
    for (const text of ['', 'x', '🙂', Buffer.alloc(69, 0xff).toString('base64'), 'A'.repeat(92), `${'A'.repeat(92)}=`])
      expect(readLinkClaims(text)).toBeNull();
  });
});
