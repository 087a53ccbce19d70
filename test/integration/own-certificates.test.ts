import { X509Certificate } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { pushPass } from '#app/flows/cards/push-pass.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { addAppleCertificate } from '#app/flows/certificates/add-apple-certificate.ts';
import { dropCertificateRequest } from '#app/flows/certificates/drop-certificate-request.ts';
import { removeAppleCertificate } from '#app/flows/certificates/remove-apple-certificate.ts';
import { requestCertificate } from '#app/flows/certificates/request-certificate.ts';
import { chooseAppleCertificate } from '#app/flows/certificates/choose-apple-certificate.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { certificatesPage } from '#app/queries/certificates-page.ts';
import type { IssuedCertificate } from '#test/support/apple-authority.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import {
  addCertificate,
  downloadAndRead,
  type OwnCertificates,
  pemFiles,
  startOwnCertificates,
} from '#test/support/own-certificates.ts';
import { createDevice, type HeldPass, holdPass, passPath } from '#test/support/wallet-device.ts';
import { findInDatabase } from '#test/support/whole-database.ts';
import type { ReadPass } from '#test/platform/pass-reader.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';

let own: OwnCertificates;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let types = 0;
let type: string;
const platformType = 'pass.com.stampwell.loyalty';
const actor = 'staff:1';
beforeAll(async () => {
  own = await startOwnCertificates();
  system = await openTestSystem();
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await own.close();
});
beforeEach(async () => {
  types += 1;
  type = `pass.com.example.shop${types}`;
  shop = await makeShop();
});

const add = (passTypeIdentifier = type, to = shop) => addCertificate(own.apple, to, { passTypeIdentifier });
const use = (issuerId: string, by = shop) => chooseAppleCertificate({ shopId: by.shopId, issuerId, actor });
const states = async (of = shop) =>
  Object.fromEntries(
    (await certificatesPage(of.shopId)).apple.map(({ passTypeIdentifier, state }) => [passTypeIdentifier, state]),
  );
const signerOf = ({ files }: ReadPass, issued: IssuedCertificate) =>
  files.get('signature')?.includes(new X509Certificate(issued.certificatePem).raw);
const audits = async (action: string) =>
  (await system.sql(`select 1 from audit_record where shop_id = $1 and action = $2`, [shop.shopId, action])).length;

/** A member's pass on a phone, under the platform's certificate unless said otherwise. */
async function phoneWith(cardUrl: string, rootPem: string) {
  const pass = await holdPass(cardUrl, rootPem);
  const device = createDevice(edge);
  await device.register(pass);
  return { pass, device };
}

const fetchPass = async (held: { pass: HeldPass; device: ReturnType<typeof createDevice> }, rootPem: string) =>
  conformantPass((await held.device.get(held.pass)).body, rootPem);

