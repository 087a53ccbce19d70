import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { openMemberLink } from '#app/data/cards/card-links.ts';
import { findMembersByEmail, readProfiles } from '#app/data/members/profiles.ts';
import { listKeys, type KnownKey } from '#app/data/shops/shop-keys.ts';
import { readShopKeys, shredShop } from '#app/data/shops/shops.ts';
import { keepEvidenceKeys, listEvidenceKeys } from '#app/data/system/key-registry.ts';
import { withShop } from '#app/data/tenancy.ts';
import { chooseAppleCertificate } from '#app/flows/certificates/choose-apple-certificate.ts';
import { resealShop } from '#app/flows/keys/reseal-shop.ts';
import { rewrapShops } from '#app/flows/keys/rewrap-shops.ts';
import { rotateDataKey } from '#app/flows/keys/rotate-data-key.ts';
import { rotateLinkKey } from '#app/flows/keys/rotate-link-key.ts';
import { tendKeys } from '#app/flows/keys/tend-keys.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { endorseEvidenceKeys, rememberEvidenceKeys } from '#app/lib/evidence.ts';
import { keyEncryptionKeys, setKeyRing } from '#app/lib/key-ring.ts';
import { type KeyEncryptionKey, seal, sealedPrefix, unseal } from '#app/lib/sealed-box.ts';
import { unwrapShopKeys } from '#app/lib/shop-keys.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeMember, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { addCertificate, type OwnCertificates, startOwnCertificates } from '#test/support/own-certificates.ts';
import { ask, startTraffic, usesOfKeys } from '#test/support/steady-traffic.ts';
import { findInDatabase } from '#test/support/whole-database.ts';
import { createDevice, type HeldPass, holdPass } from '#test/support/wallet-device.ts';

// Traffic takes all that a small machine has, and the work beside it what is left.
vi.setConfig({ testTimeout: 120_000 });

const dayMs = 24 * 60 * 60_000;
let own: OwnCertificates;
let system: TestSystem;
let edge: Edge;
let shop: AddedShop & TestShop;
let token: string;
let member: { memberId: string; cardUrl: string };
let pass: HeldPass;
const email = 'canary.rotation@example.com';

beforeAll(async () => {
  own = await startOwnCertificates();
  system = await openTestSystem();
  edge = await startEdge();
  const added = await addShop({ domain: 'rotating-beans.myshopify.com' });
  shop = { ...added, domain: added.shopDomain, slug: added.programSlug };
  token = await newToken();
  member = await makeMember(shop, { email, name: 'Canary Rotation' });
  pass = await holdPass(member.cardUrl, own.wallets.pems.root);
  for (let n = 0; n < 5; n += 1) await makeMember(shop, { name: `Member ${n}` });
});
afterAll(async () => {
  setClockOffsetMs(0);
  await edge.close();
  await system.close();
  await own.close();
});

async function newToken(): Promise<string> {
  const body = { grant_type: 'client_credentials', client_id: shop.apiClientId, client_secret: shop.apiClientSecret };
  const answer = await ask(edge, '/oauth/token', { method: 'POST', body });
  return String(answer['access_token']);
}

/** How it went for everybody else while `work` was done. */
async function whileUsed(work: () => Promise<void>) {
  const traffic = startTraffic(
    usesOfKeys({ edge, pass, email, domain: shop.domain, token: () => token, cardUrl: () => member.cardUrl }),
  );
  await traffic.untilServed(16);
  await work();
  await traffic.untilServed(16);
  return (await traffic.stop()).failures;
}

/** Nobody noticed. */
const unnoticed: string[] = [];

