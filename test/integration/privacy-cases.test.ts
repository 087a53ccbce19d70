import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CaseCertificate } from '#app/data/privacy/case-certificate.ts';
import { type CaseDetails, findCase } from '#app/data/privacy/cases.ts';
import { readConsents } from '#app/data/privacy/chains.ts';
import { findMembersByEmail, readProfiles } from '#app/data/members/profiles.ts';
import { foldMembers } from '#app/data/members/fold-members.ts';
import { readMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { SubjectCaseKind } from '#app/domain/privacy/case.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { liftRestriction } from '#app/flows/privacy/lift-restriction.ts';
import { openSubjectCase } from '#app/flows/privacy/open-case.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { takeCaseFile } from '#app/flows/privacy/take-case-file.ts';
import { watchCases } from '#app/flows/privacy/watch-cases.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { evidencePublicKeys, type Signed, verifyEvidence } from '#app/lib/evidence.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { memberRecord } from '#app/queries/member-records.ts';
import { subjectData, subjectDataCsv } from '#app/queries/subject-data.ts';
import { newsOf, runOne } from '#test/support/campaigns.ts';
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
import { expectSoundChains } from '#test/support/privacy.ts';
import { mergeBody } from '#test/support/merging.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

const staff = { origin: 'merchant' as const, actor: 'staff:7', reason: 'asked-in-writing' as const };

/** Opens a case for a member as staff does, and works it to its end. */
async function settle(memberId: string, kind: SubjectCaseKind, details?: CaseDetails): Promise<string> {
  const { caseId } = await openSubjectCase({
    shopId: shop.shopId,
    memberId,
    kind,
    ...staff,
    ...(details !== undefined && { details }),
  });
  await processCase({ shopId: shop.shopId, caseId });
  return caseId;
}

const caseOf = (caseId: string) => withShop(shop.shopId, (tx) => findCase(tx, caseId));
const buy = async (customerId: string) => {
  await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(customerId) } }));
  await drain(shop);
};
const file = async (caseId: string, kind: 'json' | 'csv' | 'certificate') =>
  (await takeCaseFile({ shopId: shop.shopId, caseId, kind, actor: 'staff:7' })).text;
const certificateOf = async (caseId: string) =>
  JSON.parse(await file(caseId, 'certificate')) as Signed<CaseCertificate>;

