/** Whatever was told of two who turn out to be one, and in whatever order: what they have in the end is the same. */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cardNoteName } from '#app/contracts/card-note.ts';
import { currentCode } from '#app/data/cards/rotating-codes.ts';
import { readMember } from '#app/data/members/members.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { recordMemberEvent } from '#app/flows/members/record-event.ts';
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
import {
  at,
  inEveryOrder,
  merge,
  mergeBody,
  newCustomer,
  secondProgram,
  withFirstOrderBonus,
} from '#test/support/merging.ts';
import { saleOf, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

const join = (shop: TestShop, shopifyCustomerId: string) => makeMember(shop, { shopifyCustomerId });
const pointsOf = async ({ memberId }: { memberId: string }) => (await balancesOf(system, memberId))['points'];
async function pointsOfEach(members: { memberId: string }[]): Promise<unknown[]> {
  const points = [];
  for (const member of members) points.push(await pointsOf(member));
  return points;
}

describe('an order that Shopify gives to the one who is left', () => {
  it('counts as the sale it was, in whatever order that, the merge and another sale are told', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(shop, kept)];
      const sale = saleOf(gone, { dollars: 50, at: at(2) });
      await tell(shop, saleOf(kept, { dollars: 7, at: at(1) }));
      const told = [
        () => tell(shop, sale),
        () => tell(shop, { ...sale, customer: { id: Number(kept) }, updated_at: at(4) }),
        () => tell(shop, saleOf(gone, { dollars: 3, at: at(3) })),
        () => merge(shop, gone, kept),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    // Of both first sales, hers and his, and of her second one.
    expect(finals).toEqual([`[0,${14 + 100 + 3}]`]);
    await expectBalanced(shop.shopId);
  });

  it('counts as the sale it was also after several merges, told forwards or backwards', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [first, second, third] = [newCustomer(), newCustomer(), newCustomer()];
      const members = [await join(shop, first), await join(shop, second), await join(shop, third)];
      const sale = saleOf(first, { dollars: 50, at: at(3) });
      await tell(shop, saleOf(second, { dollars: 7, at: at(1) }), saleOf(third, { dollars: 5, at: at(2) }));
      const told = [
        () => tell(shop, sale),
        () => tell(shop, { ...sale, customer: { id: Number(second) }, updated_at: at(4) }),
        () => merge(shop, first, second),
        () => merge(shop, second, third),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual([`[0,0,${14 + 10 + 100}]`]);
    await expectBalanced(shop.shopId);
  });
});