const inShop = <T>(work: Parameters<typeof withShop<T>>[1]) => withShop(shop.shopId, work);
const wrapped = async () => {
  const [row] = await system.sql<{ data_key: Buffer; kek: string }>(
    'select data_key, data_key_kek as kek from shop where id = $1',
    [shop.shopId],
  );
  if (row === undefined) throw new Error('there is no shop');
  return row;
};
const keyLines = async (purpose: KnownKey['purpose']) =>
  (await inShop((tx) => listKeys(tx, 100))).keys
    .filter((key) => key.purpose === purpose)
    .map(({ version, state }) => `${version} ${state}`);
const audits = async () =>
  (
    await system.sql<{ action: string }>(
      `select action from audit_record where shop_id = $1 and action like 'key.%' order by sequence`,
      [shop.shopId],
    )
  ).map(({ action }) => action);

describe('experiment 34: under traffic', () => {
  it('W08 L02 the data key is replaced: no request fails, everything is sealed again, the old key opens nothing', async () => {
    const place = { table: 'member_profile', column: 'email', row: member.memberId };
    const [row] = await system.sql<{ email: Buffer }>('select email from member_profile where member_id = $1', [
      member.memberId,
    ]);
    const before = row?.email ?? Buffer.alloc(0);
    let rotationId = '';
    const served = await whileUsed(async () => {
      ({ rotationId } = await rotateDataKey({ shopId: shop.shopId, actor: 'staff:1', reason: 'yearly' }));
      await expect(rotateDataKey({ shopId: shop.shopId, actor: 'staff:1', reason: null })).rejects.toMatchObject({
        code: 'rotation-running',
      });
      // Twice at once, as after a worker that was taken for dead.
      await Promise.all([
        resealShop({ shopId: shop.shopId, rotationId }),
        resealShop({ shopId: shop.shopId, rotationId }),
      ]);
      expect(unseal(await inShop(readShopKeys), place, before)).toBe(email);
    });
    expect(served).toEqual(unnoticed);
    expect(await resealShop({ shopId: shop.shopId, rotationId })).toBe('settling');
    setClockOffsetMs(5 * 60_000);
    const servedToTheEnd = await whileUsed(async () => {
      expect(await resealShop({ shopId: shop.shopId, rotationId })).toBe('done');
    });
    expect(servedToTheEnd).toEqual(unnoticed);
    expect(await resealShop({ shopId: shop.shopId, rotationId })).toBe('done');
    const keys = await inShop(readShopKeys);
    expect(keys.dataKeys.map(({ version }) => version)).toEqual([2]);
    expect(() => unseal(keys, place, before)).toThrow(/version 1 of the data key is not there/);
    for (const [table, column] of [
      ['member_profile', 'email'],
      ['device_registration', 'push_token'],
      ['inbox', 'sealed'],
      ['session', 'content'],
    ])
      expect(
        await system.sql(`select 1 from ${table} where shop_id = $1 and substring(${column} from 1 for 3) <> $2`, [
          shop.shopId,
          sealedPrefix(2),
        ]),
      ).toEqual([]);
    expect(await inShop((tx) => findMembersByEmail(tx, email))).toEqual([member.memberId]);
    const profiles = await inShop((tx) => readProfiles(tx, [member.memberId]));
    expect(profiles.get(member.memberId)).toMatchObject({ email, name: 'Canary Rotation' });
    expect(await findInDatabase(system, [email, 'Canary Rotation'])).toEqual([]);
    expect(await keyLines('data')).toEqual(['2 current', '1 retired']);
    expect(await audits()).toEqual(['key.rotate-data', 'key.destroy-data']);
  });

  it('W16 the link key is replaced: old links open in the overlap and not after, phones notice nothing', async () => {
    const old = member.cardUrl.split('/').at(-1) ?? '';
    const open = () => openMemberLink(old, { purpose: 'card', at: new Date() });
    const served = await whileUsed(async () => {
      const { version } = await rotateLinkKey({ shopId: shop.shopId, actor: 'staff:1', reason: null, overlapDays: 7 });
      expect(version).toBe(2);
    });
    expect(served).toEqual(unnoticed);
    const touched = await system.sql(
      `delete from outbox where shop_id = $1 and job = 'touch-program-passes' returning 1 as one`,
      [shop.shopId],
    );
    expect(touched).toHaveLength(1);
    setClockOffsetMs(8 * dayMs);
    await expect(open()).rejects.toMatchObject({ code: 'link-invalid' });
    await tendKeys({ shopId: shop.shopId });
    await tendKeys({ shopId: shop.shopId });
    setClockOffsetMs(0);
    // Destroyed, and not only over.
    await expect(open()).rejects.toMatchObject({ code: 'link-invalid' });
    expect(await keyLines('links')).toEqual(['2 current', '1 retired']);
    expect((await createDevice(edge).get(pass)).status).toBe(200);
    const fresh = await makeMember(shop, { email: 'fresh.link@example.com' });
    member = { ...member, cardUrl: fresh.cardUrl };
    await expect(
      rotateLinkKey({ shopId: shop.shopId, actor: 'staff:1', reason: null, overlapDays: -1 }),
    ).rejects.toMatchObject({ code: 'overlap-invalid' });
  });

  it('W08 W12 the key-encryption key is replaced, and with it the keys of tokens, jobs and evidence', async () => {
    const [older] = keyEncryptionKeys();
    const newer: KeyEncryptionKey = { id: 'test-9', bytes: randomBytes(32) };
    if (older === undefined) throw new Error('there is no key');
    const before = await wrapped();
    await keepEvidenceKeys(endorseEvidenceKeys());
    const served = await whileUsed(async () => {
      // First every process knows it, then it is the newest, then everything is wrapped under it.
      setKeyRing([older, newer]);
      setKeyRing([newer, older]);
      await keepEvidenceKeys(endorseEvidenceKeys());
      const pages: number[] = [];
      const { rewrapped } = await rewrapShops({ actor: 'operator', onProgress: ({ shops }) => pages.push(shops) });
      expect([rewrapped, pages.length]).toEqual([1, 1]);
      const oldToken = token;
      token = await newToken();
      await ask(edge, `/api/v1/members?email=${email}`, { headers: { authorization: `Bearer ${oldToken}` } });
      // No token of the older key is left: they live for minutes.
    });
    expect(served).toEqual(unnoticed);
    const servedAfter = await whileUsed(async () => {
      setKeyRing([newer]);
    });
    expect(rememberEvidenceKeys(await listEvidenceKeys())).toBe(0);
    expect(servedAfter).toEqual(unnoticed);
    const after = await wrapped();
    expect([before.kek, after.kek]).toEqual([older.id, 'test-9']);
    expect(() => unwrapShopKeys(newer, shop.shopId, before.data_key)).toThrow(/unable to authenticate/);
    expect(() => unwrapShopKeys(older, shop.shopId, after.data_key)).toThrow(/unable to authenticate/);
    expect((await rewrapShops({ actor: 'operator', onProgress: () => undefined })).rewrapped).toBe(0);
    expect((await audits()).filter((action) => action === 'key.rewrap')).toHaveLength(1);
  });

  it('L15 the keys of evidence are published, those that were taken away included', async () => {
    const { keys } = (await ask(edge, '/.well-known/evidence-keys.json')) as { keys: { kid: string }[] };
    expect(keys.map(({ kid }) => kid.replace(/-[0-9a-f]{16}$/, ''))).toEqual(['evidence-test-9', 'evidence-test-1']);
  });

  it('W24 the certificate of passes is switched', async () => {
    const served = await whileUsed(async () => {
      const added = await addCertificate(own.apple, shop, { passTypeIdentifier: 'pass.com.example.rotation' });
      await chooseAppleCertificate({ shopId: shop.shopId, issuerId: added.issuerId, actor: 'staff:1' });
    });
    expect(served).toEqual(unnoticed);
  });
});

