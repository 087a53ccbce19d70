import { createHmac, createPrivateKey, hkdfSync, randomBytes, randomUUID } from 'node:crypto';

import { decodeJwt, importJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { keySetSchema } from '#app/contracts/oauth.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

const keys = { newest: randomBytes(32), older: randomBytes(32) };
const issuer = 'https://stampwell.test';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
let other: AddedShop;

beforeAll(async () => {
  await prepareApiEnvironment(keys);
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  shop = await addShop({ domain: 'bean-there.myshopify.com' });
  other = await addShop({ domain: 'other-place.myshopify.com' });
});
afterEach(() => setClockOffsetMs(0));
afterAll(async () => {
  await api.close();
  await system.close();
});

/** The signing key of a key-encryption key, derived as the product says it does, in code of its own. */
function signingKeyOf(id: string, bytes: Buffer) {
  const seed = Buffer.from(hkdfSync('sha256', bytes, id, 'stampwell/access-token-signing', 32));
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

function goodClaims(): JWTPayload {
  const iat = nowSeconds();
  return {
    iss: issuer,
    aud: `${issuer}/api`,
    sub: shop.apiClientId,
    shop: shop.shopId,
    scope: 'members:read',
    jti: randomUUID(),
    iat,
    nbf: iat,
    exp: iat + 900,
  };
}

function forge(
  claims: JWTPayload,
  header: Partial<{ kid: string; typ: string }> = {},
  key = signingKeyOf('test-2', keys.newest),
) {
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'test-2', ...header }).sign(key);
}

const statusWith = async (token: string) => (await api.ask('/api/v1/members', { token })).status;

