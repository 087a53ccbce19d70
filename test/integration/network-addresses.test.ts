/** Network addresses: of shoppers none is ever stored or logged; of integrators each call's is, for twelve months. */
import { capturedLog } from '#test/support/captured-log.ts';

import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { moveClock } from '#app/flows/system/open-system.ts';
import { scheduleUpkeep } from '#app/flows/system/schedule-upkeep.ts';
import { action as sendCard, loader as loadCard } from '#app/routes/card.$token.tsx';
import { action as sendJoin, loader as loadJoin } from '#app/routes/join.$programSlug.tsx';
import { type Answer, call } from '#test/platform/http.ts';
import { type Edge, post, startEdge } from '#test/support/edge.ts';
import {
  drain,
  makeMember,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { trustRoot } from '#test/support/trust-root.ts';
import { authorizationOf, holdPass, passPath } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

/** As it is written, its network, and as the bytes and the number it is. */
const shopper = '198.51.100.77';
const traces = [shopper, '198.51.100', 'c633644d', '3325256781', '198-51-100-77'];
const integrator = '203.0.113.50';

let system: TestSystem;
let wallets: TestWallets;
let edge: Edge;
let added: AddedShop;
let shop: TestShop;
let forgetRoot: () => void;
beforeAll(async () => {
  process.env['TRUSTED_PROXY_HOPS'] = '1';
  wallets = await startWallets();
  forgetRoot = trustRoot(wallets.pems.root);
  system = await openTestSystem();
  edge = await startEdge();
  added = await addShop({ domain: 'addresses.myshopify.com' });
  shop = { shopId: added.shopId, domain: added.shopDomain, programId: added.programId, slug: added.programSlug };
});
afterEach(() => moveClock(0));
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
  forgetRoot();
});

const from = (address: string, headers: Record<string, string> = {}) => ({ 'x-forwarded-for': address, 'x-real-ip': address, forwarded: `for=${address}`, ...headers }); // prettier-ignore

/** A page's loader or action, called as the page server calls it. */
async function page(
  work: (call: never) => unknown,
  target: string,
  params: object,
  form?: Record<string, string>,
): Promise<unknown> {
  const request = new Request(`http://localhost${target}`, {
    headers: from(shopper),
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  });
  try {
    return await work({ request, params, context: { clientAddress: shopper } } as never);
  } catch (thrown) {
    if (thrown instanceof Response) return thrown;
    throw thrown;
  }
}

