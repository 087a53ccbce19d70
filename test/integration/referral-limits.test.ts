/** A referrer is paid for so many friends: for those who came first and whose orders stand, in whatever order it is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { settleReferrals } from '#app/flows/members/settle-referrals.ts';
import { expectBalanced } from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { bring, bringTo, inEveryOrder, merge, newCustomer, withReferral } from '#test/support/merging.ts';
import { cancelled, saleOf, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

const stampsOf = async (...members: { memberId: string }[]) => {
  const stamps = [];
  for (const { memberId } of members) stamps.push((await balancesOf(system, memberId))['stamps'] ?? 0);
  return stamps;
};
const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
const saleAt = (customerId: string, seconds: number) => saleOf(customerId, { dollars: 50, at: ago(seconds) });
const cancelledNow = (order: ReturnType<typeof saleOf>) => cancelled(order, new Date().toISOString());

async function bringMany(shop: TestShop, count: number) {
  const referrer = await makeMember(shop, { shopifyCustomerId: newCustomer() });
  const friends = [];
  for (let place = 0; place < count; place += 1) {
    const customerId = newCustomer();
    friends.push({ ...(await bringTo(shop, referrer, customerId)).friend, customerId });
  }
  return { referrer, friends };
}

describe('in whatever order it is told', () => {
  it('a friend whose order is taken back makes room for the next', async () => {
    const shop = await makeShop(withReferral({ friendsMax: 1 }));
    const finals = await inEveryOrder(async () => {
      const { referrer, friends } = await bringMany(shop, 2);
      const sales = friends.map(({ customerId }, place) => saleAt(customerId, 60 - place));
      const told = [...sales, cancelledNow(sales[0] ?? {})].map((order) => () => tell(shop, order));
      return { told, end: () => stampsOf(referrer, ...friends) };
    });
    expect(finals).toEqual(['[3,0,2]']);
    await expectBalanced(shop.shopId);
  });

  it('those are paid for who came first, and for the others their friends are paid all the same', async () => {
    const shop = await makeShop(withReferral({ friendsMax: 2 }));
    const finals = await inEveryOrder(async () => {
      const { referrer, friends } = await bringMany(shop, 3);
      const sales = friends.map(({ customerId }, place) => saleAt(customerId, 60 - place));
      const told = [...sales, cancelledNow(sales[2] ?? {})].map((order) => () => tell(shop, order));
      const paid = () =>
        system.sql(
          `select booked ? 'referrer' as paid from referral where shop_id = $1 and referrer_id = $2 order by created_at, id`,
          [shop.shopId, referrer.memberId],
        );
      return { told, end: async () => [await stampsOf(referrer, ...friends), await paid()] };
    });
    expect(finals).toEqual(['[[6,2,2,0],[{"paid":true},{"paid":true},{"paid":false}]]']);
  });

  it.each([
    ['who joins once the limit is reached brings nobody anything', false, '[3,2,0]'],
    ['who joined once the limit was reached is paid if there is room after all', true, '[3,0,2]'],
  ] as const)('%s', async (_name, isUndone, expected) => {
    const shop = await makeShop(withReferral({ friendsMax: 1 }));
    const finals = await inEveryOrder(async () => {
      const { referrer, friends } = await bringMany(shop, 1);
      const late = newCustomer();
      const sale = saleAt(friends[0]?.customerId ?? '', 60);
      const told = [
        () => tell(shop, sale),
        () => bringTo(shop, referrer, late),
        () => tell(shop, saleAt(late, 30)),
        ...(isUndone ? [() => tell(shop, cancelledNow(sale))] : []),
      ];
      const memberOf = () =>
        system.sql<{ memberId: string }>(
          'select id as "memberId" from member where shop_id = $1 and shopify_customer_id = $2',
          [shop.shopId, late],
        );
      return { told, end: async () => stampsOf(referrer, ...friends, ...(await memberOf())) };
    });
    expect(finals).toEqual([expected]);
    await expectBalanced(shop.shopId);
  });

  it.each([
    ['keep what each was paid for before', 0, '[6]'],
    ['are paid as one from then on', 2, '[3]'],
  ] as const)('two referrers who become one %s', async (_name, afterMs, expected) => {
    const shop = await makeShop(withReferral({ friendsMax: 1 }));
    const finals = await inEveryOrder(async () => {
      const friends = [newCustomer(), newCustomer()];
      const [gone, kept] = [await bring(shop, friends[0] ?? ''), await bring(shop, friends[1] ?? '')];
      const mergedAt = new Date();
      const soldAt = new Date(mergedAt.getTime() + afterMs).toISOString();
      const sales = friends.map((friend) => saleOf(friend, { dollars: 50, at: afterMs === 0 ? ago(60) : soldAt }));
      const told = [
        ...sales.map((sale) => () => tell(shop, sale)),
        () => merge(shop, gone.referrer.customerId, kept.referrer.customerId, mergedAt),
      ];
      return { told, end: () => stampsOf(kept.referrer) };
    });
    expect(finals).toEqual([expected]);
    await expectBalanced(shop.shopId);
  });
});

it('makes room for as many as waited, and takes it away again, also while somebody holds a friend’s card', async () => {
  const shop = await makeShop(withReferral({ friendsMax: 1 }));
  const { referrer, friends } = await bringMany(shop, 1);
  const first = saleAt(friends[0]?.customerId ?? '', 60);
  await tell(shop, first);
  const late = [];
  for (let place = 0; place < 3; place += 1) {
    const customerId = newCustomer();
    late.push({ ...(await bringTo(shop, referrer, customerId)).friend, customerId });
  }
  for (const { customerId } of late) await tell(shop, saleAt(customerId, 0));
  expect(await stampsOf(referrer, ...friends, ...late)).toEqual([3, 2, 0, 0, 0]);
  await system.sql('begin');
  await system.sql('select from balance where shop_id = $1 and member_id = $2 for update', [
    shop.shopId,
    late[0]?.memberId,
  ]);
  await tell(shop, cancelledNow(first));
  expect(await stampsOf(referrer, ...late)).toEqual([3, 0, 2, 2]);
  await system.sql('rollback');
  await settleReferrals({ shopId: shop.shopId });
  expect(await stampsOf(referrer, ...friends, ...late)).toEqual([3, 0, 2, 2, 2]);
  await expectBalanced(shop.shopId);
});

it('pays for as many as allowed when all is told at once', async () => {
  const shop = await makeShop(withReferral({ friendsMax: 2 }));
  const { referrer, friends } = await bringMany(shop, 8);
  const sales = friends.map(({ customerId }) => saleAt(customerId, 0));
  const undone = sales.slice(0, 5).map(cancelledNow);
  for (const order of [...sales, ...undone]) await deliver(shop, 'orders/updated', order);
  await Promise.all(Array.from({ length: 4 }, () => drain(shop)));
  await Promise.all([settleReferrals({ shopId: shop.shopId }), settleReferrals({ shopId: shop.shopId })]);
  expect(await stampsOf(referrer, ...friends)).toEqual([6, 0, 0, 0, 0, 0, 2, 2, 2]);
  await expectBalanced(shop.shopId);
});
