/**
 * Tokens that were good once, used again: later, elsewhere, for somebody else, after what they were for is gone. And secrets that
 * are guessed from ever new addresses.
 */
import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { passToken } from '#app/data/cards/passes.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { platformPassType } from '#app/gateways/apple-issuers.ts';
import { createLinkToken, type LinkPurpose } from '#app/lib/signed-link.ts';
import { loader as cardLoader } from '#app/routes/card.$token.tsx';
import { loader as confirmLoader } from '#app/routes/confirm.$token.tsx';
import { loader as preferencesLoader } from '#app/routes/preferences.$token.tsx';
import { loader as unsubscribeLoader } from '#app/routes/unsubscribe.$token.tsx';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { call } from '#test/platform/http.ts';
import { mintShopperToken, type SessionTokenOverrides } from '#test/platform/session-token.ts';
import { prepareApiEnvironment } from '#test/support/api.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { authorize, cardCodeOf, type ExtensionRig, startExtensionRig } from '#test/support/extensions.ts';
import { makeMember, makeShop, testEnvironment, type TestShop } from '#test/support/factories.ts';

let rig: ExtensionRig;
let edge: Edge;
let shop: TestShop;
let other: TestShop;
let memberId: Awaited<ReturnType<typeof makeMember>>['memberId'];

beforeAll(async () => {
  process.env['TRUSTED_PROXY_HOPS'] = '1';
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  rig = await startExtensionRig();
  edge = await startEdge();
  [shop, other] = [await makeShop(), await makeShop()];
  for (const each of [shop, other]) await authorize(rig.shopify, each);
  ({ memberId } = await makeMember(shop));
});
afterAll(async () => {
  await edge.close();
  await rig.close();
});

const mint = (overrides: SessionTokenOverrides = {}) => rig.shopify.mintSessionToken(shop.domain, overrides);

/** Session tokens of staff as they must not be taken. */
const replays: [string, () => SessionTokenOverrides][] = [
  ['once it is over', () => ({ lifetimeS: -60 })],
  ['made for another app', () => ({ audience: 'another-app' })],
  ['for another shop than who made it', () => ({ destination: `https://${other.domain}` })],
  ['made by another shop', () => ({ issuer: `https://${other.domain}/admin` })],
]; // prettier-ignore

async function statusOf(path: string, authorization: string): Promise<number> {
  return (await call({ url: `${edge.url}${path}`, headers: { authorization } })).status;
}

async function adminStatus(token: string): Promise<number> {
  const request = new Request('https://stampwell.test/app/members.data', { headers: { authorization: `Bearer ${token}` } });
  return authenticateAdmin(request, 'home:read').then(
    () => 200,
    (answer: unknown) => (answer instanceof Response ? answer.status : 500),
  );
} // prettier-ignore

describe('experiment 15: a session token of the admin', () => {
  it('opens the admin of its shop while it lasts, and no door of integrators', async () => {
    const token = await mint({ subject: '1' });
    expect(await adminStatus(token)).toBe(200);
    expect(await statusOf('/api/v1/members', `Bearer ${token}`)).toBe(401);
  });

  it.each(replays)('opens nothing %s', async (_name, overrides) => {
    expect(await adminStatus(await mint({ subject: '1', ...overrides() }))).toBe(401);
  });
});

describe('experiment 15: a session token of the till', () => {
  const path = async () => `/pos/v1/members?code=${encodeURIComponent(await cardCodeOf(shop, memberId))}`;

  it('opens the till of its shop while it lasts; a shopper’s of the same shop opens none', async () => {
    expect(await statusOf(await path(), `Bearer ${await mint({ subject: '1' })}`)).toBe(200);
    const app = { apiKey: testEnvironment.SHOPIFY_API_KEY, apiSecret: 'test-secret' };
    expect(await statusOf(await path(), `Bearer ${await mintShopperToken(app, shop.domain, 4711)}`)).toBe(403);
  });

  it.each(replays)('opens nothing %s', async (_name, overrides) => {
    expect(await statusOf(await path(), `Bearer ${await mint({ subject: '1', ...overrides() })}`)).toBe(401);
  });
});

type Pass = { serial: string; token: string };

/** What a phone holds. */
async function passOf(of: string): Promise<Pass> {
  const [row] = await rig.system.sql<{ serial: string }>(
    `select serial from pass where member_id = $1 and wallet = 'apple' and state = 'active'`,
    [of],
  );
  const keys = await withShop(shop.shopId, findShopKeys);
  if (row === undefined || keys === null) throw new Error('there is no pass');
  return { serial: row.serial, token: passToken(keys, platformPassType(), row.serial) };
}

const passStatus = (serial: string, authorization: string, passType = platformPassType()) =>
  statusOf(`/wallet/apple/v1/passes/${passType}/${serial}`, authorization);

