import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { addProgram } from '#app/flows/programs/add-program.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { rollBackProgram } from '#app/flows/programs/roll-back-program.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { newId, type ShopId } from '#app/lib/ids.ts';
import { createShop, markInstalled } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { programPage } from '#app/queries/program-page.ts';
import { draftChanges, programVersions } from '#app/queries/program-versions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { sale, tell } from '#test/support/rewards.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterEach(() => setClockOffsetMs(0));
afterAll(() => system.close());

const named = (name: string): ProgramDocument => ({ ...makeDocument(), name });
const save = (shop: TestShop, name: string, expectedRevision?: number) =>
  saveProgramDraft({
    ...shop,
    document: named(name),
    actor: 'test',
    ...(expectedRevision !== undefined && { expectedRevision }),
  });

describe('a draft', () => {
  it('is saved over by who saw its newest revision, and by nobody else', async () => {
    const shop = await makeShop();
    expect(await save(shop, 'Mine', 1)).toMatchObject({ draftRevision: 2 });
    await expect(save(shop, 'Theirs', 1)).rejects.toMatchObject({
      name: 'Conflict',
      code: 'draft-changed',
      publicMessage: expect.stringContaining('Somebody else saved this draft meanwhile: it is at revision 2'),
    });
    expect((await programPage(shop.shopId, shop.programId))?.draft.name).toBe('Mine');
    // The same once more is what is there already, whoever sends it.
    expect(await save(shop, 'Mine', 1)).toMatchObject({ draftRevision: 2 });
    expect(await save(shop, 'Theirs', 2)).toMatchObject({ draftRevision: 3 });
  });

  it('of ten editors at once who saw the same one keeps one, and nine hear of it', async () => {
    const shop = await makeShop();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => save(shop, `Editor ${index}`, 1)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await programPage(shop.shopId))?.draftRevision).toBe(2);
  });

  it('of a first step that is taken twice at once makes one program', async () => {
    const shopId = newId<ShopId>();
    const at = new Date();
    await withShop(shopId, async (tx) => {
      await createShop(tx, `new-${randomUUID().slice(0, 8)}.myshopify.com`, at);
      await markInstalled(tx, { name: 'New', currency: 'USD', timeZone: 'UTC', country: 'US', scopes: '' }, at);
    });
    const saved = await Promise.all(
      Array.from({ length: 5 }, () =>
        saveProgramDraft({ shopId, programId: null, document: makeDocument(), actor: 'test' }),
      ),
    );
    expect(new Set(saved.map(({ programId }) => programId)).size).toBe(1);
    expect(await system.sql('select 1 from program where shop_id = $1', [shopId])).toHaveLength(1);
  });

  it('that must not be published is refused in the merchant’s words, and publishes nothing', async () => {
    const shop = await makeShop();
    const [spend, ...others] = makeDocument().earnRules;
    if (spend === undefined) throw new Error('there is a rule');
    const never = { ...spend, conditions: { productIds: ['1'], excludedProductIds: ['1'] } };
    await saveProgramDraft({ ...shop, document: makeDocument({ earnRules: [never, ...others] }), actor: 'test' });
    const refusal: unknown = await publishProgram({ ...shop, actor: 'test' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'InvalidInput', code: 'program-refused' });
    expect((refusal as { publicMessage: string }).publicMessage).toMatch(/never/);
    expect((refusal as { issues: unknown[] }).issues).toContainEqual({
      path: expect.stringContaining('earnRules.0'),
      message: expect.any(String),
    });
    expect((await programVersions(shop.shopId, shop.programId)).versions).toHaveLength(1);
  });
});

describe('a version', () => {
  it('never begins before it was published, nor before the one it follows, whatever the clock does', async () => {
    const shop = await makeShop();
    setClockOffsetMs(3_600_000);
    await save(shop, 'Later');
    await publishProgram({ ...shop, actor: 'test' });
    setClockOffsetMs(0);
    await save(shop, 'Clock set back');
    await publishProgram({ ...shop, actor: 'test' });
    const { versions } = await programVersions(shop.shopId, shop.programId);
    expect(versions.map(({ number, isInForce }) => [number, isInForce])).toEqual([[3, true], [2, false], [1, false]]); // prettier-ignore
    expect(versions[0]?.effectiveFrom).toEqual(versions[1]?.effectiveFrom);
    const at = versions[1]?.publishedAt.getTime() ?? 0;
    expect(versions[1]?.effectiveFrom.getTime()).toBe(Math.floor(at / 1_000) * 1_000);
  });

  it('that comes back counts for orders from then on, and can itself be taken back', async () => {
    const shop = await makeShop();
    const { memberId, customerId } = await makeMember(shop);
    const [spend, ...others] = makeDocument().earnRules;
    if (spend?.kind !== 'spend') throw new Error('the first rule is about spending');
    const rates = spend.rates.map((rate) => ({ ...rate, amount: 5 }));
    await saveProgramDraft({
      ...shop,
      document: makeDocument({ earnRules: [{ ...spend, rates }, ...others] }),
      actor: 'test',
    });
    await publishProgram({ ...shop, actor: 'test' });
    const buy = async () => {
      await tell(shop, 'orders/paid', sale(customerId, '10.00', new Date().toISOString()));
      return (await balancesOf(system, memberId))['points'];
    };
    expect(await buy()).toBe(50);
    await rollBackProgram({ ...shop, number: 1, actor: 'test' });
    expect(await buy()).toBe(60);
    await rollBackProgram({ ...shop, number: 2, actor: 'test' });
    expect(await buy()).toBe(110);
    expect((await programVersions(shop.shopId, shop.programId)).versions.map(({ restores }) => restores)).toEqual([
      2,
      1,
      null,
      null,
    ]);
    expect(await draftChanges(shop.shopId, shop.programId)).toEqual([]);
  });

  it('that comes back ten times at once comes back once, and never to another shop', async () => {
    const shop = await makeShop();
    await save(shop, 'Second');
    await publishProgram({ ...shop, actor: 'test' });
    const back = await Promise.all(
      Array.from({ length: 10 }, () => rollBackProgram({ ...shop, number: 1, actor: 'test' })),
    );
    expect(new Set(back.map(({ number }) => number))).toEqual(new Set([3]));
    expect(back.filter(({ isNew }) => isNew)).toHaveLength(1);
    const other = await makeShop();
    for (const wrong of [
      { ...shop, shopId: other.shopId, number: 1 },
      { ...shop, number: 99 },
    ])
      await expect(rollBackProgram({ ...wrong, actor: 'test' })).rejects.toMatchObject({ name: 'NotFound' });
  });
});

