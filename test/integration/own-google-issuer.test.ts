import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { addGoogleIssuer } from '#app/flows/certificates/add-google-issuer.ts';
import { changeGoogleAccess } from '#app/flows/certificates/change-google-access.ts';
import { removeGoogleIssuer } from '#app/flows/certificates/remove-google-issuer.ts';
import { chooseGoogleIssuer } from '#app/flows/certificates/choose-google-issuer.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { certificatesPage } from '#app/queries/certificates-page.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { findInDatabase } from '#test/support/whole-database.ts';
import { generateKeyPairSync } from 'node:crypto';

let wallets: TestWallets;
let system: TestSystem;
let shop: TestShop;
const actor = 'staff:1';
let issuers = 0;
let issuerId: string;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem();
});
afterAll(async () => {
  await system.close();
  await wallets.close();
});
beforeEach(async () => {
  shop = await makeShop();
  issuers += 1;
  issuerId = `33880000000222222${String(issuers).padStart(2, '0')}`;
});

/** The stand-in knows one account; what is the shop's own is the issuer. */
const accountFile = (changes: Record<string, unknown> = {}) =>
  Buffer.from(
    JSON.stringify({
      type: 'service_account',
      client_email: wallets.google.serviceAccount.clientEmail,
      private_key: wallets.google.serviceAccount.privateKeyPem,
      ...changes,
    }),
  );
const add = (file = accountFile(), to = shop) => {
  wallets.google.addIssuer(issuerId);
  return addGoogleIssuer({ shopId: to.shopId, file, issuerId, actor });
};
const use = (id: string, by = shop) => chooseGoogleIssuer({ shopId: by.shopId, id, actor });
const access = (id: string, to: 'demo' | 'requested' | 'live', by = shop) =>
  changeGoogleAccess({ shopId: by.shopId, id, access: to, actor });
const save = (cardUrl: string) => issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' });
async function addLive(): Promise<string> {
  const { id } = await add();
  await access(id, 'requested');
  await access(id, 'live');
  return id;
}
async function googlePassOf(memberId: string) {
  const [row] = await system.sql<{ id: string; serial: string }>(
    `select id, serial from pass where member_id = $1 and wallet = 'google'`,
    [memberId],
  );
  return row ?? { id: '', serial: '' };
}