describe('a rotation of the data key', () => {
  it('goes on where it was killed, and ends with what somebody sealed late with a key they had in memory', async () => {
    const { shopId } = shop;
    const stale = await inShop(readShopKeys);
    const { rotationId } = await rotateDataKey({ shopId, actor: 'staff:1', reason: null });
    // Killed while the third slice was written: its transaction is undone, the two before stay.
    await system.sql(
      `create function fail_third() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$`,
    );
    await system.sql(
      `create trigger killer before update on device_registration for each statement execute function fail_third()`,
    );
    await expect(resealShop({ shopId, rotationId })).rejects.toThrow(/killed/);
    await system.sql('drop trigger killer on device_registration');
    const [half] = await system.sql<{ n: number }>(
      'select count(*)::int as n from member_profile where substring(email from 1 for 3) = $1',
      [sealedPrefix(3)],
    );
    expect(half?.n).toBeGreaterThan(0);
    // Its job gave up meanwhile; the regular duty asks for it again.
    await system.sql(`delete from outbox where job = 'reseal-shop'`);
    await tendKeys({ shopId });
    expect(await system.sql(`select 1 from outbox where job = 'reseal-shop' and shop_id = $1`, [shopId])).toHaveLength(
      1,
    );
    expect(await resealShop({ shopId, rotationId })).toBe('settling');
    await system.sql('update member_profile set email = $2 where member_id = $1', [
      member.memberId,
      seal(stale, { table: 'member_profile', column: 'email', row: member.memberId }, email),
    ]);
    setClockOffsetMs(5 * 60_000);
    expect(await resealShop({ shopId, rotationId })).toBe('done');
    setClockOffsetMs(0);
    expect((await inShop((tx) => readProfiles(tx, [member.memberId]))).get(member.memberId)?.email).toBe(email);
  });

  it('waits for whoever began before it, and lets nobody wait for itself', async () => {
    const { shopId } = shop;
    const place = { table: 'member_profile', column: 'email', row: member.memberId };
    const states = () => system.sql<{ state: string }>(`select state from key_rotation where state <> 'done'`);
    let going: Promise<unknown> | undefined;
    await inShop(async (tx) => {
      const keys = await readShopKeys(tx);
      const { rotationId } = await rotateDataKey({ shopId, actor: 'staff:1', reason: null });
      going = resealShop({ shopId, rotationId });
      await delay(300);
      expect(await states()).toEqual([{ state: 'announced' }]);
      expect(await inShop((other) => findMembersByEmail(other, email))).toEqual([member.memberId]);
      await tx.query('update member_profile set email = $2 where member_id = $1', [
        member.memberId,
        seal(keys, place, email),
      ]);
    });
    await going;
    expect(await states()).toEqual([{ state: 'settling' }]);
    const [row] = await system.sql<{ email: Buffer }>('select email from member_profile where member_id = $1', [
      member.memberId,
    ]);
    expect(row?.email.subarray(0, 3)).toEqual(sealedPrefix(4));
  });

  it('is of no other shop, and ends with the keys of a shop that is shredded', async () => {
    const other = await addShop({ domain: 'other-rotation.myshopify.com' });
    const { rotationId } = await rotateDataKey({ shopId: other.shopId, actor: 'staff:1', reason: null });
    await expect(resealShop({ shopId: shop.shopId, rotationId })).rejects.toMatchObject({ code: 'rotation-not-found' });
    await withShop(other.shopId, shredShop);
    expect(await resealShop({ shopId: other.shopId, rotationId })).toBe('done');
    await expect(rotateDataKey({ shopId: other.shopId, actor: 'staff:1', reason: null })).rejects.toMatchObject({
      code: 'shop-keys-destroyed',
    });
    await tendKeys({ shopId: other.shopId });
    const states = await system.sql<{ state: string }>('select distinct state from shop_key where shop_id = $1', [
      other.shopId,
    ]);
    expect(states).toEqual([{ state: 'retired' }]);
  });
});
