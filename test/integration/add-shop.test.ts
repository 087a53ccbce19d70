import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { runShopAdd } from '#test/platform/run-shop-add.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, testEnvironment, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;

beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  shop = await addShop({ domain: 'bean-there.myshopify.com' });
});
afterAll(async () => {
  await api.close();
  await system.close();
});

describe('adding a shop', () => {
  it('finds the same shop and program the second time and gives a new client', async () => {
    const again = await addShop({ domain: shop.shopDomain });
    expect(again).toMatchObject({ shopId: shop.shopId, programId: shop.programId, programSlug: shop.programSlug });
    expect(again.apiClientId).not.toBe(shop.apiClientId);
    expect(shop.passTypeIdentifier).toBe('pass.com.stampwell.loyalty');
    await api.tokenOf(again);
  });

  it('works from the command line as well', async () => {
    const names = [
      'KEY_ENCRYPTION_KEYS',
      'APPLE_PASS_CERTIFICATE_FILE',
      'APPLE_PASS_KEY_FILE',
      'APPLE_WWDR_CERTIFICATE_FILE',
    ];
    const environment = {
      ...testEnvironment,
      ...Object.fromEntries(names.map((name) => [name, process.env[name] ?? ''])),
    };
    const added = await runShopAdd('by-command.myshopify.com', { ...environment, DATABASE_URL: system.url });
    expect(added).toMatchObject({ shopDomain: 'by-command.myshopify.com', programSlug: 'by-command' });
    const members = await api.ask('/api/v1/members', { token: await api.tokenOf(added) });
    expect(members.body).toEqual({ members: [], nextCursor: null });
  });

  it('makes one program when it is asked for twice at once', async () => {
    const added = await Promise.all([1, 2].map(() => addShop({ domain: 'twice-at-once.myshopify.com' })));
    expect(new Set(added.map((one) => one.programId)).size).toBe(1);
  });

  it('keeps only a bcrypt hash of the secret, at cost 12', async () => {
    const rows = await system.sql<{ id: string; secret_hash: string }>('select id, secret_hash from api_client');
    for (const row of rows) expect(row.secret_hash).toMatch(/^\$2[aby]\$12\$/);
    const dump = JSON.stringify(await system.sql('select * from api_client'));
    expect(dump).not.toContain(shop.apiClientSecret);
  });

  it('takes another address for the join page when the plain one is taken', async () => {
    await system.sql("update program set slug = 'wanted-name' where id = $1", [shop.programId]);
    const added = await addShop({ domain: 'wanted-name.myshopify.com' });
    expect(added.programSlug).toMatch(/^wanted-name-[0-9a-f]{8}$/);
  });
});