describe('the six kinds of requests', () => {
  it('L22 F28 access and portability answer with all that is held, as a document and as a table, sealed until it is taken', async () => {
    const { memberId, customerId } = await makeMember(shop, { name: '=1+1', email: 'access@example.com' });
    await makeMember(shop, { name: 'Somebody Else', email: 'else@example.com' });
    await buy(customerId);
    for (const kind of ['access', 'portability'] as const) {
      const caseId = await settle(memberId, kind);
      expect(await caseOf(caseId)).toMatchObject({ state: 'closed', hasAnswer: true, origin: 'merchant' });
      const text = await file(caseId, 'json');
      const document = JSON.parse(text) as Awaited<ReturnType<typeof subjectData>>;
      expect(document.format).toBe('stampwell-personal-data');
      expect(document.information.rights.length).toBeGreaterThan(3);
      expect(document.members).toMatchObject([
        { member: { id: memberId, shopifyCustomerId: customerId }, profile: { email: 'access@example.com' } },
      ]);
      expect(document.orders).toHaveLength(1);
      expect(text).not.toMatch(/Somebody Else|else@/);
      const csv = await file(caseId, 'csv');
      expect(csv.split('\r\n')).toContain("membership 1: profile,1,name,'=1+1");
      expect(csv).not.toMatch(/Somebody Else|(^|,)=1/m);
    }
    expect(await subjectDataCsv(shop.shopId, memberId)).toContain('access@example.com');
    const taken = await system.sql(`select action from audit_record where actor = 'staff:7' and action ~ 'download' order by sequence`); // prettier-ignore
    expect(taken.map(({ action }) => action)).toEqual(Array.from({ length: 2 }, () => ['case.download.json', 'case.download.csv']).flat()); // prettier-ignore
  });

  it('L22 rectification corrects the profile and its look-ups, forgets what was said, and notes before and after', async () => {
    const { memberId } = await makeMember(shop, { name: 'Wrnog Name', email: 'wrong@example.com' });
    const versionOf = () => system.sql('select version from pass where member_id = $1', [memberId]);
    const before = await versionOf();
    const caseId = await settle(memberId, 'rectification', { name: 'Right Name', email: 'Right@example.com' });
    const profiles = await withShop(shop.shopId, (tx) => readProfiles(tx, [memberId]));
    expect(profiles.get(memberId)).toMatchObject({ name: 'Right Name', email: 'Right@example.com' });
    const found = (email: string) => withShop(shop.shopId, (tx) => findMembersByEmail(tx, email));
    expect([await found('right@EXAMPLE.com'), await found('wrong@example.com')]).toEqual([[memberId], []]);
    expect(await versionOf()).not.toEqual(before);
    expect(await system.sql('select details, subject from erasure_case where id = $1', [caseId])).toEqual([
      { details: null, subject: null },
    ]);
    const [audited] = await system.sql<{ before_hash: Buffer; after_hash: Buffer; actor: string; reason: string }>(
      `select before_hash, after_hash, actor, reason from audit_record where action = 'member.rectify' and object = $1`,
      [`member:${memberId}`],
    );
    expect(audited).toMatchObject({ actor: 'staff:7', reason: 'email, name' });
    expect(audited?.before_hash.equals(audited.after_hash)).toBe(false);
    // A plain hash of an address could be guessed.
    expect(audited?.after_hash.equals(fingerprint(profiles.get(memberId)))).toBe(false);
    const [contact] = await system.sql('select contact_changed_at is not null as changed from member where id = $1', [memberId]); // prettier-ignore
    expect(contact).toEqual({ changed: true });
  });

  it('L22 restriction keeps the data and uses none of it, until it is lifted and what was bought meanwhile counts', async () => {
    const { memberId, customerId, cardUrl } = await makeMember(shop, { name: 'Rest Ricted' });
    await buy(customerId);
    await system.sql(`update lot set expires_at = now() - interval '1 day' where member_id = $1`, [memberId]);
    await settle(memberId, 'restriction');
    expect(await memberOf(memberId)).toMatchObject({ state: 'frozen', restrictedAt: expect.any(Date) });
    await buy(customerId);
    await expireLots({ shopId: shop.shopId });
    await deliver(shop, 'customers/update', {
      id: Number(customerId),
      first_name: 'New Name',
      email: 'x@example.com',
      verified_email: true,
    });
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    const { record } = await memberRecord({ shopId: shop.shopId, isIdentityShown: true }, memberId);
    expect(record).toMatchObject({ status: 'frozen', name: null, email: null, phone: null });
    for (const by of ['member', 'staff'] as const) {
      const lifted = unfreezeCard({ shopId: shop.shopId, memberId, by, actor: 'staff:7' });
      if (by === 'member') expect((await lifted).kind).toBe('by-staff');
      else await expect(lifted).rejects.toMatchObject({ code: 'member-restricted' });
    }
    const byHand = { unit: 'points', amount: 5, reason: 'gift', actor: 'staff:7', source: 'staff' as const };
    const adjusted = adjustBalance({ shopId: shop.shopId, memberId, ...byHand, idempotencyKey: randomUUID() });
    await expect(adjusted).rejects.toMatchObject({ code: 'member-restricted' });
    const profiles = await withShop(shop.shopId, (tx) => readProfiles(tx, [memberId]));
    expect(profiles.get(memberId)?.name).toBe('Rest Ricted');
    const lift = () => liftRestriction({ shopId: shop.shopId, memberId, actor: 'staff:7', reason: 'asked-in-person' });
    expect([await lift(), await lift()]).toEqual([{ kind: 'lifted' }, { kind: 'not-restricted' }]);
    expect(await memberOf(memberId)).toMatchObject({ state: 'active', restrictedAt: null, frozenAt: null });
    expect(await balancesOf(system, memberId)).toEqual({ points: 24, stamps: 2 });
    await expireLots({ shopId: shop.shopId });
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    expect(cardUrl).toContain('/card/');
  });

  it('L22 restriction leaves a card frozen that was frozen before', async () => {
    const { memberId } = await makeMember(shop);
    await system.sql(`update member set state = 'frozen', frozen_at = now() - interval '1 day', frozen_by = 'member' where id = $1`, [memberId]); // prettier-ignore
    await settle(memberId, 'restriction');
    expect((await unfreezeCard({ shopId: shop.shopId, memberId, by: 'member', actor: 'member' })).kind).toBe(
      'by-staff',
    );
    await liftRestriction({ shopId: shop.shopId, memberId, actor: 'staff:7', reason: 'asked-in-person' });
    expect(await memberOf(memberId)).toMatchObject({ state: 'frozen', frozenBy: 'member', restrictedAt: null });
  });

  it('L22 restriction and objection hold on when Shopify makes two customers one', async () => {
    const [gone, kept] = [await makeMember(shop), await makeMember(shop)];
    for (const kind of ['restriction', 'objection'] as const) await settle(gone.memberId, kind);
    await withShop(shop.shopId, (tx) =>
      foldMembers(tx, { goneId: gone.memberId, intoId: kept.memberId, mergedAt: new Date(), at: new Date() }),
    );
    const both = { state: 'frozen', restrictedAt: expect.any(Date), objectedAt: expect.any(Date) };
    expect(await memberOf(kept.memberId)).toMatchObject(both);
  });

  it('L22 a restriction that is lifted has ended for everybody who the person was', async () => {
    const [gone, kept] = [await makeMember(shop), await makeMember(shop)];
    await deliver(shop, 'customers/merge', mergeBody(gone.customerId, kept.customerId));
    await drain(shop);
    await settle(kept.memberId, 'restriction');
    await buy(gone.customerId);
    await liftRestriction({
      shopId: shop.shopId,
      memberId: kept.memberId,
      actor: 'staff:7',
      reason: 'asked-in-person',
    });
    await buy(gone.customerId);
    expect(await balancesOf(system, kept.memberId)).toEqual({ points: 24, stamps: 2 });
  });

  it('L22 objection ends marketing on every channel and takes the member out of segments, and the card goes on', async () => {
    const { memberId, customerId } = await makeMember(shop);
    const other = await makeMember(shop);
    await system.sql('update pass set seen_version = version, seen_at = now() where member_id = any($1)', [[memberId, other.memberId]]); // prettier-ignore
    const segment = { ...anyone, activity: null };
    await settle(memberId, 'objection');
    const consents = await withShop(shop.shopId, (tx) => readConsents(tx, memberId));
    const objected = consents.filter(({ purpose }) => purpose !== 'program');
    expect(objected).toHaveLength(6);
    expect(objected.every(({ granted, source }) => !granted && source === 'objection')).toBe(true);
    expect(consents.find(({ purpose }) => purpose === 'program')?.granted).toBe(true);
    const campaignId = await runOne(shop, { audience: { kind: 'segment', segment } });
    expect(await newsOf(system, [other.memberId, memberId])).toEqual([campaignId, null]);
    await buy(customerId);
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    await expectSoundChains(shop);
  });

  it('W17 L21 F28 erasure by the shop ends with a signed certificate that lists every step and the unchanged ledger', async () => {
    const { memberId, customerId } = await makeMember(shop, { name: 'Gone Soon' });
    await buy(customerId);
    const caseId = await settle(memberId, 'erasure');
    const certificate = await certificateOf(caseId);
    expect(verifyEvidence(certificate, evidencePublicKeys())).toBe(true);
    expect(verifyEvidence({ ...certificate, payload: { ...certificate.payload, memberships: [] } }, evidencePublicKeys())).toBe(false); // prettier-ignore
    expect(certificate.payload).toMatchObject({
      kind: 'erasure-certificate',
      caseId,
      request: 'erasure',
      origin: 'merchant',
      memberships: [memberId],
    });
    const { ledger, steps } = certificate.payload;
    expect(ledger?.before).toEqual({ entries: 2, amounts: { points: 12, stamps: 1 } });
    expect(ledger?.after).toEqual(ledger?.before);
    expect(new Set(steps.map(({ step }) => step)).size).toBe(steps.length);
    expect(JSON.stringify(certificate)).not.toMatch(new RegExp(`Gone Soon|${customerId}`));
    await expect(subjectData(shop.shopId, memberId)).rejects.toMatchObject({ code: 'member-not-found' });
  });

  const anyone = { languages: [], enrolledFrom: null, enrolledUntil: null, balance: null, tiers: [], activity: null };
  const memberOf = (memberId: MemberId) => withShop(shop.shopId, (tx) => readMember(tx, memberId));
});

