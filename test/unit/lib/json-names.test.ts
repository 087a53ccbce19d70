import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { repeatsName } from '#app/lib/json-names.ts';

describe('a name in JSON', () => {
  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{"a":[],"c":"}","a":{}}}]',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '{ "a" : {"a":1} , "b":[{"a":1}], "a" : 0 }',
  ])('is found to stand twice in %s', (json) => {
    expect(JSON.parse(json)).toBeDefined();
    expect(repeatsName(json)).toBe(true);
  });

  it.each([
    '{"a":{"a":1},"b":{"a":[{"a":1},{"a":2}]}}',
    '["a","a",":"]',
    '"a"',
    '{"a":"\\"a\\":1","b":"{\\"b\\":"}',
    '1',
    '{}',
  ])('stands once in each object of %s', (json) => {
    expect(repeatsName(json)).toBe(false);
  });

  it('stands once in whatever was written by a program', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), (json) => !repeatsName(JSON.stringify(JSON.parse(json)))));
  });

  it('is looked for in time, however long or deep the text', () => {
    const before = performance.now();
    expect(repeatsName(`{"a":"${'\\"x'.repeat(500_000)}"}`)).toBe(false);
    expect(repeatsName(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)).toBe(false);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