describe("a shop's own issuer at Google", () => {
  it('takes new cards once it is open to everybody; saved ones stay where they are', async () => {
    const before = await makeMember(shop);
    await save(before.cardUrl);
    const { id } = await add();
    await expect(use(id)).rejects.toMatchObject({ code: 'google-issuer-not-live' });
    await access(id, 'requested');
    await access(id, 'live');
    expect([await use(id), await use(id)]).toEqual(['switched', 'in-use-already']);

    const after = await makeMember(shop);
    await save(after.cardUrl);
    const [old, fresh] = [await googlePassOf(before.memberId), await googlePassOf(after.memberId)];
    expect(wallets.google.objectById(`${issuerId}.${fresh.serial}`)).toBeDefined();
    expect(wallets.google.objectById(`${wallets.google.issuerId}.${fresh.serial}`)).toBeUndefined();
    await syncGooglePass({ shopId: shop.shopId, passId: old.id, isBulk: false });
    expect(wallets.google.objectById(`${wallets.google.issuerId}.${old.serial}`)).toBeDefined();
    expect(wallets.google.objectById(`${issuerId}.${old.serial}`)).toBeUndefined();

    expect(await use('platform')).toBe('switched');
    await expect(removeGoogleIssuer({ shopId: shop.shopId, id, actor })).rejects.toMatchObject({ code: 'google-issuer-in-use' }); // prettier-ignore
    await syncGooglePass({ shopId: shop.shopId, passId: fresh.id, isBulk: false });
    expect(wallets.google.objectById(`${wallets.google.issuerId}.${fresh.serial}`)).toBeUndefined();
  });

  it('never takes over when Google refuses its account', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const { id } = await add(accountFile({ private_key }));
    await access(id, 'requested');
    await access(id, 'live');
    await expect(use(id)).rejects.toMatchObject({ code: 'google-account-refused', issues: [{ path: 'account' }] });
    expect((await certificatesPage(shop.shopId)).google).toMatchObject([{ state: 'staged', access: 'live' }]);
    // The right key, uploaded for the same issuer, mends it.
    expect(await add()).toEqual({ id, isNew: false });
    expect(await use(id)).toBe('switched');
  });

  it('is kept once when it is added at once, and one is in use when two are chosen at once', async () => {
    const added = await Promise.all([add(), add()]);
    expect(new Set(added.map(({ id }) => id)).size).toBe(1);
    const first = await addLive();
    issuerId = `${issuerId}9`;
    const second = await addLive();
    await Promise.all([use(first), use(second), use(first)]);
    const { google } = await certificatesPage(shop.shopId);
    expect(google.filter(({ state }) => state === 'active')).toHaveLength(1);
  });

  it('is nothing to another shop', async () => {
    const stranger = await makeShop();
    const id = await addLive();
    for (const attempt of [
      () => use(id, stranger),
      () => access(id, 'demo', stranger),
      () => removeGoogleIssuer({ shopId: stranger.shopId, id, actor }),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'google-issuer-not-found' });
    expect((await certificatesPage(stranger.shopId)).google).toEqual([]);
    expect((await certificatesPage(shop.shopId)).google).toMatchObject([{ id, access: 'live' }]);
  });

  it('is opened step by step', async () => {
    const { id } = await add();
    await expect(access(id, 'live')).rejects.toMatchObject({ code: 'google-access-step' });
    await access(id, 'requested');
    await access(id, 'demo');
    await access(id, 'requested');
    await Promise.all([access(id, 'live'), access(id, 'live')]);
    await expect(access(id, 'demo')).rejects.toMatchObject({ code: 'google-access-step' });
  });

  it('blanks its cards when the shop is erased, before its account is forgotten', async () => {
    await use(await addLive());
    const { memberId, cardUrl } = await makeMember(shop, { name: 'Erasmus Weg' });
    await save(cardUrl);
    const { serial } = await googlePassOf(memberId);
    const [opened] = await system.sql<{ id: string }>(
      `insert into erasure_case (shop_id, id, kind, origin, source_key, requested_at, due_at)
       values ($1, gen_random_uuid(), 'shop-erasure', 'test', 'key', now(), now()) returning id`,
      [shop.shopId],
    );
    await processCase({ shopId: shop.shopId, caseId: opened?.id ?? '' });
    expect(JSON.stringify(wallets.google.objectById(`${issuerId}.${serial}`))).not.toContain('Erasmus');
    expect(await system.sql('select 1 from google_issuer where shop_id = $1', [shop.shopId])).toEqual([]);
  });

  it('rests sealed', async () => {
    await add();
    const lines = wallets.google.serviceAccount.privateKeyPem.split('\n').slice(2, 5);
    expect(await findInDatabase(system, ['PRIVATE KEY', ...lines])).toEqual([]);
  });
});

describe('an upload', () => {
  it.each([
    ['no JSON', Buffer.from('hello'), 'account: This is not the key of a service account'],
    ['another kind of account', () => accountFile({ type: 'authorized_user' }), 'account: This is not the key'],
    [
      'an address of somebody else',
      () => accountFile({ client_email: 'me@example.com' }),
      'account: This is not the key',
    ],
    ['a broken key', () => accountFile({ private_key: 'PRIVATE KEY' }), 'account: The private key in this file'],
    ['too much', Buffer.alloc(20_000, 0x20), 'account: This file is too large'],
  ])('of %s is refused by naming the field', async (_name, file, expected) => {
    const content = typeof file === 'function' ? file() : file;
    const issues = await add(content).then(() => [], (error: { issues: { path: string; message: string }[] }) => error.issues); // prettier-ignore
    expect(issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([expect.stringContaining(expected)]);
  });

  it("with a number that is none, or the platform's, is refused by naming the field", async () => {
    for (const wrong of ['', 'abc', '12', "1'; drop table", wallets.google.issuerId]) {
      issuerId = wrong;
      await expect(add()).rejects.toMatchObject({ issues: [{ path: 'issuerId' }] });
    }
  });
});
