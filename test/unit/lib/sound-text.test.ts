import { describe, expect, it } from 'vitest';

import { unsoundTextIn } from '#app/lib/sound-text.ts';

describe('a text that cannot be kept', () => {
  it('is found wherever it stands: as a value, a name, in a list, or alone', () => {
    expect(unsoundTextIn({ a: 'x', b: [{ c: 'half \ud800' }] })).toBe('b.0.c');
    expect(unsoundTextIn({ a: { 'n\0': 1 } })).toBe('a');
    expect(unsoundTextIn(['fine', '\0'])).toBe('1');
    expect(unsoundTextIn('\udc00')).toBe('');
  });

  it('is none where every character is whole', () => {
    for (const sound of ['', '😀 مرحبا\n\t', 5, null, undefined, true, [], {}, { a: ['b', { c: null }] }])
      expect(unsoundTextIn(sound)).toBeNull();
  });

  it('is found below any depth', () => {
    let nested: unknown = '\0';
    for (let depth = 0; depth < 50_000; depth += 1) nested = [nested];
    expect(unsoundTextIn(nested)).toMatch(/^0(\.0)+$/);
  });
});
