import { describe, expect, it } from 'vitest';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { isSameValue } from '#app/components/admin/same-value.ts';

describe('a link within the embedded app', () => {
  it('keeps what a reload needs and nothing else', () => {
    const current = '?shop=a.myshopify.com&host=abc&embedded=1&locale=en&id_token=secret&cursor=9&program=p1';
    expect(keepEmbedded('/app/members', current)).toBe(
      '/app/members?shop=a.myshopify.com&host=abc&embedded=1&locale=en&program=p1',
    );
  });

  it('prefers its own parameters and keeps its place on the page', () => {
    expect(keepEmbedded('/app?shop=b&live=1#top', '?shop=a&host=h')).toBe('/app?shop=b&live=1&host=h#top');
    expect(keepEmbedded('/app', '')).toBe('/app');
  });
});

describe('two values', () => {
  it('are the same whatever the order of their keys', () => {
    expect(isSameValue({ a: 1, b: [{ c: 2, d: undefined }] }, { b: [{ c: 2 }], a: 1 })).toBe(true);
  });

  it.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [[], {}],
    [null, {}],
    [{ a: 1 }, { a: 1, b: 2 }],
  ])('%j and %j differ', (a, b) => {
    expect(isSameValue(a, b)).toBe(false);
  });
});
