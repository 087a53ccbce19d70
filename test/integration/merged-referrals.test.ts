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
import { saleOf, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

const join = (shop: TestShop, shopifyCustomerId: string) => makeMember(shop, { shopifyCustomerId });
const stampsOf = async ({ memberId }: { memberId: string }) => (await balancesOf(system, memberId))['stamps'] ?? 0;

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