describe('a certificate of the shop', () => {
  it('changes nothing until it is used; then new cards take it and those on phones keep what they have', async () => {
    const before = await makeMember(shop, { name: 'Before' });
    const held = await phoneWith(before.cardUrl, own.wallets.pems.root);
    const added = await add();
    expect([added.isRenewal, await states()]).toEqual([false, { [type]: 'staged' }]);
    expect((await phoneWith((await makeMember(shop)).cardUrl, own.wallets.pems.root)).pass.type).toBe(platformType);

    expect(await use(added.issuerId)).toBe('switched');
    const after = await phoneWith((await makeMember(shop)).cardUrl, own.apple.wwdrPem);
    expect(after.pass.type).toBe(type);
    const fetched = await fetchPass(after, own.apple.wwdrPem);
    expect(fetched.signer.teamIdentifier).toBe('SHOPTEAM01');
    expect(signerOf(fetched, added.issued)).toBe(true);
    expect((await fetchPass(held, own.wallets.pems.root)).signer.passTypeIdentifier).toBe(platformType);
  });

  it('is taken by a card that was made before it and is first downloaded after', async () => {
    const { cardUrl } = await makeMember(shop);
    await use((await add()).issuerId);
    expect((await downloadAndRead(cardUrl, own.apple.wwdrPem)).signer.passTypeIdentifier).toBe(type);
    // And it stays there.
    await use('platform');
    expect((await downloadAndRead(cardUrl, own.apple.wwdrPem)).signer.passTypeIdentifier).toBe(type);
  });

  it('pushes the passes of its type, the platform the others', async () => {
    const first = await makeMember(shop);
    const second = await makeMember(shop);
    const old = await phoneWith(first.cardUrl, own.wallets.pems.root);
    await use((await add()).issuerId);
    const fresh = await phoneWith(second.cardUrl, own.apple.wwdrPem);
    for (const { memberId } of [first, second]) {
      await adjustBalance({ shopId: shop.shopId, memberId, unit: 'points', amount: 5, reason: 'gift', actor, source: 'staff', idempotencyKey: memberId }); // prettier-ignore
      const [pass] = await system.sql<{ id: string }>('select id from pass where member_id = $1', [memberId]);
      await pushPass({ shopId: shop.shopId, passId: pass?.id ?? '', isBulk: false });
    }
    const topicOf = (token: string) => own.apns.accepted.find(({ pushToken }) => pushToken === token)?.topic;
    expect([topicOf(old.device.pushToken), topicOf(fresh.device.pushToken)]).toEqual([platformType, type]);
    expect(own.apns.problems).toEqual([]);
  });

  it('W28 opens no pass of another type, with whatever token, and a device lists each type for itself', async () => {
    const device = createDevice(edge);
    const old = await holdPass((await makeMember(shop)).cardUrl, own.wallets.pems.root);
    await use((await add()).issuerId);
    const fresh = await holdPass((await makeMember(shop)).cardUrl, own.apple.wwdrPem);
    expect([await device.register(old), await device.register(fresh)]).toEqual([201, 201]);
    expect([await device.register({ ...old, type }), await device.register({ ...fresh, type: platformType })]).toEqual([401, 401]); // prettier-ignore
    const swapped = await device.ask(passPath({ ...fresh, type: platformType }), { authorization: `ApplePass ${fresh.token}` }); // prettier-ignore
    expect(swapped.status).toBe(401);
    const listed = async (of: string) => JSON.parse((await device.ask(`devices/${device.id}/registrations/${of}`)).body.toString()).serialNumbers; // prettier-ignore
    expect([await listed(platformType), await listed(type)]).toEqual([[old.serial], [fresh.serial]]);
    expect((await device.ask(`devices/${device.id}/registrations/pass.com.example.none`)).status).toBe(204);
  });

  it('is renewed under the cards that are out there, and the one before can take them back', async () => {
    const first = await add();
    await use(first.issuerId);
    const held = await phoneWith((await makeMember(shop)).cardUrl, own.apple.wwdrPem);
    const second = await add();
    expect(second.isRenewal).toBe(true);
    expect(signerOf(await fetchPass(held, own.apple.wwdrPem), first.issued)).toBe(true);
    expect(await use(second.issuerId)).toBe('renewed');
    const renewed = await fetchPass(held, own.apple.wwdrPem);
    expect([signerOf(renewed, second.issued), signerOf(renewed, first.issued)]).toEqual([true, false]);
    expect(renewed.passJson['authenticationToken']).toBe(held.pass.token);
    expect(await use(first.issuerId)).toBe('renewed');
    expect(signerOf(await fetchPass(held, own.apple.wwdrPem), first.issued)).toBe(true);
  });

  it('of a type that only installed cards use is renewed without new cards taking it', async () => {
    const former = await add(`${type}.former`);
    await use(former.issuerId);
    await phoneWith((await makeMember(shop)).cardUrl, own.apple.wwdrPem);
    await use((await add()).issuerId);
    await use((await add(`${type}.former`)).issuerId);
    expect((await downloadAndRead((await makeMember(shop)).cardUrl, own.apple.wwdrPem)).signer.passTypeIdentifier).toBe(
      type,
    );
  });

  it('gives way to the platform again, and to the one before, in one step', async () => {
    const { issuerId } = await add();
    await use(issuerId);
    expect([await use('platform'), await use('platform')]).toEqual(['switched', 'in-use-already']);
    expect((await downloadAndRead((await makeMember(shop)).cardUrl, own.wallets.pems.root)).signer.passTypeIdentifier).toBe(platformType); // prettier-ignore
    expect(await use(issuerId)).toBe('switched');
    expect(await states()).toEqual({ [type]: 'active' });
  });

  it('is what a re-issued card moves to; the one before is needed until phones have had time to learn of it', async () => {
    const former = await add(`${type}.former`);
    await use(former.issuerId);
    const { memberId, cardUrl } = await makeMember(shop);
    const held = await phoneWith(cardUrl, own.apple.wwdrPem);
    await use((await add()).issuerId);
    const again = await reissueCard({ shopId: shop.shopId, memberId, actor, ifGeneration: null });
    expect((await downloadAndRead(again.cardUrl, own.apple.wwdrPem)).signer.passTypeIdentifier).toBe(type);
    const voided = await fetchPass(held, own.apple.wwdrPem);
    expect([voided.signer.passTypeIdentifier, voided.passJson['voided']]).toEqual([`${type}.former`, true]);
    const remove = () => removeAppleCertificate({ shopId: shop.shopId, issuerId: former.issuerId, actor });
    await expect(remove()).rejects.toMatchObject({ code: 'certificate-in-use' });
    await system.sql(`update pass set voided_at = now() - interval '31 days' where member_id = $1 and state = 'void'`, [memberId]); // prettier-ignore
    await remove();
    expect((await held.device.get(held.pass)).status).toBe(401);
  });

  it('is removed only when no card needs it', async () => {
    const { issuerId } = await add();
    const remove = () => removeAppleCertificate({ shopId: shop.shopId, issuerId, actor });
    await use(issuerId);
    await expect(remove()).rejects.toMatchObject({ code: 'certificate-in-use' });
    const { cardUrl } = await makeMember(shop);
    await downloadAndRead(cardUrl, own.apple.wwdrPem);
    await use('platform');
    await expect(remove()).rejects.toMatchObject({ code: 'certificate-in-use', publicMessage: expect.stringContaining('1 cards') }); // prettier-ignore
    await system.sql('update pass set issued_at = null where shop_id = $1', [shop.shopId]);
    await remove();
    await expect(remove()).rejects.toMatchObject({ code: 'certificate-not-found' });
    // A card that was only made under it takes the platform's.
    expect((await downloadAndRead(cardUrl, own.wallets.pems.root)).signer.passTypeIdentifier).toBe(platformType);
  });
});

