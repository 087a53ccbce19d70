/** Merges that are told late or backwards: what somebody has in the end is the same. */
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
import { mustSpend, rewardOf } from '#test/support/rewards.ts';
import { at, inEveryOrder, merge, newCustomer, secondProgram, withFirstOrderBonus } from '#test/support/merging.ts';
import { saleOf, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

const join = (shop: TestShop, shopifyCustomerId: string) => makeMember(shop, { shopifyCustomerId });
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const pointsOf = async ({ memberId }: { memberId: string }) => (await balancesOf(system, memberId))['points'];
async function pointsOfEach(members: { memberId: string }[]): Promise<unknown[]> {
  const points = [];
  for (const member of members) points.push(await pointsOf(member));
  return points;
}

describe('in whatever order merges are told', () => {
  it('a chain of merges whose middle was no member is the same told backwards', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [one, two, three] = [newCustomer(), newCustomer(), newCustomer()];
      const members = [await join(shop, one), await join(shop, three)];
      await tell(shop, saleOf(three, { dollars: 7, at: at(1) }));
      const told = [
        () => tell(shop, saleOf(two, { dollars: 50, at: at(2) })),
        () => tell(shop, saleOf(one, { dollars: 3, at: at(3) })),
        () => merge(shop, one, two),
        () => merge(shop, two, three),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    // Both who were members had a first order: the seven, and the fifty of whom the first became.
    expect(finals).toEqual([`[0,${14 + 100 + 3}]`]);
    await expectBalanced(shop.shopId);
  });

  it('the same with the middle in another program', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const second = await secondProgram(shop);
    const finals = await inEveryOrder(async () => {
      const [one, two, three] = [newCustomer(), newCustomer(), newCustomer()];
      const members = [await join(shop, one), await join(second, three)];
      const told = [
        () => tell(shop, saleOf(two, { dollars: 50, at: at(2) })),
        () => merge(shop, one, two),
        () => merge(shop, two, three),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[100,0]']);
    await expectBalanced(shop.shopId);
  });

  it('a chain of folds that is told backwards joins each with whom they were folded into', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [one, two, three] = [newCustomer(), newCustomer(), newCustomer()];
      const members = [await join(shop, one), await join(shop, two), await join(shop, three)];
      const start = Date.now() - 20 * 60_000;
      const minute = (count: number) => new Date(start + count * 60_000);
      const bought = (customer: string, dollars: number, minutes: number) =>
        tell(shop, saleOf(customer, { dollars, at: minute(minutes).toISOString() }));
      await bought(one, 10, 1);
      const told = [
        () => merge(shop, one, two, minute(2)),
        // The second's first order, had the one not become them before.
        () => bought(two, 20, 3),
        // Made before they became one with anybody.
        () => bought(three, 40, 4),
        () => merge(shop, two, three, minute(5)),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual([`[0,0,${20 + 20 + 80}]`]);
    await expectBalanced(shop.shopId);
  });

  it('a merge that is told late counts from when it was', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(shop, kept)];
      const told = [
        () => tell(shop, saleOf(gone, { dollars: 10, at: ago(30).toISOString() })),
        () => merge(shop, gone, kept, ago(20)),
        () => tell(shop, saleOf(kept, { dollars: 20, at: ago(10).toISOString() })),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[0,40]']);
    await expectBalanced(shop.shopId);
  });

  it('a time that cannot be is not believed: a merge counts from when it came', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    for (const impossible of [new Date('2020-01-01'), new Date(Date.now() + 60_000)]) {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(shop, kept)];
      await tell(shop, saleOf(gone, { dollars: 10, at: at(1) }));
      await tell(shop, saleOf(kept, { dollars: 20, at: at(2) }));
      await merge(shop, gone, kept, impossible);
      expect(await pointsOfEach(members)).toEqual([0, 60]);
    }
  });

  it('what was spent before its sale went to the other is spent once', async () => {
    const document = withFirstOrderBonus();
    const rewards = [rewardOf('gift', { unit: 'points', cost: 100 })];
    const shop = await makeShop({ ...document, rewards, settings: { ...document.settings, debtPolicy: 'write-off' } });
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(shop, kept)];
      const sale = saleOf(gone, { dollars: 50, at: at(2) });
      await tell(shop, saleOf(kept, { dollars: 15, at: at(1) }), sale);
      const memberId = members[0]?.memberId;
      if (memberId !== undefined) await mustSpend(shop.shopId, { memberId, rewardId: 'gift' });
      const told = [
        () => tell(shop, { ...sale, customer: { id: Number(kept) }, updated_at: at(3) }),
        () => merge(shop, gone, kept),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[0,30]']);
    await expectBalanced(shop.shopId);
  });

  it('a sale of somebody who was no member is of whom they were merged into, not of whom that one was merged into', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [nobody, two, one] = [newCustomer(), newCustomer(), newCustomer()];
      const members = [await join(shop, two), await join(shop, one)];
      await tell(shop, saleOf(one, { dollars: 7, at: at(1) }));
      const told = [
        () => tell(shop, saleOf(nobody, { dollars: 50, at: at(2) })),
        () => merge(shop, nobody, two, ago(20)),
        () => merge(shop, two, one, ago(10)),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual([`[0,${14 + 100}]`]);
    await expectBalanced(shop.shopId);
  });

  it('of two who became one who was no member, the one who did first is whom the other became', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [early, late, kept] = [newCustomer(), newCustomer(), newCustomer()];
      const members = [await join(shop, early), await join(shop, late)];
      const sold = (customer: string, dollars: number, minutes: number) =>
        tell(shop, saleOf(customer, { dollars, at: ago(minutes).toISOString() }));
      const told = [
        () => sold(early, 10, 30),
        () => sold(late, 40, 15),
        () => merge(shop, early, kept, ago(20)),
        () => merge(shop, late, kept, ago(10)),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    // Both had a first order of their own before they met.
    expect(finals).toEqual([`[${20 + 80},0]`]);
    await expectBalanced(shop.shopId);
  });

  it('the same where that one has gone on to another', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [early, late, middle, last] = [newCustomer(), newCustomer(), newCustomer(), newCustomer()];
      const members = [await join(shop, early), await join(shop, late), await join(shop, last)];
      await tell(shop, saleOf(early, { dollars: 10, at: ago(18).toISOString() }));
      const told = [
        () => tell(shop, saleOf(late, { dollars: 20, at: ago(9).toISOString() })),
        () => merge(shop, early, middle, ago(20)),
        () => merge(shop, late, middle, ago(10)),
        () => merge(shop, middle, last, ago(5)),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    // When the other bought, they had become the one who had bought before.
    expect(finals).toEqual([`[0,0,${20 + 20}]`]);
    await expectBalanced(shop.shopId);
  });

  it('with two programs, sales since the merge are of the older one that came with it', async () => {
    const shop = await makeShop();
    const second = await secondProgram(shop);
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(second, kept)];
      const told = [
        () => tell(shop, saleOf(kept, { dollars: 20, at: ago(30).toISOString() })),
        () => tell(shop, saleOf(kept, { dollars: 40, at: ago(10).toISOString() })),
        () => tell(shop, saleOf(gone, { dollars: 7, at: ago(9).toISOString() })),
        () => merge(shop, gone, kept, ago(20)),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[47,20]']);
    await expectBalanced(shop.shopId);
  });
});