/** A link as the shop signs it. */
async function linkTo(purpose: LinkPurpose, lifetimeMs = 3_600_000): Promise<string> {
  const keys = await withShop(shop.shopId, findShopKeys);
  if (keys === null) throw new Error('the shop has no keys');
  const link = { subjectId: memberId, expiresAt: new Date(Date.now() + lifetimeMs), generation: 0 };
  return createLinkToken(keys, purpose, link);
}

const pages = { cardLoader, preferencesLoader, unsubscribeLoader, confirmLoader };

async function pageStatus(page: keyof typeof pages, token: string): Promise<number> {
  const asked = { request: new Request('https://stampwell.test/'), params: { token }, context: { clientAddress: '' } };
  return pages[page](asked as never).then(
    () => 200,
    (answer: unknown) => (answer instanceof Response ? answer.status : 500),
  );
}

describe('experiment 15: a pass’s own token and a link to a card', () => {
  it('open their own card; the token no other pass, pass type or scheme, the link no other page and not with one character changed', async () => {
    const [own, second] = [await passOf(memberId), await passOf((await makeMember(shop)).memberId)];
    expect(await passStatus(own.serial, `ApplePass ${own.token}`)).toBe(200);
    expect(await passStatus(second.serial, `ApplePass ${own.token}`)).toBe(401);
    expect(await passStatus(own.serial, `Bearer ${own.token}`)).toBe(401);
    expect(await passStatus(own.serial, `ApplePass ${own.token}`, 'pass.com.example.other')).toBe(401);
    const link = await linkTo('card');
    expect(await pageStatus('cardLoader', link)).toBe(200);
    for (const page of ['preferencesLoader', 'unsubscribeLoader', 'confirmLoader'] as const)
      expect([page, await pageStatus(page, link)]).toEqual([page, 403]);
    const changed = `${link.slice(0, 40)}${link[40] === 'A' ? 'B' : 'A'}${link.slice(41)}`;
    expect(await pageStatus('cardLoader', changed)).toBe(403);
    expect(await pageStatus('cardLoader', await linkTo('card', -60_000))).toBe(403);
    expect(await pageStatus('cardLoader', await linkTo('preferences'))).toBe(403);
  });

  it('open nothing any more once the card was replaced', async () => {
    const [own, link] = [await passOf(memberId), await linkTo('card')];
    await reissueCard({ shopId: shop.shopId, memberId, actor: 'staff:1', ifGeneration: 0 });
    expect(await pageStatus('cardLoader', link)).toBe(403);
    expect(await pageStatus('preferencesLoader', await linkTo('preferences'))).toBe(403);
    const next = await passOf(memberId);
    expect(next.serial).not.toBe(own.serial);
    expect(await passStatus(next.serial, `ApplePass ${own.token}`)).toBe(401);
    expect(await passStatus(next.serial, `ApplePass ${next.token}`)).toBe(200);
  });
});

it('experiment 18: a name that stands twice in a body is refused at the till and where tokens are asked for: nobody has to guess which counts', async () => {
  const staff = `Bearer ${await mint({ subject: '1' })}`;
  const headers = { 'content-type': 'application/json', authorization: staff };
  const stamp = `{"memberId":"${memberId}","unit":"stamps","amount":1,"amount":9,"idempotencyKey":"${randomUUID()}","locationId":"1"}`;
  expect((await call({ url: `${edge.url}/pos/v1/stamps`, headers, body: stamp })).status).toBe(400);
  expect((await call({ url: `${edge.url}/pos/v1/stamps`, headers, body: stamp.replace('"amount":9,', '') })).status).toBe(200);
  const asked = '{"grant_type":"client_credentials","client_id":"a","client_id":"b","client_secret":"c"}';
  const token = await call({ url: `${edge.url}/oauth/token`, headers: { 'content-type': 'application/json' }, body: asked });
  expect(token.status).toBe(400);
}); // prettier-ignore

describe('experiment 25: whoever guesses a secret', () => {
  const hex = () => randomBytes(2).toString('hex');
  const invented = () => `198.51.100.${randomBytes(1)[0]}, 2001:db8:${hex()}::1, unknown`;

  it.each<[string, () => string]>([
    ['with a list of invented addresses before our proxy’s own', () => `${invented()}, 203.0.113.9`],
    ['with every address of an IPv6 block', () => `2001:db8:7:8:${hex()}:${hex()}:${hex()}:${hex()}`],
  ])('is stopped after ten tries, %s and a name in ever new spellings', async (_name, forwardedFor) => {
    const spellings = ['swc_guessedguessedguess1', ' swc_guessedguessedguess1', 'SWC_guessedguessedguess1', 'swc_guessed\u200bguessedguess1'];
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const answer = await call({
        url: `${edge.url}/oauth/token`,
        headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor() },
        body: JSON.stringify({ grant_type: 'client_credentials', client_id: spellings[attempt % 4], client_secret: 'guess' }),
      });
      statuses.push(answer.status);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.slice(10)).toEqual(Array.from({ length: 30 }, () => 429));
  });
}); // prettier-ignore
