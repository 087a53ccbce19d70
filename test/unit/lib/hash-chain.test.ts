import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonical, fingerprint } from '#app/lib/hash-chain.ts';

/** The plain way: keys sorted at every level, and the rest left to JSON. */
function plainly(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : item,
  );
}

/** The same content, its keys put in the other way round at every level. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, turned(item)]),
  );
}

// Keys that are numbers stand in their own order wherever they are put, and are no words of this code base.
const content = fc
  .jsonValue({ noUnicodeString: false })
  .filter((value) => !/"(\d+|__proto__)":/.test(JSON.stringify(value)));

describe('the canonical text of a content', () => {
  it('is JSON with sorted keys, whatever is in it', () => {
    fc.assert(
      fc.property(content, (value) => canonical(value) === plainly(value)),
      { numRuns: 2_000 },
    );
    expect(canonical({ b: 'é"\\\u0007\ud800', a: [-0, 1.5, 1e21, true, null, [], {}] })).toBe(
      String.raw`{"a":[0,1.5,1e+21,true,null,[],{}],"b":"é\"\\\u0007\ud800"}`,
    );
  });

  it('does not depend on the order of keys, also of objects that were seen in another order before', () => {
    fc.assert(
      fc.property(content, (value) => canonical(turned(value)) === canonical(value)),
      { numRuns: 500 },
    );
    expect(fingerprint({ a: 1, b: 2 })).toEqual(fingerprint({ b: 2, a: 1 }));
    expect(fingerprint({ a: 1, b: 2 })).not.toEqual(fingerprint({ a: 2, b: 1 }));
  });
});
