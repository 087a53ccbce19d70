/** Referrals of customers whom Shopify makes one with others: what was bought decides, not what was known first. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expectBalanced } from '#test/support/extensions.ts';
import {
  balancesOf,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { at, bring, inEveryOrder, merge, newCustomer, withReferral } from '#test/support/merging.ts';
import { cancelled, saleOf, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

const join = (shop: TestShop, shopifyCustomerId: string) => makeMember(shop, { shopifyCustomerId });
const stampsOf = async ({ memberId }: { memberId: string }) => (await balancesOf(system, memberId))['stamps'] ?? 0;

const minuteAgo = () => new Date(Date.now() - 60_000).toISOString();
const justAfter = (instant: Date) => new Date(instant.getTime() + 1).toISOString();
type Bought = { first?: true; second?: true; after?: true; isFirstUndone?: true };

describe('in whatever order it is told', () => {
  it.each(['gone', 'kept'] as const)('a referral of the one who is gone is paid by a sale of %s', async (buyer) => {
    const shop = await makeShop(withReferral());
    const finals = await inEveryOrder(async () => {
      const ids = { gone: newCustomer(), kept: newCustomer() };
      const { referrer } = await bring(shop, ids.gone);
      const kept = await join(shop, ids.kept);
      const sale = saleOf(ids[buyer], { dollars: 50, at: new Date(Date.now() - 60_000).toISOString() });
      const told = [() => tell(shop, sale), () => merge(shop, ids.gone, ids.kept)];
      return { told, end: async () => [await stampsOf(referrer), await stampsOf(kept)] };
    });
    expect(finals).toEqual(['[3,2]']);
  });

  it('who was brought is paid for what they bought themselves, whatever the other had bought before', async () => {
    const shop = await makeShop(withReferral());
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const { referrer } = await bring(shop, gone);
      const other = await join(shop, kept);
      const sale = saleOf(gone, { dollars: 50, at: new Date(Date.now() - 60_000).toISOString() });
      const told = [
        () => tell(shop, saleOf(kept, { dollars: 7, at: at(1) })),
        () => tell(shop, sale),
        () => merge(shop, gone, kept),
      ];
      return { told, end: async () => [await stampsOf(referrer), await stampsOf(other)] };
    });
    expect(finals).toEqual(['[3,2]']);
    await expectBalanced(shop.shopId);
  });

  it('nobody is paid for a friend whose older order is told at last', async () => {
    const shop = await makeShop(withReferral());
    const finals = await inEveryOrder(async () => {
      const friend = newCustomer();
      const { referrer } = await bring(shop, friend);
      const told = [
        () => tell(shop, saleOf(friend, { dollars: 7, at: at(1) })),
        () => tell(shop, saleOf(friend, { dollars: 50, at: new Date(Date.now() - 60_000).toISOString() })),
      ];
      return { told, end: async () => [await stampsOf(referrer)] };
    });
    expect(finals).toEqual(['[0]']);
    await expectBalanced(shop.shopId);
  });
});

describe('a friend who turns out to have been brought by two', () => {
  /** What both referrers get where the friend bought as these, and who was brought first is gone or kept. */
  const paidTo = async (gone: 'first' | 'second', bought: Bought) => {
    const shop = await makeShop(withReferral());
    const finals = await inEveryOrder(async () => {
      const [one, other] = [newCustomer(), newCustomer()];
      const first = (await bring(shop, one)).referrer;
      const second = (await bring(shop, other)).referrer;
      const mergedAt = new Date();
      const [goneId, keptId] = gone === 'first' ? [one, other] : [other, one];
      const sales = [
        ...(bought.first ? [saleOf(one, { dollars: 50, at: minuteAgo() })] : []),
        ...(bought.second ? [saleOf(other, { dollars: 50, at: minuteAgo() })] : []),
        ...(bought.after ? [saleOf(keptId, { dollars: 50, at: justAfter(mergedAt) })] : []),
      ];
      const told = [
        ...sales.map((sale) => () => tell(shop, sale)),
        ...(bought.isFirstUndone ? [() => tell(shop, cancelled(sales[0] ?? {}, new Date().toISOString()))] : []),
        () => merge(shop, goneId, keptId, mergedAt),
      ];
      return { told, end: async () => [await stampsOf(first), await stampsOf(second)] };
    });
    await expectBalanced(shop.shopId);
    return finals;
  };

  it.each<['first' | 'second', string, string, Bought]>(
    (['first', 'second'] as const).flatMap((gone): ['first' | 'second', string, string, Bought][] => [
      [gone, 'both', 'as both before', { first: true, second: true }],
      [gone, 'the first', 'as the first before', { first: true }],
      [gone, 'the second', 'as the second before', { second: true }],
      [gone, 'the first', 'only since', { after: true }],
      [gone, 'the second', 'as the second before and again since', { second: true, after: true }],
      [
        gone,
        'the second',
        'as both before, of which the first took it back',
        { first: true, second: true, isFirstUndone: true },
      ],
    ]),
  )('with the %s one gone pays %s where they bought %s', async (gone, paid, _how, bought) => {
    const stamps = { both: '[3,3]', 'the first': '[3,0]', 'the second': '[0,3]' }[paid];
    expect(await paidTo(gone, bought)).toEqual([stamps]);
  });
});

describe('older orders of somebody who was no member', () => {
  const paid = async (who: 'kept' | 'gone', sales: 'own before' | 'since') => {
    const shop = await makeShop(withReferral());
    const finals = await inEveryOrder(async () => {
      const [friend, stranger] = [newCustomer(), newCustomer()];
      const { referrer } = await bring(shop, friend);
      const mergedAt = new Date();
      const [goneId, keptId] = who === 'gone' ? [stranger, friend] : [friend, stranger];
      const sale =
        sales === 'since'
          ? saleOf(keptId, { dollars: 50, at: justAfter(mergedAt) })
          : saleOf(friend, { dollars: 50, at: minuteAgo() });
      const told = [
        () => tell(shop, saleOf(stranger, { dollars: 7, at: at(1) })),
        () => tell(shop, sale),
        () => merge(shop, goneId, keptId, mergedAt),
      ];
      return { told, end: async () => [await stampsOf(referrer)] };
    });
    await expectBalanced(shop.shopId);
    return finals;
  };

  it('take nothing from who was rightly paid for a friend they become one with', async () => {
    expect(await paid('kept', 'own before')).toEqual(['[3]']);
    expect(await paid('gone', 'own before')).toEqual(['[3]']);
  });

  it('make a friend who buys only since then nobody new', async () => {
    expect(await paid('kept', 'since')).toEqual(['[0]']);
  });

  it('are told apart from what Shopify writes down to them', async () => {
    const shop = await makeShop(withReferral());
    const finals = await inEveryOrder(async () => {
      const [friend, stranger] = [newCustomer(), newCustomer()];
      const { referrer } = await bring(shop, friend);
      const sale = saleOf(friend, { dollars: 50, at: minuteAgo() });
      const told = [
        () => tell(shop, saleOf(stranger, { dollars: 7, at: at(1) })),
        () => tell(shop, sale),
        () => tell(shop, { ...sale, customer: { id: Number(stranger) }, updated_at: new Date().toISOString() }),
        () => merge(shop, friend, stranger),
      ];
      return { told, end: async () => [await stampsOf(referrer)] };
    });
    expect(finals).toEqual(['[3]']);
    await expectBalanced(shop.shopId);
  });
});
