import { X509Certificate } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { processCase } from '#app/flows/privacy/process-case.ts';
import { addAppleCertificate } from '#app/flows/certificates/add-apple-certificate.ts';
import { checkCertificates } from '#app/flows/certificates/check-certificates.ts';
import { chooseAppleCertificate } from '#app/flows/certificates/choose-apple-certificate.ts';
import { checkPlatformCertificate } from '#app/flows/certificates/check-platform-certificate.ts';
import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { certificatesPage } from '#app/queries/certificates-page.ts';
import { delegatedPassesMax } from '#app/domain/cards/delegated-limit.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import {
  addCertificate,
  downloadAndRead,
  type OwnCertificates,
  pemFiles,
  startOwnCertificates,
} from '#test/support/own-certificates.ts';

let own: OwnCertificates;
let system: TestSystem;
let shop: TestShop;
const actor = 'staff:1';
const dayMs = 86_400_000;
beforeAll(async () => {
  own = await startOwnCertificates();
  system = await openTestSystem();
});
afterAll(async () => {
  await system.close();
  await own.close();
});
beforeEach(async () => {
  shop = await makeShop();
});

const inDays = (days: number) => new Date(Date.now() + days * dayMs);
const alarms = async () =>
  (
    await system.sql<{ reason: string }>(
      `select reason from audit_record where shop_id = $1 and action = 'certificate.expiry-alarm' order by sequence`,
      [shop.shopId],
    )
  ).map(({ reason }) => reason);

describe('an end that comes near', () => {
  it('is told 60, 30, 14 and 7 days before and when it is there, each once', async () => {
    await addCertificate(own.apple, shop, { passTypeIdentifier: 'pass.com.example.ends', days: 365 });
    const check = (day: number) => checkCertificates({ shopId: shop.shopId, at: inDays(day) });
    for (const day of [0, 303]) await check(day);
    expect(await alarms()).toEqual([]);
    for (const day of [306, 306, 320, 334, 336, 350, 352, 357, 358.5, 364, 366, 400])
      await Promise.all([check(day), check(day)]);
    expect(await alarms()).toEqual(['60 days', '30 days', '14 days', '7 days', '0 days']);
  });

  it('after a long silence is told by the nearest alarm alone', async () => {
    await addCertificate(own.apple, shop, { passTypeIdentifier: 'pass.com.example.late', days: 10 });
    await checkCertificates({ shopId: shop.shopId, at: new Date() });
    expect(await alarms()).toEqual(['14 days']);
    expect((await certificatesPage(shop.shopId)).apple).toMatchObject([{ daysLeft: 10, endsSoon: true }]);
  });

  it("of the platform's own certificate is told to the operator, each alarm once", async () => {
    const end = new Date(new X509Certificate(own.wallets.pems.passCertificate).validTo).getTime();
    const check = (daysBefore: number) => checkPlatformCertificate(new Date(end - daysBefore * dayMs));
    const told = [await check(61), await check(59), await check(58), await check(29), await check(29)];
    expect(told).toEqual([null, 60, null, 30, null]);
  });

  it('refuses to put a certificate to use that is over', async () => {
    const { issuerId } = await addCertificate(own.apple, shop, { passTypeIdentifier: 'pass.com.example.over' });
    await system.sql('update apple_issuer set expires_at = now() where id = $1', [issuerId]);
    await expect(chooseAppleCertificate({ shopId: shop.shopId, issuerId, actor })).rejects.toMatchObject({
      issues: [{ path: 'certificate', message: expect.stringContaining('has expired') }],
    });
  });
});

