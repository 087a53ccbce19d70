/** Behind a proxy that ends TLS: nobody is served without it, and nobody can be sent anywhere else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readEnvironment } from '#app/lib/env.ts';
import { call } from '#test/platform/http.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { openTestSystem, testEnvironment, type TestSystem } from '#test/support/factories.ts';

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
  it('L01 C07 is sent on to https with 308, whatever people ask for and however', async () => {
    for (const [path, method] of [
      ['/trust.json?x=1', 'GET'],
      ['/.well-known/security.txt', 'GET'],
      ['/join/anything', 'GET'],
      ['/join/anything', 'POST'],
      ['/card/anything', 'GET'],
      ['/app', 'GET'],
      ['/nothing', 'DELETE'],
    ] as const) {
      const { status, headers } = await ask(path, { 'x-forwarded-proto': 'http' }, method);
      expect({ path, status, to: headers.location }).toEqual({
        path,
        status: 308,
        to: `https://loyalty.example.com${path}`,
      });
    }
  });

  it('L01 C07 of a program is refused and not sent on: its maker notices', async () => {
    for (const [path, method] of [
      ['/api/v1/members', 'GET'],
      ['/api/v1/openapi.json', 'GET'],
      ['/oauth/token', 'POST'],
      ['/.well-known/jwks.json', 'GET'],
      ['/wallet/apple/v1/log', 'POST'],
      ['/wallet/google/callback', 'POST'],
      ['/webhooks/shopify', 'POST'],
      ['/pos/v1/members', 'POST'],
      ['/storefront/v1/sign-up', 'OPTIONS'],
      ['/proxy/v1/card', 'GET'],
    ] as const) {
      const { status, headers, body } = await ask(path, { 'x-forwarded-proto': 'http' }, method);
      expect({ path, status, to: headers.location, said: body.toString() }).toEqual({ path, status: 403, said: '' });
      expect((await ask(path, { 'x-forwarded-proto': 'https' }, method)).status).not.toBe(308);
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

describe('the web process in production', () => {
  it('is reached from this machine alone, unless it speaks TLS or a proxy does and the way from there encrypts', () => {
    const live: NodeJS.ProcessEnv = {
      ...testEnvironment,
      NODE_ENV: 'production',
      STAMPWELL_ENV: 'production',
      KEY_ENCRYPTION_KEYS: `live-1:${Buffer.alloc(32, 9).toString('base64')}`,
      APP_URL: 'https://loyalty.example.com',
      DATABASE_URL: 'postgresql://db.example/x?sslmode=verify-full',
    };
    const read = (change: Record<string, string>) => () => readEnvironment({ ...live, ...change });
    const tls = { TLS_CERTIFICATE_FILE: '/etc/tls/tls.crt', TLS_KEY_FILE: '/etc/tls/tls.key' };
    for (const name of ['HOST', 'OPERATOR_HOST'])
      for (const host of ['0.0.0.0', '::', '10.0.0.7', 'web.example']) {
        expect(read({ [name]: host })).toThrow(`${name}: must be a loopback address`);
        const behind = { [name]: host, TRUSTED_PROXY_HOPS: '1' };
        expect(read(behind)).toThrow(`${name}: must be a loopback address`);
        expect(read({ [name]: host, INNER_NETWORK_ENCRYPTED: 'true' })).toThrow(name);
        expect(read({ ...behind, INNER_NETWORK_ENCRYPTED: 'true' })).not.toThrow();
        expect(read({ [name]: host, ...tls })).not.toThrow();
        expect(
          read({ [name]: host, STAMPWELL_ENV: 'test', KEY_ENCRYPTION_KEYS: testEnvironment.KEY_ENCRYPTION_KEYS }),
        ).not.toThrow();
      }
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) expect(read({ HOST: host })).not.toThrow();
    expect(read({ TLS_KEY_FILE: tls.TLS_KEY_FILE })).toThrow('TLS_CERTIFICATE_FILE: required with TLS_KEY_FILE');
    expect(read({ TLS_CERTIFICATE_FILE: tls.TLS_CERTIFICATE_FILE })).toThrow('TLS_KEY_FILE: required');
    expect(read({ ...tls, APP_URL: 'http://loyalty.example.com' })).toThrow('APP_URL: must be https where TLS');
  });
});
