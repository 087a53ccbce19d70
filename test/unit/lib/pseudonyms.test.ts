import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { newId } from '#app/lib/ids.ts';
import { memberBehind, newPseudonymKey, pseudonymOf } from '#app/lib/pseudonyms.ts';

const keys = [newPseudonymKey(), newPseudonymKey()] as const;
const nobody = '00000000-0000-7000-8000-000000000000';

describe('a pseudonym', () => {
  it('F09 is always the same, leads back to the member, and is another for another client', () => {
    const seen = new Set<string>();
    for (let n = 0; n < 300; n += 1) {
      const memberId = newId<string>();
      const [one, two] = [pseudonymOf(keys[0], memberId), pseudonymOf(keys[1], memberId)];
      expect(one).toMatch(/^[\w-]{59}$/);
      expect([memberBehind(keys[0], one), memberBehind(keys[1], two)]).toEqual([memberId, memberId]);
      expect(memberBehind(keys[1], one)).toBe(nobody);
      expect(pseudonymOf(keys[0], memberId)).toBe(one);
      for (const id of [memberId, one, two]) seen.add(id);
    }
    expect(seen.size).toBe(900);
  });

  it('leads nowhere once a single character of it is another', () => {
    const right = pseudonymOf(keys[0], newId<string>());
    // Two bits of the last character say nothing: others would be read as the same bytes.
    const others = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    const altered = Array.from(right).flatMap((_, place) =>
      others.map((other) => right.slice(0, place) + other + right.slice(place + 1)),
    );
    const led = altered.filter((text) => text !== right).map((text) => memberBehind(keys[0], text));
    expect(led.length).toBe(59 * 63);
    expect(new Set(led)).toEqual(new Set([nobody]));
  });

  it('is nobody’s where it was never made by us, be it a member’s own id', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uuid(), fc.base64String({ minLength: 59, maxLength: 60 })), (text) => {
        expect(memberBehind(keys[0], text)).toBe(nobody);
      }),
    );
  });
});
