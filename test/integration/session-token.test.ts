/** Only tokens that Shopify signed for this app, for now and for that shop, open anything. */
import { randomUUID } from 'node:crypto';

import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';

import { Unauthenticated } from '#app/lib/errors.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { bearerToken, verifySessionToken } from '#app/web/session-token.ts';
import { testEnvironment } from '#test/support/factories.ts';
import { mintSessionToken, type SessionTokenOverrides } from '#test/platform/session-token.ts';

const shop = 'coffee.myshopify.com';
const app = { apiKey: testEnvironment.SHOPIFY_API_KEY, apiSecret: 'test-secret' };
const mint = (overrides: SessionTokenOverrides = {}) => mintSessionToken(app, shop, overrides);

/** Claims exactly as given, signed by us. */
function signed(claims: Record<string, unknown>, secret = app.apiSecret): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
}

const nowS = () => Math.floor(Date.now() / 1000);
const shopperClaims = () => ({
  aud: app.apiKey,
  dest: shop,
  iat: nowS(),
  nbf: nowS(),
  exp: nowS() + 60,
  jti: randomUUID(),
});

function unsigned(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

async function codeOf(token: string): Promise<string> {
  return verifySessionToken(token).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Unauthenticated ? error.code : String(error)),
  );
}

describe('a session token is accepted', () => {
  it('when Shopify made it for a user of the shop', async () => {
    const session = await verifySessionToken(await mint());
    expect(session).toMatchObject({ shopDomain: shop, sub: '902541635', userId: '902541635', customerId: null });
    expect(session.sid).toMatch(/^[0-9a-f]{32}$/);
  });

  it('when an older secret that is still in use signed it', async () => {
    expect(await codeOf(await mint({ secret: 'older-secret' }))).toBe('accepted');
  });

  it('for ten seconds past its end, and ten before its beginning, because clocks differ', async () => {
    expect(await codeOf(await mint({ lifetimeS: -5 }))).toBe('accepted');
    expect(await codeOf(await mint({ notBeforeS: 5 }))).toBe('accepted');
  });

  it('when checkout made it for a guest or a customer, who are never taken for staff', async () => {
    expect(await verifySessionToken(await signed(shopperClaims()))).toMatchObject({
      shopDomain: shop,
      userId: null,
      customerId: null,
    });
    const customer = await signed({ ...shopperClaims(), sub: 'gid://shopify/Customer/4711' });
    expect(await verifySessionToken(customer)).toMatchObject({ userId: null, customerId: '4711' });
    const numeric = await signed({ ...shopperClaims(), sub: '4711' });
    expect(await verifySessionToken(numeric)).toMatchObject({ userId: null, customerId: '4711' });
  });
});

describe('a session token is refused', () => {
  it.each<[string, SessionTokenOverrides]>([
    ['signed with another secret', { secret: 'wrong' }],
    ['made for another app', { audience: 'another-app' }],
    ['that is over', { lifetimeS: -30 }],
    ['whose time has not come', { notBeforeS: 60 }],
    ['issued by another shop than it is for', { issuer: 'https://other.myshopify.com/admin' }],
    ['for another shop than its issuer', { destination: 'https://other.myshopify.com' }],
    ['for a host that is not a shop', { destination: 'https://evil.example', issuer: 'https://evil.example/admin' }],
    ['for a host that only begins like a shop', { destination: `https://${shop}.evil.example` }],
    ['for a shop by http', { destination: `http://${shop}` }],
  ])('%s', async (_name, overrides) => {
    expect(await codeOf(await mint(overrides))).toBe('session-token-invalid');
  });

  it('without a signature, whatever its header says', async () => {
    const claims = { ...shopperClaims(), iss: `https://${shop}/admin`, sub: '1' };
    expect(await codeOf(unsigned(claims))).toBe('session-token-invalid');
    const token = await mint();
    expect(await codeOf(token.slice(0, token.lastIndexOf('.') + 1))).toBe('session-token-invalid');
  });

  it.each(['aud', 'dest', 'exp', 'nbf'])('without the claim %s', async (claim) => {
    const claims: Record<string, unknown> = shopperClaims();
    delete claims[claim];
    expect(await codeOf(await signed(claims))).toBe('session-token-invalid');
  });

  it('with a claim of the wrong kind', async () => {
    expect(await codeOf(await signed({ ...shopperClaims(), dest: { host: shop } }))).toBe('session-token-invalid');
    expect(await codeOf(await signed({ ...shopperClaims(), sub: 'x'.repeat(300) }))).toBe('session-token-invalid');
  });

  it.each(['', 'x', 'a.b.c', '..', `${'a'.repeat(5_000)}.b.c`])('that is none: %.10s', async (text) => {
    expect(await codeOf(text)).toBe('session-token-invalid');
  });

  it('with one character changed', async () => {
    const token = await mint();
    const middle = token.indexOf('.') + 10;
    const changed = `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`;
    expect(await codeOf(changed)).toBe('session-token-invalid');
  });
});

it.each([null, undefined, '', 'Bearer', 'Bearer x', 'Basic a.b.c', 'Bearer a.b.c d'])(
  'the header %s holds no token',
  (header) => {
    expect(() => bearerToken(header)).toThrow(Unauthenticated);
  },
);

it.each([{}, { sub: 'gid://shopify/Customer/4711' }, { sub: '4711' }])(
  'a shopper’s token (%o) does not open the admin',
  async (who) => {
    const token = await signed({ ...shopperClaims(), ...who });
    const headers = { authorization: `Bearer ${token}` };
    const data = authenticateAdmin(new Request('https://stampwell.test/app/members.data', { headers }), 'members:read');
    await expect(data).rejects.toMatchObject({ status: 401 });
    const page = authenticateAdmin(
      new Request(`https://stampwell.test/app?shop=${shop}&host=x&id_token=${token}`),
      'home:read',
    );
    await expect(page).rejects.toMatchObject({ status: 302 });
  },
);

it('a page whose fresh token is refused, too, says so instead of fetching another for ever', async () => {
  const token = await signed({ ...shopperClaims(), dest: 'no shop' });
  const open = (address: string) =>
    authenticateAdmin(new Request(new URL(address, 'https://stampwell.test')), 'home:read').then(
      () => new Response(),
      (answer: unknown) => (answer instanceof Response ? answer : Promise.reject(new Error(String(answer)))),
    );
  const first = await open(`/app?shop=${shop}&host=x&id_token=${token}`);
  expect(first.status).toBe(302);
  const detour = new URL(first.headers.get('location') ?? '', 'https://stampwell.test');
  const back = detour.searchParams.get('shopify-reload') ?? '';
  const refusal = await open(`${back}&id_token=${token}`);
  expect([refusal.status, refusal.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Stampwell"']);
  // Much later it is worth another try, and so it is without any token.
  const then = String(Date.now() - 60_000);
  expect((await open(`${back.replace(/detour=\d+/, `detour=${then}`)}&id_token=${token}`)).status).toBe(302);
  expect((await open(back)).status).toBe(302);
});
