import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { newId } from '#app/lib/ids.ts';
import { memberBehind, newPseudonymKey, pseudonymOf } from '#app/lib/pseudonyms.ts';

const keys = [newPseudonymKey(), newPseudonymKey()] as const;
const idShape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a pseudonym', () => {
  it('F09 looks like any id, leads back to the member, and is another for another client', () => {
    const seen = new Set<string>();
    for (let n = 0; n < 300; n += 1) {
      const memberId = newId<string>();
      const [one, two] = [pseudonymOf(keys[0], memberId), pseudonymOf(keys[1], memberId)];
      expect(one).toMatch(idShape);
      expect([memberBehind(keys[0], one), memberBehind(keys[1], two)]).toEqual([memberId, memberId]);
      expect(memberBehind(keys[1], one)).not.toBe(memberId);
      expect(pseudonymOf(keys[0], memberId)).toBe(one);
      for (const id of [memberId, one, two]) seen.add(id);
    }
    expect(seen.size).toBe(900);
  });

  it('leaves what is no id of ours as it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uuid({ version: 4 })), (text) => {
        expect([pseudonymOf(keys[0], text), memberBehind(keys[0], text)]).toEqual([text, text]);
      }),
    );
  });
});