describe('adding a certificate', () => {
  it('twice, one after the other or at once, keeps it once', async () => {
    const issued = await own.apple.issue({ passTypeIdentifier: type });
    const upload = () => addAppleCertificate({ shopId: shop.shopId, files: pemFiles(issued), actor });
    const both = await Promise.all([upload(), upload()]);
    const third = await upload();
    expect(new Set([...both, third].map(({ issuerId }) => issuerId)).size).toBe(1);
    expect([...both, third].filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await audits('certificate.add')).toBe(1);
  });

  it('and using two at once leaves one for new cards', async () => {
    const first = await add(`${type}.a`);
    await use(first.issuerId);
    const second = await add(`${type}.b`);
    await Promise.all([use(first.issuerId), use(second.issuerId), use('platform'), use(second.issuerId)]);
    expect(Object.values(await states()).filter((state) => state === 'active').length).toBeLessThanOrEqual(1);
    expect(Object.keys(await states())).toHaveLength(2);
  });

  it('by another shop neither sees nor uses nor removes it', async () => {
    const stranger = await makeShop();
    const { issuerId } = await add();
    const { requestId } = await requestCertificate({ shopId: shop.shopId, actor });
    expect(await certificatesPage(stranger.shopId)).toMatchObject({ apple: [], requests: [] });
    await expect(use(issuerId, stranger)).rejects.toMatchObject({ code: 'certificate-not-found' });
    await expect(removeAppleCertificate({ shopId: stranger.shopId, issuerId, actor })).rejects.toMatchObject({
      code: 'certificate-not-found',
    });
    expect(await dropCertificateRequest({ shopId: stranger.shopId, requestId, actor })).toBe('gone');
    expect(await states()).toEqual({ [type]: 'staged' });
    // Two shops of one merchant may share a pass type; each holds its own key.
    const shared = await add(type, stranger);
    expect(await use(shared.issuerId, stranger)).toBe('switched');
    expect(await states()).toEqual({ [type]: 'staged' });
  });

  it("refuses the platform's pass type, a foreign key, a missing one and another team's, and says so", async () => {
    const foreignKey = await own.apple.issue({ passTypeIdentifier: type });
    const issued = await own.apple.issue({ passTypeIdentifier: type });
    const upload = (files: Parameters<typeof addAppleCertificate>[0]['files']) =>
      addAppleCertificate({ shopId: shop.shopId, files, actor });
    const ofPlatform = await own.apple.issue({ passTypeIdentifier: platformType });
    await expect(upload(pemFiles(ofPlatform))).rejects.toMatchObject({
      issues: [{ path: 'certificate', message: expect.stringContaining('belongs to the platform') }],
    });
    await expect(upload(pemFiles({ ...issued, keyPem: foreignKey.keyPem }))).rejects.toMatchObject({
      issues: [{ path: 'key', message: expect.stringContaining('belongs to another certificate') }],
    });
    await expect(upload({ ...pemFiles(issued), key: null })).rejects.toMatchObject({
      issues: [{ path: 'key', message: expect.stringContaining('Add the private key') }],
    });
    expect(await states()).toEqual({});
    await add();
    const ofOthers = await own.apple.issue({ passTypeIdentifier: type, team: 'OTHERTEAM1' });
    await expect(upload(pemFiles(ofOthers))).rejects.toMatchObject({
      issues: [{ path: 'certificate', message: expect.stringContaining('belong to team SHOPTEAM01') }],
    });
  });

  it('from a request made here needs no key, and the key rests nowhere in the clear', async () => {
    const { request } = await requestCertificate({ shopId: shop.shopId, actor });
    const uploaded = await own.apple.issue({ passTypeIdentifier: `${type}.uploaded` });
    await addAppleCertificate({ shopId: shop.shopId, files: pemFiles(uploaded), actor });
    const issued = await own.apple.issue({ passTypeIdentifier: type, request });
    const der = new X509Certificate(issued.certificatePem).raw;
    const added = await addAppleCertificate({
      shopId: shop.shopId,
      files: { certificate: der, key: null, password: '' },
      actor,
    });
    await use(added.issuerId);
    expect((await downloadAndRead((await makeMember(shop)).cardUrl, own.apple.wwdrPem)).signer.passTypeIdentifier).toBe(
      type,
    );
    expect((await certificatesPage(shop.shopId)).requests).toEqual([]);
    const body = uploaded.keyPem.split('\n').slice(2, 6);
    expect(body.every((line) => line.length === 64)).toBe(true);
    expect(await findInDatabase(system, ['PRIVATE KEY', ...body])).toEqual([]);
  });
});