function unsigned(header: unknown, claims: unknown, signature: (text: string) => string): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${signature(text)}`;
}

describe('access tokens', () => {
  it('are EdDSA for fifteen minutes, and verify with the published keys', async () => {
    const answer = await api.ask('/oauth/token', {
      body: `grant_type=client_credentials&scope=${encodeURIComponent('members:read ledger:read')}`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${shop.apiClientId}:${shop.apiClientSecret}`).toString('base64')}`,
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'members:read ledger:read' });
    const set = await api.ask('/.well-known/jwks.json');
    const published = keySetSchema.parse(set.body).keys;
    expect(published.map((key) => key.kid)).toEqual(['test-2', 'test-1']);
    expect(set.text).not.toContain('"d"');
    const verified = await jwtVerify(
      String(answer.body['access_token']),
      await importJWK(published[0] ?? {}, 'EdDSA'),
      { issuer, audience: `${issuer}/api` },
    );
    expect(verified.protectedHeader).toMatchObject({ alg: 'EdDSA', kid: 'test-2' });
    expect(verified.payload).toMatchObject({
      sub: shop.apiClientId,
      shop: shop.shopId,
      scope: 'members:read ledger:read',
    });
    expect((verified.payload.exp ?? 0) - (verified.payload.iat ?? 0)).toBe(900);
  });

  it('end by the test clock as well, and are good at once whatever that clock says', async () => {
    const minuteMs = 60_000;
    const grant = () => api.tokenOf(shop);
    const introspected = async (token: string) => {
      const body = { token, client_id: shop.apiClientId, client_secret: shop.apiClientSecret };
      return (await api.ask('/oauth/introspect', { body })).body['active'];
    };
    const before = await grant();
    setClockOffsetMs(14 * minuteMs);
    expect([await statusWith(before), await introspected(before)]).toEqual([200, true]);
    setClockOffsetMs(16 * minuteMs);
    expect([await statusWith(before), await introspected(before)]).toEqual([401, false]);
    // A year on and a year back: others verify a token by the real clock, and so its times stay real.
    for (const days of [366, -366]) {
      setClockOffsetMs(days * 24 * 60 * minuteMs);
      const token = await grant();
      expect(Math.abs((decodeJwt(token).iat ?? 0) - nowSeconds())).toBeLessThan(10);
      expect(await statusWith(token)).toBe(200);
      setClockOffsetMs(days * 24 * 60 * minuteMs + 16 * minuteMs);
      expect(await statusWith(token)).toBe(401);
    }
  });

  it('signed by an older key still count, until that key is taken away', async () => {
    expect(await statusWith(await forge(goodClaims()))).toBe(200);
    const older = signingKeyOf('test-1', keys.older);
    expect(await statusWith(await forge(goodClaims(), { kid: 'test-1' }, older))).toBe(200);
    expect(
      await statusWith(await forge(goodClaims(), { kid: 'test-0' }, signingKeyOf('test-0', randomBytes(32)))),
    ).toBe(401);
    expect(await statusWith(await forge(goodClaims(), { kid: 'test-2' }, older))).toBe(401);
  });

  it('that are not ours, not for us or not valid now are refused', async () => {
    const at = nowSeconds();
    const changes: Record<string, unknown>[] = [
      { iss: 'https://elsewhere.test' },
      { aud: 'https://elsewhere.test/api' },
      { aud: issuer },
      { exp: at - 60 },
      { nbf: at + 60 },
      { iat: at - 3_600, exp: at + 60 },
      { exp: undefined },
      { nbf: undefined },
      { jti: undefined },
      { sub: other.apiClientId },
      { sub: 'swc_nobodynobodynobody00' },
      { shop: other.shopId },
      { shop: undefined },
    ];
    for (const change of changes)
      expect([change, await statusWith(await forge({ ...goodClaims(), ...change }))]).toEqual([change, 401]);
    expect(await statusWith(await forge(goodClaims(), { typ: 'JWT' }))).toBe(401);
  });

  it('of other algorithms are refused', async () => {
    const [key] = keySetSchema.parse((await api.ask('/.well-known/jwks.json')).body).keys;
    const publicKey = Buffer.from(key?.x ?? '', 'base64url');
    const header = { typ: 'at+jwt', kid: 'test-2' };
    expect(await statusWith(unsigned({ ...header, alg: 'none' }, goodClaims(), () => ''))).toBe(401);
    expect(await statusWith(unsigned({ ...header, alg: 'none' }, goodClaims(), () => 'AAAA'))).toBe(401);
    const confused = unsigned({ ...header, alg: 'HS256' }, goodClaims(), (text) =>
      createHmac('sha256', publicKey).update(text).digest('base64url'),
    );
    expect(await statusWith(confused)).toBe(401);
  });

  it('with one changed character are refused', async () => {
    const token = await forge(goodClaims());
    for (const at of [5, Math.floor(token.length / 2), token.length - 20]) {
      const changed = token.slice(0, at) + (token.charAt(at) === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(await statusWith(changed)).toBe(401);
    }
  });

  it('are needed, and a refusal says how to come by one', async () => {
    for (const authorization of ['', 'Bearer', 'Basic YTpi', 'Bearer x', `Bearer ${'a.'.repeat(3_000)}b.c`]) {
      const answer = await api.ask('/api/v1/members', { headers: authorization === '' ? {} : { authorization } });
      expect([answer.status, answer.body['code']]).toEqual([401, 'invalid-token']);
      // Who sent none is not told that it was wrong (RFC 6750, 3.1).
      const wrong = authorization === '' ? '' : ', error="invalid_token"';
      expect(answer.headers['www-authenticate']).toBe(`Bearer realm="Stampwell API"${wrong}`);
    }
  });
});

describe('introspection', () => {
  const introspect = (who: AddedShop, token: string) =>
    api.ask('/oauth/introspect', { body: { client_id: who.apiClientId, client_secret: who.apiClientSecret, token } });

  it('tells the own shop what a token is for', async () => {
    const token = await api.tokenOf(shop, 'ledger:read');
    const answer = await introspect(shop, token);
    expect(answer.body).toMatchObject({
      active: true,
      scope: 'ledger:read',
      client_id: shop.apiClientId,
      iss: issuer,
      token_type: 'Bearer',
    });
  });

  it('tells another shop, and of a bad token, nothing', async () => {
    const token = await api.tokenOf(shop);
    expect((await introspect(other, token)).body).toEqual({ active: false });
    expect((await introspect(shop, `${token}x`)).body).toEqual({ active: false });
    expect((await introspect(shop, await forge({ ...goodClaims(), exp: nowSeconds() - 60 }))).body).toEqual({
      active: false,
    });
  });

  it('is for clients only', async () => {
    const answer = await api.ask('/oauth/introspect', { body: { token: await api.tokenOf(shop) } });
    expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
  });
});

describe('client credentials', () => {
  const ask = (body: unknown, headers: Record<string, string> = {}) => api.ask('/oauth/token', { body, headers });
  const good = () => ({
    grant_type: 'client_credentials',
    client_id: shop.apiClientId,
    client_secret: shop.apiClientSecret,
  });

  it('that are wrong all get the same answer', async () => {
    const wrong = [
      { ...good(), client_secret: other.apiClientSecret },
      { ...good(), client_secret: `${shop.apiClientSecret}x` },
      { ...good(), client_secret: shop.apiClientSecret.slice(0, -1) },
      { ...good(), client_id: other.apiClientId },
      { ...good(), client_id: 'swc_nobodynobodynobody00' },
      { ...good(), client_id: "' or 1=1 --" },
    ];
    const answers = await Promise.all(wrong.map((body) => ask(body)));
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual(answers[0]?.body);
      expect(answer.headers['www-authenticate']).toContain('Basic');
    }
    expect(answers[0]?.body['error']).toBe('invalid_client');
  });

  it('with a request that does not fit are refused in the words of OAuth', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const cases: [unknown, Record<string, string>, string][] = [
      [{ ...good(), grant_type: 'password' }, {}, 'unsupported_grant_type'],
      [{ ...good(), grant_type: undefined }, {}, 'invalid_request'],
      [{ ...good(), scope: 'members:read everything' }, {}, 'invalid_scope'],
      ['grant_type=client_credentials&grant_type=x', form, 'invalid_request'],
      ['{', { 'content-type': 'application/json' }, 'bad_json'],
      [good(), { authorization: 'Basic YTpi' }, 'invalid_request'],
    ];
    for (const [body, headers, word] of cases) {
      const answer = await ask(body, headers);
      expect([answer.status, answer.body['error']]).toEqual([400, word]);
    }
    expect((await api.ask('/oauth/token')).status).toBe(405);
    expect((await api.ask('/oauth/nothing', { body: {} })).status).toBe(404);
  });

  it('W11 W15 guessed a hundred times at once do not hold up anybody else, and are stopped', async () => {
    const victim = await addShop({ domain: 'victim.myshopify.com' });
    // Of before the beginnings of secrets were kept: each guess costs a hash, as it would for who knows the beginning.
    await system.sql('update api_client set key_prefix = null where id = $1', [victim.apiClientId]);
    const strangers = await Promise.all(
      Array.from({ length: 3 }, () => addShop({ domain: 'strangers.myshopify.com' })),
    );
    const beganAt = performance.now();
    const guess = async (index: number) => {
      const secret = strangers[index % 3]?.apiClientSecret;
      const { status } = await ask({ ...good(), client_id: victim.apiClientId, client_secret: secret });
      return { status, tookMs: performance.now() - beganAt };
    };
    const guesses = Promise.all(Array.from({ length: 100 }, (_, index) => guess(index)));
    const waitsMs: number[] = [];
    let isOver = false;
    void guesses.then(() => {
      isOver = true;
    });
    while (!isOver) {
      const startedAt = performance.now();
      expect((await api.ask('/healthz')).status).toBe(200);
      waitsMs.push(performance.now() - startedAt);
    }
    const answers = await guesses;
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    // One hash takes longer than this; were it done on the thread that answers, most health checks would wait for one.
    const hashMs = Math.min(...answers.filter(({ status }) => status === 401).map(({ tookMs }) => tookMs));
    const mostWaitMs = waitsMs.toSorted((one, two) => one - two)[Math.floor(waitsMs.length * 0.95)];
    expect(mostWaitMs).toBeLessThan(Math.max(150, hashMs / 2));
    expect(waitsMs.length).toBeGreaterThan(50);
    const limited = await ask({ ...good(), client_id: victim.apiClientId, client_secret: victim.apiClientSecret });
    expect(limited.status).toBe(429);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    await api.tokenOf(shop);
  }, 120_000);
});
