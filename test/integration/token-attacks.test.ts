/** Tokens as attackers make them, against everything that takes one: the API, the till and the storefront. */
import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';
import http from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { prepareApiEnvironment } from '#test/support/api.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';

const keys = { newest: randomBytes(32), older: randomBytes(32) };
const issuer = 'https://stampwell.test';
const stranger = generateKeyPairSync('ed25519');

let system: TestSystem;
let edge: Edge;
let shop: AddedShop;
/** Counts who comes: a verifier that follows a token's own word would. */
let bait: http.Server;
let baitUrl: string;
let visits = 0;

beforeAll(async () => {
  await prepareApiEnvironment(keys);
  system = await openTestSystem('stampwell_web');
  edge = await startEdge();
  shop = await addShop({ domain: 'bean-there.myshopify.com' });
  bait = http.createServer((_request, response) => {
    const jwk = stranger.publicKey.export({ format: 'jwk' });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'bait', alg: 'EdDSA', use: 'sig' }] }));
  });
  bait.on('connection', () => {
    visits += 1;
  });
  baitUrl = `http://127.0.0.1:${await listen(bait, 0)}/keys.json`;
});
afterAll(async () => {
  await closeServer(bait);
  await edge.close();
  await system.close();
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const nowSeconds = () => Math.floor(Date.now() / 1000);

type Sign = (text: string) => Buffer;
function make(header: object, claims: object, signature: Sign): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${signature(text).toString('base64url')}`;
}

/** The product's own signing key, derived in code of its own. */
function ownKey() {
  const seed = Buffer.from(hkdfSync('sha256', keys.newest, 'test-2', 'stampwell/access-token-signing', 32));
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
const byUs: Sign = (text) => sign(null, Buffer.from(text), ownKey());
const byStranger: Sign = (text) => sign(null, Buffer.from(text), stranger.privateKey);
const byShopify: Sign = (text) => createHmac('sha256', 'test-secret').update(text).digest();
const unsigned: Sign = () => Buffer.alloc(0);

const apiHeader = { alg: 'EdDSA', typ: 'at+jwt', kid: 'test-2' };
function apiClaims(): Record<string, unknown> {
  const iat = nowSeconds();
  const who = { sub: shop.apiClientId, shop: shop.shopId, scope: 'members:read members:write', jti: randomUUID() };
  return { iss: issuer, aud: `${issuer}/api`, ...who, iat, nbf: iat, exp: iat + 900 };
}
const tillHeader = { alg: 'HS256', typ: 'JWT' };
function tillClaims(): Record<string, unknown> {
  const iat = nowSeconds();
  const origin = `https://${shop.shopDomain}`;
  return {
    iss: `${origin}/admin`,
    dest: origin,
    aud: 'test-key',
    sub: '7',
    jti: randomUUID(),
    iat,
    nbf: iat,
    exp: iat + 60,
  };
}

async function statusOf(path: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await call({ url: `${edge.url}${path}`, headers, timeoutMs: 10_000 })).status;
}
const apiStatus = (token: string) => statusOf('/api/v1/members', token);
const till = '/pos/v1/members?code=unknown&locationId=1';
const tillStatus = (token: string) => statusOf(till, token);

/** What a token may say about the key it should be checked with: never to be believed. */
const ownWords = (): [string, object][] => [
  ['jku', { jku: baitUrl, kid: 'bait' }],
  ['x5u', { x5u: baitUrl, kid: 'bait' }],
  ['jwk', { jwk: stranger.publicKey.export({ format: 'jwk' }), kid: 'bait' }],
  ['x5c', { x5c: [randomBytes(64).toString('base64')], kid: 'bait' }],
  ['a path as kid', { kid: '../../../../dev/null' }],
  ['an address as kid', { kid: baitUrl }],
  ['SQL as kid', { kid: "test-2' union select 'x" }],
  ['an object as kid', { kid: { id: 'test-2' } }],
  ['no kid', { kid: undefined }],
  ['a foreign kid', { kid: 'test-9' }],
];