describe('opening a case', () => {
  it('L20 is done once while one of its kind is open, however many ask at once', async () => {
    const { memberId } = await makeMember(shop);
    const ask = () => openSubjectCase({ shopId: shop.shopId, memberId, kind: 'access', ...staff });
    const ids = new Set((await Promise.all(Array.from({ length: 8 }, ask))).map(({ caseId }) => caseId));
    expect(ids.size).toBe(1);
    const [caseId = ''] = ids;
    await Promise.all([1, 2, 3].map(() => processCase({ shopId: shop.shopId, caseId })));
    expect((await caseOf(caseId))?.receipts).toHaveLength(1);
    expect((await ask()).caseId).not.toBe(caseId);
  });

  it('L22 is refused for members of other shops, for those erased, and for rectifications that say nothing or nonsense', async () => {
    const other = await makeShop();
    const { memberId } = await makeMember(shop);
    const ask = (shopId: TestShop['shopId'], kind: SubjectCaseKind, details?: CaseDetails) =>
      openSubjectCase({ shopId, memberId, kind, ...staff, ...(details !== undefined && { details }) });
    await expect(ask(other.shopId, 'erasure')).rejects.toMatchObject({ code: 'member-not-found' });
    await expect(ask(shop.shopId, 'rectification')).rejects.toMatchObject({ code: 'rectification-empty' });
    await expect(ask(shop.shopId, 'rectification', { birthday: '02-30' })).rejects.toMatchObject({ code: 'birthday-invalid' }); // prettier-ignore
    await expect(ask(shop.shopId, 'rectification', { timeZone: 'Nowhere/Land' })).rejects.toMatchObject({ code: 'time-zone-invalid' }); // prettier-ignore
    const caseId = await settle(memberId, 'erasure');
    await expect(ask(shop.shopId, 'access')).rejects.toMatchObject({ code: 'member-not-found' });
    const take = (shopId: TestShop['shopId'], kind: 'json' | 'certificate') =>
      takeCaseFile({ shopId, caseId, kind, actor: 'staff:1' });
    await expect(take(other.shopId, 'certificate')).rejects.toMatchObject({ code: 'case-file-not-found' });
    await expect(take(shop.shopId, 'json')).rejects.toMatchObject({ code: 'case-file-not-found' });
  });

  it('L20 L22 notes what becomes due soon and what is overdue, once each, and has it worked on again', async () => {
    const own = await makeShop();
    const { memberId } = await makeMember(own);
    const { caseId } = await openSubjectCase({ shopId: own.shopId, memberId, kind: 'access', ...staff });
    const urgencyAfter = async (days: number) => {
      setClockOffsetMs(days * 86_400_000);
      await system.sql('delete from outbox where shop_id = $1', [own.shopId]);
      await Promise.all([watchCases({ shopId: own.shopId }), watchCases({ shopId: own.shopId })]);
      const [row] = await system.sql<{ urgency: string | null; jobs: number; audited: number }>(
        `select urgency, (select count(*)::int from outbox where shop_id = $1 and job = 'process-case') as jobs,
           (select count(*)::int from audit_record where shop_id = $1 and action ~ '^case.(due-soon|overdue)') as audited
         from erasure_case where id = $2`,
        [own.shopId, caseId],
      );
      return [row?.urgency, (row?.jobs ?? 0) > 0, row?.audited];
    };
    expect(await urgencyAfter(20)).toEqual([null, false, 0]);
    expect(await urgencyAfter(21.1)).toEqual(['due-soon', true, 1]);
    expect(await urgencyAfter(27.9)).toEqual(['due-soon', true, 1]);
    expect(await urgencyAfter(28.1)).toEqual(['overdue', true, 2]);
    await processCase({ shopId: own.shopId, caseId });
    expect(await urgencyAfter(29)).toEqual(['overdue', false, 2]);
    setClockOffsetMs(0);
  });

  it('L20 W07 every kind that Shopify asks for becomes a case with a due date within a month', async () => {
    for (const topic of ['customers/data_request', 'customers/redact']) {
      const webhookId = randomUUID();
      await deliver(shop, topic, { shop_domain: shop.domain, customer: { phone: `+49${randomBytes(4).readUInt32BE()}` }, data_request: { id: 1 } }, webhookId); // prettier-ignore
      await drain(shop);
      const [row] = await system.sql<{ days: number; actor: string }>(
        `select extract(day from due_at - requested_at)::int as days, actor from erasure_case where source_key = $1`,
        [`shopify:${webhookId}`],
      );
      expect(row).toEqual({ days: 28, actor: 'shopify' });
    }
  });
});