type Order = ReturnType<typeof saleOf>;
const named = (order: Order, customer: string | null, day: number): Order => ({
  ...order, customer: customer === null ? null : { id: Number(customer) }, updated_at: at(day),
}); // prettier-ignore
async function cardNote(shop: TestShop, memberId: string) {
  const value = await withShop(shop.shopId, async (tx) => {
    const { cardId } = await readMember(tx, memberId);
    return currentCode(await readShopKeys(tx), cardId, new Date(at(2)));
  });
  return [{ name: cardNoteName, value }];
}
describe('in whatever order it is told', () => {
  it('an order that named nobody in between stays the sale it was', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(shop, kept)];
      await tell(shop, saleOf(kept, { dollars: 7, at: at(1) }));
      const sale = saleOf(gone, { dollars: 50, at: at(2) });
      const told = [
        () => tell(shop, sale),
        () => tell(shop, named(sale, null, 3)),
        () => tell(shop, named(sale, kept, 4)),
        () => merge(shop, gone, kept),
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[0,114]']);
  });

  it('an order that was written to another and back ends the same, once all three are one', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [one, two, kept] = [newCustomer(), newCustomer(), newCustomer()];
      const members = [await join(shop, one), await join(shop, two), await join(shop, kept)];
      await tell(shop, saleOf(one, { dollars: 7, at: at(1) }));
      const sale = saleOf(one, { dollars: 50, at: at(2) });
      const merges = async () => {
        await merge(shop, one, kept);
        await merge(shop, two, kept);
      };
      const told = [
        () => tell(shop, sale),
        () => tell(shop, named(sale, two, 3)),
        () => tell(shop, named(sale, one, 4)),
        merges,
      ];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toHaveLength(1);
  });

  it('a chain of merges whose middle joined first loses nothing by the last writing down', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const [one, two, three] = [newCustomer(), newCustomer(), newCustomer()];
    const [, , last] = [await join(shop, two), await join(shop, one), await join(shop, three)];
    await tell(shop, saleOf(two, { dollars: 7, at: at(1) }), saleOf(three, { dollars: 5, at: at(2) }));
    const sale = saleOf(one, { dollars: 50, at: at(3) });
    for (const news of [sale, named(sale, two, 4)]) await tell(shop, news);
    await merge(shop, one, two);
    await merge(shop, two, three);
    expect(await pointsOf(last)).toBe(124);
    await tell(shop, named(sale, three, 5));
    expect(await pointsOf(last)).toBe(124);
  });

  it('a sale by the card of the one who is gone is theirs', async () => {
    const shop = await makeShop(withFirstOrderBonus());
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(shop, kept)];
      await tell(shop, saleOf(kept, { dollars: 7, at: at(1) }));
      const note_attributes = await cardNote(shop, members[0]?.memberId ?? '');
      const sale = saleOf(gone, { dollars: 50, at: at(2), note_attributes });
      return { told: [() => tell(shop, sale), () => merge(shop, gone, kept)], end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[0,114]']);
  });

  it.each([['gone', 'kept'], ['kept', 'gone']] as const)('a freeze of %s says nothing of an earlier sale by the card of %s', async (frozen, scanned) => {
    const shop = await makeShop();
    const finals = await inEveryOrder(async () => {
      const ids = { gone: newCustomer(), kept: newCustomer() };
      const members = { gone: await join(shop, ids.gone), kept: await join(shop, ids.kept) };
      await system.sql("update member set state = 'frozen', frozen_at = $2, frozen_by = 'member' where id = $1", [members[frozen].memberId, at(1)]);
      const note_attributes = await cardNote(shop, members[scanned].memberId);
      const sale = named(saleOf(ids.gone, { dollars: 50, at: at(2), note_attributes }), null, 2);
      const told = [() => tell(shop, sale), () => merge(shop, ids.gone, ids.kept)];
      return { told, end: () => pointsOfEach([members.gone, members.kept]) };
    });
    expect(finals).toEqual(['[0,50]']);
  }); // prettier-ignore

  it('a sale of the one who is left counts in their program, also where the other’s is older', async () => {
    const shop = await makeShop();
    const second = await secondProgram(shop);
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(second, kept)];
      const told = [() => tell(shop, saleOf(kept, { dollars: 50, at: at(1) })), () => merge(shop, gone, kept)];
      return { told, end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[0,50]']);
  });

  it.each(['same', 'other'])('reviews of both before the merge count for each, under the %s key', async (keys) => {
    const review = { kind: 'event', id: 'review', event: 'review', unit: 'points', amount: 5, conditions: {}, caps: { perMember: 5 } } as const; // prettier-ignore
    const shop = await makeShop(makeDocument({ earnRules: [review] }));
    const finals = await inEveryOrder(async () => {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(shop, kept)];
      const tellReview = (place: number) => async () => {
        await recordMemberEvent({
          shopId: shop.shopId, memberId: members[place]?.memberId ?? '', kind: 'review', name: null,
          eventKey: keys === 'same' ? 'r' : `r${place}`, occurredAt: new Date(at(place + 1)), actor: 'api:test',
        }); // prettier-ignore
      };
      return { told: [tellReview(0), tellReview(1), () => merge(shop, gone, kept)], end: () => pointsOfEach(members) };
    });
    expect(finals).toEqual(['[0,10]']);
  });

  it('a merge and refunds at one moment never wait for each other in a ring', async () => {
    const shop = await makeShop();
    const deadlocks = async () => {
      const [row] = await system.sql<{ n: string }>(
        'select deadlocks as n from pg_stat_database where datname = current_database()',
      );
      return Number(row?.n);
    };
    const before = await deadlocks();
    for (let round = 0; round < 15; round += 1) {
      const [gone, kept] = [newCustomer(), newCustomer()];
      const members = [await join(shop, gone), await join(shop, kept)];
      const sales = [1, 2, 3].map((day) => saleOf(gone, { dollars: 10, at: at(day) }));
      await tell(shop, ...sales, ...sales.map((sale, index) => named(sale, kept, 5 + index)));
      await deliver(shop, 'customers/merge', mergeBody(gone, kept));
      const merging = drain(shop);
      for (const sale of sales)
        await deliver(shop, 'refunds/create', {
          id: Math.floor(Math.random() * 1e12), order_id: sale['id'], created_at: at(8), refund_line_items: [], order_adjustments: [],
          refund_shipping_lines: [], transactions: [{ kind: 'refund', status: 'success', amount: '1.00', currency: 'USD' }],
        }, randomUUID()); // prettier-ignore
      await Promise.all([merging, drain(shop), drain(shop)]);
      await drain(shop);
      expect(await pointsOfEach(members)).toEqual([0, 27]);
    }
    // The server counts them a moment later.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await deadlocks()) - before).toBe(0);
  });
});
