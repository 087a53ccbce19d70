import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { enrollMember, type EnrollMember } from '#app/flows/members/enroll-member.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { expectSoundChains } from '#test/support/privacy.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

const asked = (overrides: Partial<EnrollMember> = {}): EnrollMember => ({
  shopId: shop.shopId,
  programId: shop.programId,
  via: 'link',
  profile: {},
  locale: 'en',
  consents: [],
  wordingVersion: '1',
  source: 'test',
  ...overrides,
});

describe('enrollment', () => {
  it.each<[string, Partial<EnrollMember>]>([
    ['customer id', { shopifyCustomerId: '501' }],
    ['e-mail, however written', { profile: { email: 'Otto@Example.com' } }],
    ['external id', { externalId: 'crm-1' }],
    ['all of them', { shopifyCustomerId: '502', externalId: 'crm-2', profile: { email: 'all@example.com' } }],
  ])('of one person by %s, 20 times at once and then again, makes one member', async (_name, person) => {
    const before = await system.sql('select 1 from member');
    const enrolled = await Promise.all(Array.from({ length: 20 }, () => enrollMember(asked(person))));
    expect(new Set(enrolled.map((one) => one.memberId)).size).toBe(1);
    expect(enrolled.filter((one) => one.kind === 'enrolled')).toHaveLength(1);
    const lower = person.profile?.email
      ? { ...person, profile: { email: ` ${person.profile.email.toLowerCase()}` } }
      : person;
    expect(await enrollMember(asked(lower))).toMatchObject({ kind: 'already-member', memberId: enrolled[0]?.memberId });
    expect(await system.sql('select 1 from member')).toHaveLength(before.length + 1);
    await expectSoundChains(shop);
  });

  it('records every consent as it was given: what was not ticked is recorded as refused', async () => {
    const { memberId } = await enrollMember(
      asked({
        profile: { email: 'unticked@example.com' },
        wordingVersion: '7',
        consents: [
          { purpose: 'program', channel: 'wallet', granted: true },
          { purpose: 'marketing', channel: 'email', granted: false },
        ],
      }),
    );
    const records = await system.sql(
      'select purpose, channel, granted, wording_version from consent_record where subject = $1 order by sequence',
      [memberId],
    );
    expect(records).toEqual([
      { purpose: 'program', channel: 'wallet', granted: true, wording_version: '7' },
      { purpose: 'marketing', channel: 'email', granted: false, wording_version: '7' },
    ]);
    await expectSoundChains(shop);
  });

  it('in the program of another shop is refused, and of a shop that has none', async () => {
    const other = await makeShop();
    for (const wrong of [{ programId: other.programId }, { shopId: other.shopId }])
      await expect(enrollMember(asked(wrong))).rejects.toMatchObject({ name: 'NotFound' });
    expect(await system.sql('select 1 from member where shop_id = $1', [other.shopId])).toEqual([]);
  });

  it('gives the orders of before to who joins after them', async () => {
    for (let n = 0; n < 3; n += 1) await deliver(shop, 'orders/paid', orderBody({ customer: { id: 503 } }));
    await drain(shop);
    const { memberId } = await enrollMember(asked({ shopifyCustomerId: '503' }));
    expect(await balancesOf(system, memberId)).toEqual({ points: 36, stamps: 3 });
  });
});

const twicePoints = () => {
  const document = makeDocument();
  const [spend, ...others] = document.earnRules;
  if (spend?.kind !== 'spend') throw new Error('the first rule is about spending');
  return {
    ...document,
    earnRules: [{ ...spend, rates: spend.rates.map((rate) => ({ ...rate, amount: 2 })) }, ...others],
  };
};

describe('publishing', () => {
  const draft = (own: TestShop, document: unknown) =>
    saveProgramDraft({ shopId: own.shopId, programId: own.programId, document, signUpPlaces: ['link'], actor: 'test' });
  const publish = (own: TestShop) => publishProgram({ shopId: own.shopId, programId: own.programId, actor: 'test' });

  it('counts for an order made in the same second, and not for one made before', async () => {
    const own = await makeShop();
    const { memberId, customerId } = await makeMember(own);
    await draft(own, twicePoints());
    const at = Date.now() + 3_600_900;
    setClockOffsetMs(at - Date.now());
    await publish(own);
    const second = new Date(Math.floor((Date.now() + 3_600_900) / 1_000) * 1_000);
    setClockOffsetMs(0);
    const made = (when: Date) =>
      orderBody({
        customer: { id: Number(customerId) },
        created_at: when.toISOString(),
        processed_at: when.toISOString(),
        updated_at: when.toISOString(),
      });
    await deliver(own, 'orders/paid', made(new Date(second.getTime() - 5_000)));
    await drain(own);
    expect((await balancesOf(system, memberId))['points']).toBe(12);
    await deliver(own, 'orders/paid', made(second));
    await drain(own);
    expect((await balancesOf(system, memberId))['points']).toBe(12 + 24);
  });

  it('is the only thing that changes rules: drafts change nothing, and an order keeps the rules it was made under', async () => {
    const own = await makeShop();
    const { memberId, customerId } = await makeMember(own);
    const order = orderBody({ customer: { id: Number(customerId) } });
    await draft(own, twicePoints());
    await deliver(own, 'orders/paid', order);
    await drain(own);
    expect((await balancesOf(system, memberId))['points']).toBe(12);
    await publish(own);
    const later = new Date(Date.now() + 60_000).toISOString();
    await deliver(own, 'orders/updated', { ...order, updated_at: later });
    await drain(own);
    expect((await balancesOf(system, memberId))['points']).toBe(12);
    await deliver(own, 'orders/cancelled', {
      ...order,
      cancelled_at: later,
      updated_at: new Date(Date.now() + 61_000).toISOString(),
    });
    await drain(own);
    expect((await balancesOf(system, memberId))['points']).toBe(0);
  });

  it('of the same draft twice, or ten times at once, makes one version and one audit record', async () => {
    const own = await makeShop();
    await draft(own, twicePoints());
    const published = [...(await Promise.all(Array.from({ length: 10 }, () => publish(own)))), await publish(own)];
    expect(new Set(published.map((one) => one.number))).toEqual(new Set([2]));
    expect(
      await system.sql('select number from rule_version where shop_id = $1 order by number', [own.shopId]),
    ).toEqual([{ number: 1 }, { number: 2 }]);
    expect(
      await system.sql(`select 1 from audit_record where shop_id = $1 and action = 'program.publish'`, [own.shopId]),
    ).toHaveLength(1);
    await expectSoundChains(own);
  });

  it('refuses what does not fit, and the program of another shop', async () => {
    const own = await makeShop();
    await expect(draft(own, { ...makeDocument(), units: [] })).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(
      publishProgram({ shopId: own.shopId, programId: shop.programId, actor: 'test' }),
    ).rejects.toMatchObject({ name: 'NotFound' });
    await expect(
      saveProgramDraft({
        shopId: own.shopId,
        programId: shop.programId,
        document: makeDocument(),
        signUpPlaces: [],
        actor: 'test',
      }),
    ).rejects.toMatchObject({ name: 'NotFound' });
  });
});