describe('revocation', () => {
  it('refuses a revoked certificate, takes a good one, and warns where nobody answers', async () => {
    const placeholder = await own.apple.startResponder([]);
    await placeholder.close();
    const order = (name: string) => ({ passTypeIdentifier: `pass.com.example.${name}`, ocspUrl: placeholder.url });
    const bad = await own.apple.issue(order('bad'));
    const good = await own.apple.issue(order('good'));
    const upload = (issued: typeof bad) => addAppleCertificate({ shopId: shop.shopId, files: pemFiles(issued), actor });
    expect(await upload(good)).toMatchObject({ isRevocationKnown: false });

    const responder = await own.apple.startResponder([bad.certificatePem], placeholder.port);
    await expect(upload(bad)).rejects.toMatchObject({
      issues: [{ path: 'certificate', message: expect.stringContaining('Apple has revoked this certificate') }],
    });
    const { issuerId } = await upload(good);
    await chooseAppleCertificate({ shopId: shop.shopId, issuerId, actor });
    await checkCertificates({ shopId: shop.shopId, at: new Date() });
    expect((await certificatesPage(shop.shopId)).apple).toMatchObject([{ isRevoked: false, state: 'active' }]);
    await responder.close();

    const later = await own.apple.startResponder([good.certificatePem], placeholder.port);
    await Promise.all([1, 2].map(() => checkCertificates({ shopId: shop.shopId, at: new Date() })));
    await later.close();
    expect((await certificatesPage(shop.shopId)).apple).toMatchObject([{ isRevoked: true, state: 'active' }]);
    const told = await system.sql(`select 1 from audit_record where shop_id = $1 and action = 'certificate.revoked'`, [shop.shopId]); // prettier-ignore
    expect(told).toHaveLength(1);
    await chooseAppleCertificate({ shopId: shop.shopId, issuerId: 'platform', actor });
    await expect(chooseAppleCertificate({ shopId: shop.shopId, issuerId, actor })).rejects.toMatchObject({
      issues: [{ path: 'certificate', message: expect.stringContaining('revoked') }],
    });
  });
});

describe("cards under the platform's certificate", () => {
  const passesMax = delegatedPassesMax.starter ?? 0;
  const fill = (count: number) =>
    system.sql(
      `with made as (
         insert into member (shop_id, id, program_id, card_id, enrolled_at, enrolled_via, tags)
         select $1, gen_random_uuid(), $2, gen_random_uuid()::text, now(), 'link', '{}' from generate_series(1, $3)
         returning id)
       insert into pass (shop_id, id, member_id, wallet, serial, issued_at)
       select $1, gen_random_uuid(), id, 'apple', gen_random_uuid()::text, now() from made`,
      [shop.shopId, shop.programId, count],
    );
  const download = (cardUrl: string) => downloadApplePass({ token: cardUrl.split('/').at(-1) ?? '' });

  it('go as far as the plan, also when two ask for the last one; those that are out go on', async () => {
    await fill(passesMax - 2);
    const early = await makeMember(shop);
    await download(early.cardUrl);
    const [one, two] = [await makeMember(shop), await makeMember(shop)];
    const outcomes = await Promise.allSettled([download(one.cardUrl), download(two.cardUrl)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'delegated-passes-max', publicMessage: expect.stringContaining('points and stamps are safe') },
    });
    await download(early.cardUrl);
    expect((await certificatesPage(shop.shopId)).delegated.apple).toEqual({ plan: 'starter', passesMax, passes: passesMax }); // prettier-ignore

    // An own certificate has no limit, and neither has the largest plan.
    const { issuerId } = await addCertificate(own.apple, shop, { passTypeIdentifier: 'pass.com.example.many' });
    await chooseAppleCertificate({ shopId: shop.shopId, issuerId, actor });
    const third = await makeMember(shop);
    expect((await downloadAndRead(third.cardUrl, own.apple.wwdrPem)).signer.passTypeIdentifier).toBe('pass.com.example.many'); // prettier-ignore
    await chooseAppleCertificate({ shopId: shop.shopId, issuerId: 'platform', actor });
    await system.sql(`update shop set plan = 'scale' where id = $1`, [shop.shopId]);
    await download((await makeMember(shop)).cardUrl);
  });
});

it('the erasure of a shop forgets its certificates', async () => {
  await addCertificate(own.apple, shop, { passTypeIdentifier: 'pass.com.example.erased' });
  const [opened] = await system.sql<{ id: string }>(
    `insert into erasure_case (shop_id, id, kind, origin, source_key, requested_at, due_at)
     values ($1, gen_random_uuid(), 'shop-erasure', 'test', 'key', now(), now()) returning id`,
    [shop.shopId],
  );
  await processCase({ shopId: shop.shopId, caseId: opened?.id ?? '' });
  expect(await system.sql('select 1 from apple_issuer where shop_id = $1', [shop.shopId])).toEqual([]);
});