const ask = (
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> => call({ url: `${edge.url}${path}`, ...options, headers: from(shopper, options.headers) });

describe('W21 W22 a shopper’s address', () => {
  it('W21 W22 F28 is in no table and no log line, whatever the shopper does and is refused', async () => {
    const joined = await page(sendJoin, `/join/${shop.slug}?lang=en`, { programSlug: shop.slug }, { email: 'new@example.com', wording: 'x', program: 'yes' }); // prettier-ignore
    expect(joined).toBeDefined();
    await page(loadJoin, `/join/${shop.slug}`, { programSlug: shop.slug });
    await page(loadJoin, '/join/no-such-shop', { programSlug: 'no-such-shop' });
    const { cardUrl, customerId } = await makeMember(shop);
    const token = new URL(cardUrl).pathname.split('/').at(-1) ?? '';
    await page(loadCard, `/card/${token}`, { token });
    await page(loadCard, '/card/forged', { token: 'forged' });
    for (const form of [{ code: 'NOT-A-CODE' }, { intent: 'freeze' }, { intent: 'unfreeze' }] as Record<
      string,
      string
    >[])
      await page(sendCard, `/card/${token}`, { token }, form);

    const pass = await holdPass(cardUrl, wallets.pems.root);
    const registration = `/wallet/apple/v1/devices/${randomBytes(16).toString('hex')}/registrations/${pass.type}`;
    const authorization = authorizationOf(pass);
    const body = JSON.stringify({ pushToken: randomBytes(32).toString('hex') });
    expect(
      (await ask(`${registration}/${pass.serial}`, { method: 'POST', headers: { authorization }, body })).status,
    ).toBe(201);
    expect((await ask(registration)).status).toBe(200);
    expect((await ask(`/wallet/apple/v1/${passPath(pass)}`, { headers: { authorization } })).status).toBe(200);
    for (let count = 0; count < 12; count += 1)
      expect((await ask(`/wallet/apple/v1/${passPath(pass)}`, { headers: { authorization: 'ApplePass wrong' } })).status).toBe(401); // prettier-ignore
    await ask('/wallet/apple/v1/log', { method: 'POST', body: JSON.stringify({ logs: [`from ${shopper}`] }) });
    await ask(`${registration}/${pass.serial}`, { method: 'DELETE', headers: { authorization } });

    for (const [path, method] of [
      ['/storefront/v1/program', 'GET'],
      ['/proxy/v1/estimate', 'POST'],
      ['/wallet/google/callback', 'POST'],
      ['/images/logo/none.png', 'GET'],
      ['/oauth/token', 'POST'],
      ['/healthz', 'GET'],
    ] as const)
      // prettier-ignore
      await ask(path, { method, ...(method === 'POST' && { body: '{}' }) });

    const order = { ...orderBody({ customer: { id: Number(customerId) } }), browser_ip: shopper, client_details: { browser_ip: shopper } }; // prettier-ignore
    for (const topic of ['orders/create', 'orders/paid'])
      expect(
        (await post(edge, { body: JSON.stringify(order), shop: shop.domain, topic, headers: from(shopper) })).status,
      ).toBe(200);
    // What cannot be read is set aside sealed.
    await post(edge, {
      body: JSON.stringify({ id: 'no order', browser_ip: shopper }),
      shop: shop.domain,
      headers: from(shopper),
    });
    await drain(shop);

    expect(await findInDatabase(system, traces)).toEqual([]);
    expect(capturedLog().length).toBeGreaterThan(100);
    for (const trace of traces) expect([trace, capturedLog().includes(trace)]).toEqual([trace, false]);
  });

  it('W21 has no column to rest in: no table but the calls of the API says address', async () => {
    const columns = await system.sql<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and (column_name ~ '(^|_)(ip|address|addr|network|geo|latitude|longitude)(_|$)' or data_type in ('inet', 'cidr'))
       and table_name !~ '_(default|\\d{4}_\\d{2})$' order by 1`,
    );
    // Of a shop's own till; and of e-mail, sealed.
    const known = [
      'api_call.address',
      'mail_request.address',
      'mail_request.address_index',
      'mail_request.next_address',
      'store_place.latitude',
      'store_place.longitude',
    ];
    expect(columns.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('W21 an integrator’s address', () => {
  const callsOf = () =>
    system.sql<{ operation: string; status: number; address: string; client: string }>(
      'select operation, status, address, client_id as client from api_call where shop_id = $1 order by id',
      [shop.shopId],
    );
  const api = (path: string, token: string, body?: unknown) =>
    call({
      url: `${edge.url}/api/v1${path}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'x-forwarded-for': `192.0.2.9, ${integrator}` },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    }); // prettier-ignore

  it('W21 is noted with each call, also a refused one, and gone twelve months after its month; the report says how many', async () => {
    const granted = await call({
      url: `${edge.url}/oauth/token`,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': integrator },
      body: JSON.stringify({ grant_type: 'client_credentials', client_id: added.apiClientId, client_secret: added.apiClientSecret }),
    }); // prettier-ignore
    const token = String((JSON.parse(granted.body.toString()) as Record<string, unknown>)['access_token']);
    expect((await api('/members', token)).status).toBe(200);
    expect((await api('/members', token, { externalId: 'x-1' })).status).toBe(201);
    expect((await api(`/members/${randomUUID()}`, token)).status).toBe(404);
    // Nobody knows whose call this would be.
    expect((await api('/members', 'not.a.token')).status).toBe(401);
    const noted = (operation: string, status: number) => ({
      operation,
      status,
      address: integrator,
      client: added.apiClientId,
    });
    expect(await callsOf()).toEqual([noted('listMembers', 200), noted('createMember', 201), noted('getMember', 404)]);
    expect(await findInDatabase(system, ['192.0.2.9'])).toEqual([]);
    expect(capturedLog()).not.toContain(integrator);

    const month = new Date();
    const nextYear = (offsetMs: number) =>
      Date.UTC(month.getUTCFullYear() + 1, month.getUTCMonth() + 1) + offsetMs - Date.now();
    await moveClock(nextYear(-60_000));
    await scheduleUpkeep('purge');
    expect(await callsOf()).toHaveLength(3);
    await moveClock(nextYear(60_000));
    await scheduleUpkeep('purge');
    expect(await callsOf()).toEqual([]);
    expect(await findInDatabase(system, [integrator])).toEqual([]);
    expect(
      await system.sql(`select removed::int, held::int, kept::int from purge_report where class = 'calls of the API'`),
    ).toEqual([{ removed: 3, held: 3, kept: 0 }]);
  });
});
