import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { newClientSecret } from '#app/lib/client-secret.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
});
afterAll(async () => {
  await api.close();
  await system.close();
});
beforeEach(async () => {
  shop = await addShop({ domain: `shop-${randomBytes(6).toString('hex')}.myshopify.com` });
});

const at = <T>(count: number, ask: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
const ask = async (path: string, fields: object, secret = shop.apiClientSecret) => {
  const body = { client_id: shop.apiClientId, client_secret: secret, ...fields };
  return (await api.ask(path, { body })).status;
};
const tokenWith = (secret?: string, fields: object = {}) =>
  ask('/oauth/token', { grant_type: 'client_credentials', ...fields }, secret);
/** Wrong ones that look right: each costs a try. */
const wrongSecret = () => newClientSecret('test');

describe('a client that asks many times at once', () => {
  it('with its right secret is answered each time', async () => {
    expect(new Set(await at(60, () => tokenWith()))).toEqual(new Set([200]));
    expect(new Set(await at(60, () => tokenWith()))).toEqual(new Set([200]));
  });

  it('whether tokens are good, or to end them, is answered each time', async () => {
    const token = await api.tokenOf(shop);
    expect(new Set(await at(40, () => ask('/oauth/introspect', { token })))).toEqual(new Set([200]));
    expect(new Set(await at(40, () => ask('/oauth/revoke', { token })))).toEqual(new Set([200]));
  });

  it('is answered although nine wrong tries were counted before', async () => {
    expect(await at(9, () => tokenWith(wrongSecret()))).toEqual(Array.from({ length: 9 }, () => 401));
    expect(new Set(await at(30, () => tokenWith()))).toEqual(new Set([200]));
  });

  it('and for a scope it does not have is told so, and not that its secret was wrong', async () => {
    const scope = 'no-such-scope';
    expect(new Set(await at(30, () => tokenWith(undefined, { scope })))).toEqual(new Set([400]));
    expect(await tokenWith()).toBe(200);
  });
});

describe('wrong secrets at once', () => {
  it('that differ are stopped after ten, and then the right one as well', async () => {
    const statuses = await at(40, () => tokenWith(wrongSecret()));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30);
    expect(await tokenWith()).toBe(429);
  });

  it('that are the same are stopped after ten as well', async () => {
    const secret = wrongSecret();
    const statuses = await at(40, () => tokenWith(secret));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30);
  });

  it('do not pass the limit beside a guess that is under way', async () => {
    const statuses = await at(40, (index) => ask(index % 2 === 0 ? '/oauth/token' : '/oauth/introspect', { grant_type: 'client_credentials', token: 'x' }, wrongSecret())); // prettier-ignore
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  });
});
