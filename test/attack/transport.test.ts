/** Behind a proxy that ends TLS: nobody is served without it, and nobody can be sent anywhere else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { call } from '#test/platform/http.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let edge: Edge;
beforeAll(async () => {
  Object.assign(process.env, { TRUSTED_PROXY_HOPS: '1', APP_URL: 'https://loyalty.example.com' });
  system = await openTestSystem('stampwell_web');
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await system.close();
});

const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
  call({ url: `${edge.url}${path}`, method, headers });

describe('a request that came to the proxy without TLS', () => {
  it('L01 C07 is sent on to https with 308, whatever it asks for and however', async () => {
    for (const [path, method] of [
      ['/trust.json?x=1', 'GET'],
      ['/api/v1/members', 'POST'],
      ['/wallet/apple/v1/log', 'POST'],
      ['/webhooks/shopify', 'POST'],
      ['/join/anything', 'GET'],
    ] as const) {
      const { status, headers } = await ask(path, { 'x-forwarded-proto': 'http' }, method);
      expect({ path, status, to: headers.location }).toEqual({
        path,
        status: 308,
        to: `https://loyalty.example.com${path}`,
      });
    }
  });

  it('L01 is not sent to a host of its own choice', async () => {
    const { headers } = await ask('/trust.json', { 'x-forwarded-proto': 'http', host: 'evil.example' });
    expect(headers.location).toBe('https://loyalty.example.com/trust.json');
    const trick = await ask('//evil.example/trust.json', { 'x-forwarded-proto': 'http' });
    expect(trick.headers.location ?? '').not.toContain('//evil.example');
  });

  it('L01 cannot claim TLS that the proxy did not see', async () => {
    expect((await ask('/trust.json', { 'x-forwarded-proto': 'https, http' })).status).toBe(308);
    expect((await ask('/trust.json', { 'x-forwarded-proto': 'http, https' })).status).toBe(200);
  });

  it.each([
    '/trust.json',
    '/.well-known/security.txt',
    '/healthz',
    '/api/v1/members',
    '/wallet/apple/v1/log',
    '/nothing',
  ])('L01 W09 is told to stay with https once it came with it: %s', async (path) => {
    const { headers } = await ask(path, { 'x-forwarded-proto': 'https' });
    expect(headers['strict-transport-security']).toMatch(/max-age=\d{8}/);
  });

  it('C01 is answered all the same where only a load balancer asks', async () => {
    expect((await ask('/healthz', { 'x-forwarded-proto': 'http' })).status).toBe(200);
  });
});
