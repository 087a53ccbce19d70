/** Tokens are renewed once, whoever asks; and when they are dead, only what needs them stops. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';

import {
  freshAccessToken,
  readOfflineSession,
  withAccessToken,
  writeOfflineSession,
} from '#app/data/shops/sessions.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { refreshSession } from '#app/flows/shops/refresh-session.ts';
import { fetchShop, refreshGrant } from '#app/gateways/shopify.ts';
import { Forbidden, Unavailable } from '#app/lib/errors.ts';
import { authorize, type StandInShopify, startShopify } from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';

const script = path.join(import.meta.dirname, '..', 'support', 'refresh-callers.ts');

let standIn: StandInShopify;
let system: TestSystem;
let shop: TestShop;

beforeAll(async () => {
  standIn = await startShopify();
  system = await openTestSystem();
});
afterAll(async () => {
  await system.close();
  await standIn.close();
});
beforeEach(async () => {
  shop = await makeShop();
  await authorize(standIn.shopify, shop);
});

const atShopify = () => standIn.shopify.shop(shop.domain);
const sessionOf = () => withShop(shop.shopId, readOfflineSession);

/** Brings the stored token to its last minute. */
async function ageToken(): Promise<void> {
  const session = await sessionOf();
  if (session === null) throw new Error('the shop has no session');
  await withShop(shop.shopId, (tx) =>
    writeOfflineSession(tx, { ...session, expiresAt: new Date(Date.now() + 60_000) }),
  );
}

type Callers = { child: ChildProcess; lines: Interface };

/** Starts a process that waits, ready to ask for the token. */
async function startCallers(count: number): Promise<Callers> {
  const options = ['--disable-warning=ExperimentalWarning', script, system.url, shop.shopId, String(count)];
  const child = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'], timeout: 60_000 });
  const lines = createInterface({ input: child.stdout });
  expect(await once(lines, 'line')).toEqual(['ready']);
  return { child, lines };
}

async function letGo({ child, lines }: Callers): Promise<string[]> {
  const answer = once(lines, 'line');
  const end = once(child, 'exit');
  child.stdin?.end('go\n');
  const [line] = await answer;
  expect(await end).toEqual([0, null]);
  return z.array(z.string()).parse(JSON.parse(String(line)));
}

it('twenty callers in two processes renew a token once, and all get the new one', async () => {
  const before = await sessionOf();
  await ageToken();
  atShopify().faults.tokenDelayMs = 1_000;
  const processes = await Promise.all([startCallers(10), startCallers(10)]);
  const tokens = (await Promise.all(processes.map(letGo))).flat();
  expect(atShopify().tokenCalls.refreshes).toBe(1);
  expect(tokens).toHaveLength(20);
  const renewed = (await sessionOf())?.accessToken;
  expect(new Set(tokens)).toEqual(new Set([renewed]));
  expect(renewed).not.toBe(before?.accessToken);
}, 90_000);

it('a good token is handed out without asking Shopify', async () => {
  await Promise.all(Array.from({ length: 5 }, () => freshAccessToken(shop.shopId, refreshGrant)));
  await refreshSession({ shopId: shop.shopId });
  expect(atShopify().tokenCalls.refreshes).toBe(0);
});

it('callers who all find the token dead renew it once', async () => {
  standIn.shopify.expireAccessTokens(shop.domain);
  const names = await Promise.all(
    Array.from({ length: 6 }, () =>
      withAccessToken(shop.shopId, refreshGrant, async (caller) => (await fetchShop(caller)).currency),
    ),
  );
  expect(names).toEqual(Array.from({ length: 6 }, () => 'USD'));
  expect(atShopify().tokenCalls.refreshes).toBe(1);
});

it('a caller who hears late that the token is dead gets the one that was renewed meanwhile', async () => {
  standIn.shopify.expireAccessTokens(shop.domain);
  const renewed = Promise.withResolvers<undefined>();
  const late = withAccessToken(shop.shopId, refreshGrant, async (caller) => {
    const told = await fetchShop(caller).catch(async (error: unknown) => {
      await renewed.promise;
      throw error;
    });
    return told.currency;
  });
  expect((await withAccessToken(shop.shopId, refreshGrant, fetchShop)).currency).toBe('USD');
  renewed.resolve(undefined);
  expect(await late).toBe('USD');
  expect(atShopify().tokenCalls.refreshes).toBe(1);
});

it('each renewal uses the refresh token of the one before', async () => {
  for (let round = 0; round < 3; round += 1) {
    await ageToken();
    await refreshSession({ shopId: shop.shopId });
    await withAccessToken(shop.shopId, refreshGrant, fetchShop);
  }
  expect(atShopify().tokenCalls.refreshes).toBe(3);
});

it('a token endpoint that is down leaves the session and the shop as they are', async () => {
  await ageToken();
  await expect(freshAccessToken(shop.shopId, () => Promise.reject(new Unavailable('down', 'down')))).rejects.toThrow(
    Unavailable,
  );
  expect((await withShop(shop.shopId, readShop)).needsReauthorization).toBe(false);
  expect((await freshAccessToken(shop.shopId, refreshGrant)).accessToken).toMatch(/^shpat_/);
});

it('a dead refresh token marks the shop, ends the job quietly, and never stops a webhook', async () => {
  const { memberId, customerId } = await makeMember(shop);
  await ageToken();
  atShopify().faults.isRefreshRefused = true;
  await expect(freshAccessToken(shop.shopId, refreshGrant)).rejects.toThrow(Forbidden);
  expect((await withShop(shop.shopId, readShop)).needsReauthorization).toBe(true);
  await refreshSession({ shopId: shop.shopId });
  await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(customerId) } }));
  await deliver(shop, 'app/uninstalled', { id: 1 });
  await deliver(shop, 'shop/redact', { shop_id: 1, shop_domain: shop.domain });
  await drain(shop);
  expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
  const rows = await system.sql<{ topic: string; state: string }>('select topic, state from inbox where shop_id = $1', [
    shop.shopId,
  ]);
  expect(rows.map((row) => row.state)).toEqual(['done', 'done', 'done']);
  expect((await withShop(shop.shopId, readShop)).state).toBe('uninstalled');
  expect(await system.sql('select 1 as one from erasure_case where shop_id = $1', [shop.shopId])).toHaveLength(1);
});