describe('several programs of one shop', () => {
  async function secondProgram(shop: TestShop): Promise<TestShop> {
    const added = await addProgram({ ...shop, document: named('Second'), signUpPlaces: ['link'], actor: 'test' });
    await publishProgram({ shopId: shop.shopId, programId: added.programId, actor: 'test' });
    return { ...shop, programId: added.programId, slug: added.slug };
  }

  const join = (shop: TestShop, person: { shopifyCustomerId?: string; externalId?: string; email?: string }) =>
    enrollMember({
      shopId: shop.shopId,
      programId: shop.programId,
      via: 'link',
      profile: person.email === undefined ? {} : { email: person.email },
      shopifyCustomerId: person.shopifyCustomerId ?? null,
      externalId: person.externalId ?? null,
      locale: 'en',
      consents: [],
      wordingVersion: '1',
      source: 'test',
    });

  it.each([
    ['customer', () => ({ shopifyCustomerId: String(Date.now()) })],
    ['external id', () => ({ externalId: randomUUID() })],
    ['e-mail', () => ({ email: `${randomUUID()}@example.com` })],
  ])('make one person, known by %s, a member of each they join, once', async (_name, someone) => {
    const first = await makeShop();
    const second = await secondProgram(first);
    const person = someone();
    const memberships = [
      await join(first, person),
      await join(second, person),
      await join(first, person),
      await join(second, person),
    ];
    expect(memberships.map(({ kind }) => kind)).toEqual(['enrolled', 'enrolled', 'already-member', 'already-member']);
    expect(new Set(memberships.map(({ memberId }) => memberId)).size).toBe(2);
  });

  it('let an order earn in the oldest live one its buyer has joined, in whatever order they joined', async () => {
    const first = await makeShop();
    const second = await secondProgram(first);
    const { customerId, memberId: inSecond } = await makeMember(second);
    await tell(first, 'orders/paid', sale(customerId, '10.00', new Date(Date.now() + 2_000).toISOString()));
    expect((await balancesOf(system, inSecond))['points']).toBe(10);
    const { memberId: inFirst } = await join(first, { shopifyCustomerId: customerId });
    const order = sale(customerId, '25.00', new Date(Date.now() + 2_000).toISOString());
    for (const topic of ['orders/create', 'orders/paid', 'orders/paid']) await deliver(first, topic, order);
    await drain(first);
    expect([(await balancesOf(system, inFirst))['points'], (await balancesOf(system, inSecond))['points']]).toEqual([
      25, 10,
    ]);
    await system.sql(`update program set state = 'ended' where id = $1`, [first.programId]);
    await tell(first, 'orders/paid', sale(customerId, '7.00', new Date(Date.now() + 2_000).toISOString()));
    expect([(await balancesOf(system, inFirst))['points'], (await balancesOf(system, inSecond))['points']]).toEqual([
      25, 17,
    ]);
  });

  it('have rules, versions and drafts of their own', async () => {
    const first = await makeShop();
    const second = await secondProgram(first);
    await save(second, 'Renamed');
    await publishProgram({ ...second, actor: 'test' });
    expect((await programVersions(first.shopId, first.programId)).versions).toHaveLength(1);
    expect((await programVersions(first.shopId, second.programId)).versions).toHaveLength(2);
    expect((await programPage(first.shopId))?.programId).toBe(first.programId);
    expect(await programPage(first.shopId, second.programId)).toMatchObject({
      published: { number: 2 },
      draft: { name: 'Renamed' },
    });
    const other = await makeShop();
    await expect(programPage(other.shopId, second.programId)).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('are at most twenty, also when two are added at once', async () => {
    const shop = await makeShop();
    const add = () => addProgram({ ...shop, document: makeDocument(), signUpPlaces: [], actor: 'test' });
    for (let n = 0; n < 18; n += 1) await add();
    const last = await Promise.allSettled([add(), add(), add()]);
    expect(last.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(add()).rejects.toMatchObject({ name: 'Conflict', code: 'programs-full' });
  });
});
