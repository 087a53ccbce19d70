/** Shopify made two customers one: sales and requests that name the gone one are the other's, however late they are told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { createProgram, insertRuleVersion } from '#app/data/programs/programs.ts';
import { readMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { claimOrder } from '#app/flows/members/claim-order.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { claimCodeOfOrder } from '#app/queries/claim-code-of-order.ts';
import { subjectData } from '#app/queries/subject-data.ts';
import { expectBalanced } from '#test/support/extensions.ts';
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
import { casesOf, expectSoundChains, redactBody, settleCase } from '#test/support/privacy.ts';
import { refund, saleOf, tell } from '#test/support/sales.ts';
import { at, inEveryOrder, merge, newCustomer } from '#test/support/merging.ts';

let system: TestSystem;
beforeAll(async () => {
  // Fifteen who join while fifteen merges are applied.
  system = await openTestSystem('stampwell_worker', 40);
});
afterAll(() => system.close());

const join = (shop: TestShop, shopifyCustomerId: string) => makeMember(shop, { shopifyCustomerId });
const pointsOf = async ({ memberId }: { memberId: string }) => (await balancesOf(system, memberId))['points'];
async function pointsOfEach(members: { memberId: string }[]): Promise<unknown[]> {
  const points = [];
  for (const member of members) points.push(await pointsOf(member));
  return points;
}

describe('a sale that names a customer who was merged into another', () => {
  const ways = { 'the one who is gone': [0], 'the one who is left': [1], both: [0, 1] } as const;

  it.each(Object.entries(ways))('is theirs in whatever order it is told, when members are: %s', async (_, joined) => {
    const shop = await makeShop();
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members: { memberId: string }[] = [];
      for (const place of joined) members.push(await join(shop, [gone, kept][place] ?? ''));
      const sale = saleOf(gone, { dollars: 50, at: at(1) });
      const told = [
        () => tell(shop, sale),
        () => merge(shop, gone, kept),
        () => refund(shop, sale, { dollars: 20, at: at(2) }),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual([joined.length === 2 ? '[0,30]' : '[30]']);
    await expectBalanced(shop.shopId);
  });

  it('is theirs after several merges, told forwards or backwards', async () => {
    const shop = await makeShop();
    const finals = await inEveryOrder(async () => {
      const [first, second, third] = [newCustomer(), newCustomer(), newCustomer()];
      const member = await join(shop, first);
      const told = [
        () => tell(shop, saleOf(first, { dollars: 10, at: at(1) }), saleOf(second, { dollars: 20, at: at(2) })),
        () => merge(shop, first, second),
        () => merge(shop, second, third),
        () => tell(shop, saleOf(third, { dollars: 40, at: at(3) })),
      ];
      return { told, end: () => pointsOf(member) };
    });
    expect(finals).toEqual(['70']);
    await expectBalanced(shop.shopId);
  });

  it('is theirs who joins later, by whichever of the two names', async () => {
    const shop = await makeShop();
    for (const name of ['gone', 'kept'] as const) {
      const finals = await inEveryOrder(async () => {
        const ids = { gone: newCustomer(), kept: newCustomer() };
        const told = [
          () => tell(shop, saleOf(ids.gone, { dollars: 50, at: at(1) })),
          () => merge(shop, ids.gone, ids.kept),
        ];
        const end = async () => {
          const member = await join(shop, ids[name]);
          const { shopifyCustomerId } = await withShop(shop.shopId, (tx) => readMember(tx, member.memberId));
          return [await pointsOf(member), shopifyCustomerId === ids.kept, (await join(shop, ids.kept)).memberId === member.memberId];
        }; // prettier-ignore
        return { told, end };
      });
      expect(finals).toEqual(['[50,true,true]']);
    }
  });

  it('earns in the program where the gone one was a member, though the other is one in an older', async () => {
    const shop = await makeShop();
    const programId = await withShop(shop.shopId, async (tx) => {
      const [document, published] = [makeDocument(), new Date()];
      const created = await createProgram(tx, {
        slug: 'second',
        draft: document,
        signUpPlaces: ['link'],
        at: published,
      });
      await insertRuleVersion(tx, {
        programId: created, document, effectiveFrom: new Date('2020-01-01'), publishedAt: published, publishedBy: 'test',
      }); // prettier-ignore
      await insertCardDesign(tx, created, { design: starterDesign('Second'), at: published });
      return created;
    });
    const second = { ...shop, programId };
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(second, gone), await join(shop, kept)];
      const told = [
        () => tell(shop, saleOf(gone, { dollars: 50, at: at(2) })),
        () => merge(shop, gone, kept),
        () => tell(shop, saleOf(kept, { dollars: 3, at: at(3) })),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[50,3]']);
  });

  it('can be claimed with its receipt by the other, who joined without a name', async () => {
    const shop = await makeShop();
    const [gone, kept] = [newCustomer(), newCustomer()];
    const sale = saleOf(gone, { dollars: 50, at: new Date().toISOString() });
    await tell(shop, sale);
    await merge(shop, gone, kept);
    const code = await claimCodeOfOrder(shop.shopId, String(sale['id']), new Date());
    const stranger = await join(shop, newCustomer());
    const claim = ({ memberId }: typeof stranger) =>
      claimOrder({ shopId: shop.shopId, code: code?.code ?? '', memberId, actor: 'shopper', at: new Date() });
    expect(await claim(stranger)).toEqual({ kind: 'taken' });
    const member = await join(shop, kept);
    expect(await pointsOf(member)).toBe(50);
    expect(await claim(member)).toEqual({ kind: 'claimed', orderId: String(sale['id']) });
  });

  it('finds its member also while the merge is applied and somebody joins', async () => {
    const shop = await makeShop();
    const people = Array.from({ length: 15 }, () => ({ gone: newCustomer(), kept: newCustomer() }));
    for (const { gone } of people) await deliver(shop, 'orders/paid', saleOf(gone, { dollars: 10, at: at(1) }));
    const [joined] = await Promise.all([
      Promise.all(people.map(({ gone, kept }, index) => join(shop, index % 2 === 0 ? gone : kept))),
      drain(shop),
      ...people.map(({ gone, kept }) => merge(shop, gone, kept)),
    ]);
    await drain(shop);
    expect(await pointsOfEach(joined)).toEqual(people.map(() => 10));
    await expectBalanced(shop.shopId);
  });
});

describe('what else names a customer who was merged away', () => {
  it('is told to whom an order named once, and forgotten with them', async () => {
    const shop = await makeShop();
    const [once, now] = [await makeMember(shop), await makeMember(shop)];
    const sale = saleOf(once.customerId, { dollars: 50, at: at(1) });
    await tell(shop, sale, { ...sale, customer: { id: Number(now.customerId) }, updated_at: at(2) });
    const named = () => system.sql('select customer_id from former_customer where shop_id = $1', [shop.shopId]);
    expect(await named()).toEqual([{ customer_id: once.customerId }]);
    const ordersOf = async ({ memberId }: typeof once) => (await subjectData(shop.shopId, memberId)).orders;
    expect(await ordersOf(once)).toEqual([expect.objectContaining({ orderId: String(sale['id']), state: null })]);
    expect(await ordersOf(now)).toEqual([expect.objectContaining({ booked: { points: 50, stamps: 1 } })]);
    await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: Number(once.customerId) }));
    expect(await named()).toEqual([]);
    await tell(shop, { ...sale, updated_at: at(1) }, { ...sale, id: 9_900_000_001, updated_at: at(1) });
    expect(await named()).toEqual([]);
    expect(await pointsOf(now)).toBe(50);
  });

  it('finds the member, and changes nothing of them by what is told late', async () => {
    const shop = await makeShop();
    const [gone, kept] = [newCustomer(), newCustomer()];
    const member = await join(shop, kept);
    await merge(shop, gone, kept);
    const told = (id: string, name: string) =>
      deliver(shop, 'customers/update', { id: Number(id), first_name: name, created_at: at(1), updated_at: at(4) });
    await system.sql("update member set enrolled_via = 'checkout' where id = $1", [member.memberId]);
    await told(kept, 'Ada');
    await told(gone, 'Eve');
    await drain(shop);
    const { members } = await subjectData(shop.shopId, member.memberId);
    expect(members).toMatchObject([{ profile: { name: 'Ada' } }]);
  });

  it('ends one who was never told of twice, and is one already when each was merged into the other', async () => {
    const shop = await makeShop();
    const [one, two] = [newCustomer(), newCustomer()];
    const member = await join(shop, one);
    for (const [gone, kept] of [[one, two], [one, two], [two, one], [one, one]] as const) await merge(shop, gone, kept); // prettier-ignore
    await tell(shop, saleOf(one, { dollars: 10, at: at(1) }), saleOf(two, { dollars: 20, at: at(1) }));
    expect(await pointsOf(member)).toBe(30);
  });

  it('is told to the person, and forgotten with them: a sale told later is nobody’s and names nobody', async () => {
    const shop = await makeShop();
    for (const name of ['gone', 'kept'] as const) {
      const ids = { gone: newCustomer(), kept: newCustomer() };
      const member = await join(shop, ids.kept);
      const [early, late] = [
        saleOf(ids.gone, { dollars: 10, at: at(1) }),
        saleOf(ids.gone, { dollars: 10, at: at(2) }),
      ];
      await merge(shop, ids.gone, ids.kept);
      await tell(shop, early);
      const { orders } = await subjectData(shop.shopId, member.memberId);
      expect(JSON.stringify(orders)).toContain(ids.gone);
      await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: Number(ids[name]) }));
      await tell(shop, late);
      const kept = await system.sql<{ text: string }>(
        `select t::text as text from (select state, customer_id, member_id from order_state where shop_id = $1) t union all
         select t::text from (select gone_id, kept_id from merged_customer where shop_id = $1) t union all
         select t::text from (select shopify_customer_id from member where shop_id = $1) t`,
        [shop.shopId],
      );
      expect(kept.length).toBeGreaterThan(2);
      expect(kept.filter(({ text }) => text.includes(ids.gone) || text.includes(ids.kept))).toEqual([]);
      expect(await pointsOf(member)).toBe(10);
    }
  });
});

it.each(['gone', 'kept'] as const)('brings nobody back who was erased before it was told: %s', async (name) => {
  const shop = await makeShop();
  const ids = { gone: newCustomer(), kept: newCustomer() };
  for (const id of [ids.gone, ids.kept]) await join(shop, id);
  await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: Number(ids[name]) }));
  await merge(shop, ids.gone, ids.kept);
  await tell(shop, saleOf(ids[name], { dollars: 10, at: at(2) }));
  const kept = await system.sql<{ text: string }>(
    `select t::text as text from (select state, customer_id from order_state where shop_id = $1) t union all
     select t::text from (select gone_id, kept_id from merged_customer where shop_id = $1) t union all
     select t::text from (select shopify_customer_id from member where shop_id = $1) t`,
    [shop.shopId],
  );
  expect(kept.filter(({ text }) => text.includes(ids[name]))).toEqual([]);
});

/** Works every case that is open to its end. */
async function workCases(shop: TestShop): Promise<string[]> {
  const open = (await casesOf(system, shop)).filter(({ state }) => state === 'open');
  for (const { id } of open) await processCase({ shopId: shop.shopId, caseId: id });
  return open.map(({ kind }) => kind);
}

