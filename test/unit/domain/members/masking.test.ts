import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { maskEmail, maskName, maskPhone } from '#app/domain/members/masking.ts';

describe('K01 masking', () => {
  it.each([
    [maskEmail('ada@example.com'), 'a•••@e•••.com'],
    [maskEmail('not an address'), '•••'],
    [maskName('Ada Lovelace'), 'A••• L•••'],
    [maskName('  Ada   King  of Lovelace '), 'A••• K••• o•••'],
    [maskName('😀 Óscar'), '😀••• Ó•••'],
    [maskPhone('+4915799887766'), '••• 66'],
  ])('K01 gives %s', (masked, expected) => expect(masked).toBe(expected));

  it('K01 tells at most the first letter of three words of a name, and nothing of its length', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{2,12}$/), { minLength: 1, maxLength: 5 }), (words) => {
        expect(maskName(words.join(' ')).replaceAll(/[•\s]/g, '').length).toBeLessThanOrEqual(3);
      }),
    );
  });
});
