import { describe, expect, it } from 'vitest';

import { targetOf } from '#app/edge/request-target.ts';

const parsed = (text: string) => URL.parse(text, 'http://edge.invalid');
const seen = (target: ReturnType<typeof targetOf>) =>
  target && { path: target.pathname, search: target.search, query: [...target.searchParams] };

describe('what a request asks for', () => {
  it.each([
    '/', '/healthz', '/wallet/apple/v1/passes/pass.com.example.loyalty/0b7e-9_x~', '/wallet/apple/v1/log/', '/a.b/c..d',
    '/a?b=c&b=d', '/?', '/a#b', '/a/../b', '/a/./b', '/a/..', '/.well-known/jwks.json', '/a//b', '/a%2Fb', '/a%2e%2e/b', '/a\\b', '/a b',
    '/\u00fc', '/a;b', '/a\tb', '/%', '/a/.%2e/b', '/a:b@c', '/\0',
  ])('is read as the URL standard reads it: %j', (text) => {
    expect(seen(targetOf(text))).toEqual(seen(parsed(text)));
  }); // prettier-ignore

  it.each(['//host/path', 'http://host/path', '*', '', 'host:443', '?a', '\\\\host\\path'])(
    'is no path of ours: %j',
    (text) => {
      expect(targetOf(text)).toBeNull();
    },
  );
});