describe('of a customer whose other name was erased already', () => {
  it('erases them as well, for nobody will ever ask for it under a name that is gone', async () => {
    const shop = await makeShop();
    const ids = { first: newCustomer(), gone: newCustomer(), kept: newCustomer() };
    const members = [await join(shop, ids.first), await join(shop, ids.gone)];
    await join(shop, ids.kept);
    await tell(shop, saleOf(ids.first, { dollars: 10, at: at(2) }));
    const mergedAt = new Date();
    await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: Number(ids.kept) }));
    await merge(shop, ids.gone, ids.kept, mergedAt);
    expect(await workCases(shop)).toEqual(['erasure']);
    // And whoever was merged into them before.
    await merge(shop, ids.first, ids.gone, mergedAt);
    expect(await workCases(shop)).toEqual(['erasure']);
    await tell(shop, saleOf(ids.gone, { dollars: 10, at: at(3) }));
    for (const { memberId } of members)
      expect((await withShop(shop.shopId, (tx) => readMember(tx, memberId))).state).toBe('erased');
    const kept = await system.sql<{ text: string }>(
      `select t::text as text from (select state, customer_id from order_state where shop_id = $1) t union all
       select t::text from (select shopify_customer_id from member where shop_id = $1) t`,
      [shop.shopId],
    );
    expect(kept.filter(({ text }) => Object.values(ids).some((id) => text.includes(id)))).toEqual([]);
    await expectSoundChains(shop);
  });

  it.each([
    { name: 'whom an erased one was merged into', erased: 'gone', isBefore: true },
    { name: 'who was merged into an erased one only after that', erased: 'kept', isBefore: false },
  ] as const)('leaves alone $name: they asked for nothing', async ({ erased, isBefore }) => {
    const shop = await makeShop();
    const ids = { gone: newCustomer(), kept: newCustomer() };
    await join(shop, ids[erased]);
    const member = await join(shop, ids[erased === 'gone' ? 'kept' : 'gone']);
    const before = new Date();
    await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: Number(ids[erased]) }));
    await merge(shop, ids.gone, ids.kept, isBefore ? before : new Date());
    expect(await workCases(shop)).toEqual([]);
    expect((await withShop(shop.shopId, (tx) => readMember(tx, member.memberId))).state).toBe('active');
  });
});

it('a member who joins by a name that is gone is asked for nothing twice', async () => {
  const shop = await makeShop();
  const [gone, kept] = [newCustomer(), newCustomer()];
  const member = await join(shop, kept);
  await merge(shop, gone, kept);
  const again = await enrollMember({
    shopId: shop.shopId, programId: shop.programId, via: 'checkout', profile: {}, shopifyCustomerId: gone, locale: 'en',
    consents: [{ purpose: 'program', channel: 'wallet', granted: true }], wordingVersion: '1', source: 'test',
  }); // prettier-ignore
  expect(again).toMatchObject({ kind: 'already-member', memberId: member.memberId });
});