describe('experiment 16', () => {
  it('a good token of each kind opens its door, so that the refusals below mean something', async () => {
    expect(await apiStatus(make(apiHeader, apiClaims(), byUs))).toBe(200);
    expect([200, 404]).toContain(await tillStatus(make(tillHeader, tillClaims(), byShopify)));
  });

  it('W12 tokens that bring or name their own key are refused, and nothing is fetched for them', async () => {
    for (const [name, words] of ownWords()) {
      expect([name, await apiStatus(make({ ...apiHeader, ...words }, apiClaims(), byStranger))]).toEqual([name, 401]);
      expect([
        name,
        await tillStatus(make({ ...tillHeader, alg: 'EdDSA', ...words }, tillClaims(), byStranger)),
      ]).toEqual([name, 401]);
    }
    expect(visits).toBe(0);
  });

  it('W12 F16 no other algorithm counts, and no key is taken for one of another kind', async () => {
    const secret = ownKey().export({ format: 'der', type: 'pkcs8' });
    const publicPem = stranger.publicKey.export({ format: 'pem', type: 'spki' });
    const byHmac =
      (key: string | Buffer): Sign =>
      (text) =>
        createHmac('sha256', key).update(text).digest();
    const tries: [string, object, Sign][] = [
      ['none', { alg: 'none' }, unsigned],
      ['None', { alg: 'None' }, unsigned],
      ['no alg', { alg: undefined }, byUs],
      ['HS256 by the public key', { alg: 'HS256' }, byHmac(publicPem)],
      ['HS256 by the key itself', { alg: 'HS256' }, byHmac(secret)],
      ['HS256 by an empty key', { alg: 'HS256' }, byHmac('')],
      ['RS256', { alg: 'RS256' }, byUs],
      ['a list', { alg: ['EdDSA'] }, byUs],
    ];
    for (const [name, header, signature] of tries) {
      expect([name, await apiStatus(make({ ...apiHeader, ...header }, apiClaims(), signature))]).toEqual([name, 401]);
      if (name !== 'HS256 by an empty key') continue;
      expect(await tillStatus(make({ ...tillHeader, ...header }, tillClaims(), signature))).toBe(401);
    }
    for (const alg of ['none', 'HS512', 'RS256', ''])
      expect([alg, await tillStatus(make({ ...tillHeader, alg }, tillClaims(), byShopify))]).toEqual([alg, 401]);
    // A token of one door is none at the other.
    expect(await apiStatus(make(tillHeader, tillClaims(), byShopify))).toBe(401);
    expect(await tillStatus(make(apiHeader, apiClaims(), byUs))).toBe(401);
  });

  it('W12 demands nobody understands, wrong types and strange shapes are refused', async () => {
    const crit = { crit: ['x-unknown'], 'x-unknown': true };
    expect(await apiStatus(make({ ...apiHeader, ...crit }, apiClaims(), byUs))).toBe(401);
    expect(await tillStatus(make({ ...tillHeader, ...crit }, tillClaims(), byShopify))).toBe(401);
    expect(await apiStatus(make({ ...apiHeader, crit: [] }, apiClaims(), byUs))).toBe(401);
    const b64 = { b64: false, crit: ['b64'] };
    expect(await apiStatus(make({ ...apiHeader, ...b64 }, apiClaims(), byUs))).toBe(401);
    for (const change of [
      { exp: '9999999999' },
      { epoch: -1 },
      { epoch: 'x' },
      { epoch: 7 },
      { sub: 5 },
      { scope: ['members:read'] },
      { jti: 'x'.repeat(65) },
      { aud: [] },
      { aud: issuer },
      { aud: 'test-key' },
      { iss: `${issuer}/` },
    ])
      expect([change, await apiStatus(make(apiHeader, { ...apiClaims(), ...change }, byUs))]).toEqual([change, 401]);
    for (const change of [
      { aud: 'other-key' },
      { dest: 'https://evil.test' },
      { dest: 'https://other-place.myshopify.com' },
      { iss: 'https://evil.test/admin' },
      { exp: nowSeconds() - 60 },
      { nbf: nowSeconds() + 3_600 },
    ])
      expect([change, await tillStatus(make(tillHeader, { ...tillClaims(), ...change }, byShopify))]).toEqual([
        change,
        401,
      ]);
  });

  it('W12 a header of 8 kB is refused without being read, and does not make a server error', async () => {
    const big = { padding: 'x'.repeat(8_000) };
    expect(await apiStatus(make({ ...apiHeader, ...big }, apiClaims(), byUs))).toBe(401);
    expect(await tillStatus(make({ ...tillHeader, ...big }, tillClaims(), byShopify))).toBe(401);
  });
});

describe('experiment 26', () => {
  it('serials are 132 random bits, and a guessed one answers like one that is wrong otherwise', async () => {
    const created = await call({
      url: `${edge.url}/api/v1/members`,
      method: 'POST',
      headers: { authorization: `Bearer ${make(apiHeader, apiClaims(), byUs)}`, 'idempotency-key': randomUUID() },
      body: '{}',
      timeoutMs: 10_000,
    });
    expect(created.status).toBe(201);
    const [known] = await system.sql<{ serial: string }>('select serial from pass');
    expect(known?.serial).toMatch(/^[\w-]{22}$/);
    const serials = [randomBytes(17).toString('base64url').slice(0, 22), known?.serial ?? '', 'x'];
    const answers = await Promise.all(
      serials.map((serial) =>
        call({
          url: `${edge.url}/wallet/apple/v1/passes/${shop.passTypeIdentifier}/${serial}`,
          headers: { authorization: `ApplePass ${randomBytes(24).toString('base64url')}` },
          timeoutMs: 10_000,
        }),
      ),
    );
    const told = answers.map(({ status, body, headers }) => [status, body.toString(), headers['content-type'] ?? null]);
    expect(told).toEqual(told.map(() => told[0]));
    expect([401, 404]).toContain(answers[0]?.status);
  });

  it('ids of members that are nobody’s, another shop’s or no ids answer alike', async () => {
    const other = await addShop({ domain: 'other-place.myshopify.com' });
    const [foreign] = await system.sql<{ id: string }>(
      `insert into member (shop_id, id, program_id, card_id, locale, enrolled_at, enrolled_via)
       values ($1, gen_random_uuid(), $2, gen_random_uuid()::text, 'en', now(), 'api') returning id`,
      [other.shopId, other.programId],
    );
    const token = make(apiHeader, apiClaims(), byUs);
    const ids = [randomUUID(), foreign?.id ?? '', 'nobody', '0'];
    const answers = await Promise.all(
      ids.map((id) =>
        call({
          url: `${edge.url}/api/v1/members/${id}`,
          headers: { authorization: `Bearer ${token}` },
          timeoutMs: 10_000,
        }),
      ),
    );
    const told = answers.map(({ status, body }) => {
      const { instance: _address, ...rest } = JSON.parse(body.toString()) as Record<string, unknown>;
      return JSON.stringify([status, rest]);
    });
    expect(new Set(told).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
  });
});
