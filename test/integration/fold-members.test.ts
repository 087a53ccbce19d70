import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { readAvailability } from '#app/data/ledger/availability.ts';
import { readHistory } from '#app/data/ledger/history.ts';
import { findMemberByCard, readMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { tierAt } from '#app/domain/earning/tiers.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { recordMemberEvent } from '#app/flows/members/record-event.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
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
import { refund, saleOf, setClock, tell } from '#test/support/sales.ts';
import { mergeBody } from '#test/support/merging.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

type Person = Awaited<ReturnType<typeof makeMember>>;

const merge = async (shop: TestShop, gone: string, kept: string) => {
  await deliver(shop, 'customers/merge', mergeBody(gone, kept));
  await drain(shop);
};
const expectSound = async (shop: TestShop) =>
  expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);
const spend = (shop: TestShop, memberId: string, amount: number) =>
  adjustBalance({
    shopId: shop.shopId, memberId, unit: 'points', amount, reason: 'by hand', actor: 'test', source: 'staff',
    idempotencyKey: `${memberId}/${amount}`,
  }); // prettier-ignore
const mergeEntries = (memberId: string) =>
  system.sql(
    `select unit, kind, amount::int from ledger_entry where member_id = $1 and source = 'merge' order by unit, id`,
    [memberId],
  );

async function makePair(shop: TestShop): Promise<{ gone: Person; kept: Person }> {
  const [gone, kept] = [await makeMember(shop, { name: 'Robin' }), await makeMember(shop)];
  return { gone, kept };
}

describe('two customers that Shopify made one', () => {
  it('become one member with everything both had, and told again nothing changes', async () => {
    const shop = await makeShop();
    const { gone, kept } = await makePair(shop);
    const order = saleOf(gone.customerId, { dollars: 30, at: '2026-03-01T09:00:00Z' });
    await tell(shop, order, saleOf(kept.customerId, { dollars: 12, at: '2026-03-02T09:00:00Z' }));
    await merge(shop, gone.customerId, kept.customerId);
    expect(await balancesOf(system, kept.memberId)).toEqual({ points: 42, stamps: 2 });
    expect(await balancesOf(system, gone.memberId)).toEqual({ points: 0, stamps: 0 });
    expect(await mergeEntries(gone.memberId)).toEqual([
      { unit: 'points', kind: 'adjustment', amount: -30 },
      { unit: 'stamps', kind: 'adjustment', amount: -1 },
    ]);
    await merge(shop, gone.customerId, kept.customerId);
    await Promise.all([merge(shop, gone.customerId, kept.customerId), merge(shop, gone.customerId, kept.customerId)]);
    expect(await balancesOf(system, kept.memberId)).toEqual({ points: 42, stamps: 2 });
    expect(await mergeEntries(kept.memberId)).toHaveLength(2);
    // What comes of the folded one's orders from now on is the other's.
    await refund(shop, order, { dollars: 30, at: '2026-03-05T09:00:00Z' });
    expect(await balancesOf(system, kept.memberId)).toEqual({ points: 12, stamps: 1 });
    await expectSound(shop);
  });

  it('find each other by every name they had: id, card, customer and address', async () => {
    const shop = await makeShop();
    const { gone, kept } = await makePair(shop);
    const [card] = await system.sql<{ card_id: string }>('select card_id from member where id = $1', [gone.memberId]);
    await merge(shop, gone.customerId, kept.customerId);
    const member = await withShop(shop.shopId, (tx) => readMember(tx, gone.memberId));
    expect(member.memberId).toBe(kept.memberId);
    const holder = await withShop(shop.shopId, (tx) => findMemberByCard(tx, card?.card_id ?? ''));
    expect(holder?.memberId).toBe(kept.memberId);
    await tell(shop, saleOf(gone.customerId, { dollars: 5, at: '2026-03-02T09:00:00Z' }));
    expect((await balancesOf(system, kept.memberId))['points']).toBe(5);
    const again = await makeMember(shop, {
      shopifyCustomerId: gone.customerId,
      email: `x-${gone.customerId}@example.com`,
    });
    expect(again.memberId).toBe(kept.memberId);
    const states = await system.sql(`select member_id, state from pass where shop_id = $1 and wallet = 'apple'`, [
      shop.shopId,
    ]);
    expect(states).toEqual(
      expect.arrayContaining([
        { member_id: gone.memberId, state: 'void' },
        { member_id: kept.memberId, state: 'active' },
      ]),
    );
    expect(await spend(shop, gone.memberId, 7)).toMatchObject({ kind: 'posted', balance: 12 });
  });

  it('carry what they collected and spent apart, and what was held', async () => {
    const shop = await makeShop();
    const { gone, kept } = await makePair(shop);
    await tell(shop, saleOf(gone.customerId, { dollars: 30, at: '2026-03-01T09:00:00Z' }));
    const plant = (text: string) => system.sql(text, [shop.shopId, gone.memberId]);
    await plant(
      `insert into ledger_entry (shop_id, member_id, unit, kind, amount, source, source_key, actor, occurred_at, booked_at)
       values ($1, $2, 'points', 'redemption', -10, 'reward', 'spent', 'test', now(), now())`,
    );
    await plant(
      `update balance set amount = 20, spent = 10, held = 5 where shop_id = $1 and member_id = $2 and unit = 'points'`,
    );
    await plant(
      `update lot set remaining = 20, consumed = 10 where shop_id = $1 and member_id = $2 and unit = 'points'`,
    );
    await plant(
      `insert into reservation (shop_id, id, member_id, program_id, reward_id, unit, cost, state, channel, idempotency_key,
         inputs_hash, created_at, expires_at)
       select $1, gen_random_uuid(), id, program_id, 'coffee', 'points', 5, 'reserved', 'pos', 'held', '\\x00', now(), now()
       from member where id = $2`,
    );
    await merge(shop, gone.customerId, kept.customerId);
    const points = (await withShop(shop.shopId, (tx) => readAvailability(tx, kept.memberId))).get('points');
    expect(points).toMatchObject({ balance: 20, held: 5, available: 15, collected: 30 });
    await expectSound(shop);
  });

  it('settle a debt of the one with what the other has', async () => {
    const shop = await makeShop();
    const { gone, kept } = await makePair(shop);
    const order = saleOf(gone.customerId, { dollars: 30, at: '2026-03-01T09:00:00Z' });
    await tell(shop, order, saleOf(kept.customerId, { dollars: 50, at: '2026-03-02T09:00:00Z' }));
    await spend(shop, gone.memberId, -30);
    await refund(shop, order, { dollars: 30, at: '2026-03-05T09:00:00Z' });
    expect((await balancesOf(system, gone.memberId))['points']).toBe(-30);
    await merge(shop, gone.customerId, kept.customerId);
    expect((await balancesOf(system, kept.memberId))['points']).toBe(20);
    await expectSound(shop);
  });

  it('lose nothing by rules that look back: each sale counts by how its own member stood', async () => {
    const [rule] = makeDocument().earnRules;
    if (rule === undefined) throw new Error('the sample program has no rule');
    const document = makeDocument({ earnRules: [{ ...rule, caps: { perMember: 50 } }] });
    const shop = await makeShop(document);
    const { gone, kept } = await makePair(shop);
    setClock('2026-03-10T09:00:00Z');
    const first = saleOf(gone.customerId, { dollars: 40, at: '2026-03-01T09:00:00Z' });
    const second = saleOf(kept.customerId, { dollars: 40, at: '2026-03-02T09:00:00Z' });
    await tell(shop, first, second);
    await merge(shop, gone.customerId, kept.customerId);
    await tell(
      shop,
      { ...second, updated_at: '2026-03-11T09:00:00Z' },
      { ...first, updated_at: '2026-03-11T09:00:00Z' },
    );
    expect((await balancesOf(system, kept.memberId))['points']).toBe(80);
    // Together they are past what one member may have; what is bought from now on brings no more.
    setClock('2026-03-12T10:00:00Z');
    await tell(shop, saleOf(kept.customerId, { dollars: 40, at: '2026-03-12T09:00:00Z' }));
    expect((await balancesOf(system, kept.memberId))['points']).toBe(80);
    // A sale of before that is told late counts with its own member's.
    await tell(shop, saleOf(gone.customerId, { dollars: 40, at: '2026-03-03T09:00:00Z' }));
    expect((await balancesOf(system, kept.memberId))['points']).toBe(90);
    await expectSound(shop);
  });

  describe('under a welcome, a cap for each member and a tier', () => {
    /** At most 50 points for what is spent and 30 for the first order; five stamps a visit from 150 points on. */
    const welcoming = () => {
      const [rule] = makeDocument().earnRules;
      if (rule === undefined) throw new Error('the sample program has no rule');
      return makeDocument({
        earnRules: [
          { ...rule, caps: { perMember: 50 } },
          { kind: 'visit', id: 'welcome', unit: 'points', amount: 30, conditions: { firstOrder: true } },
          { kind: 'visit', id: 'gold-visit', unit: 'stamps', amount: 5, conditions: { tierIds: ['gold'] } },
        ],
        tiers: {
          qualifiesBy: { kind: 'unit', unit: 'points' },
          window: { kind: 'lifetime' },
          graceDays: 0,
          levels: [{ id: 'gold', name: 'Gold', threshold: 150 }],
        },
      });
    };
    const bookedOf = async (memberId: string) =>
      (
        await system.sql<{ booked: unknown }>(
          'select booked from order_state where member_id = $1 order by processed_at, order_id',
          [memberId],
        )
      ).map((row) => row.booked);
    const at = (day: string) => `2026-03-${day}T09:00:00Z`;
    const tierOf = async (shop: TestShop, memberId: Person['memberId'], asked: string) => {
      const history = await withShop(shop.shopId, (tx) => readHistory(tx, memberId));
      return tierAt(history, { at: new Date(asked), document: welcoming(), timeZone: 'UTC' });
    };
    /** Each of the two bought for 60 dollars before they were folded on 10 March. */
    const makeFolded = async (shop: TestShop) => {
      const pair = await makePair(shop);
      setClock(at('10'));
      const first = saleOf(pair.gone.customerId, { dollars: 60, at: at('02') });
      await tell(shop, first, saleOf(pair.kept.customerId, { dollars: 60, at: at('03') }));
      await merge(shop, pair.gone.customerId, pair.kept.customerId);
      setClock(at('20'));
      return { ...pair, first };
    };

    it('what both earned counts in full for the tier of later sales, which are nobody’s first', async () => {
      const shop = await makeShop(welcoming());
      const { kept } = await makeFolded(shop);
      expect(await tierOf(shop, kept.memberId, at('12'))).toMatchObject({ tierId: 'gold', progress: 160 });
      await tell(shop, saleOf(kept.customerId, { dollars: 10, at: at('13') }));
      expect(await bookedOf(kept.memberId)).toEqual([{ points: 80 }, { points: 80 }, { stamps: 5 }]);
      await expectSound(shop);
    });

    it('a late refund takes back what that sale earned, and nothing of any other', async () => {
      const shop = await makeShop(welcoming());
      const { kept, first } = await makeFolded(shop);
      await tell(shop, saleOf(kept.customerId, { dollars: 10, at: at('13') }));
      await refund(shop, first, { dollars: 60, at: at('14') });
      expect(await bookedOf(kept.memberId)).toEqual([{ points: 0 }, { points: 80 }, { stamps: 5 }]);
      // A tier that was reached is held; the other account's points are past the cap, and its order is still standing.
      await tell(shop, saleOf(kept.customerId, { dollars: 10, at: at('15') }));
      expect((await bookedOf(kept.memberId)).at(-1)).toEqual({ stamps: 5 });
      expect(await tierOf(shop, kept.memberId, at('16'))).toMatchObject({ tierId: 'gold', progress: 80 });
      await expectSound(shop);
    });

    it('an older sale of the folded one ends the same whether it is told before or after', async () => {
      const results: unknown[] = [];
      for (const isLate of [false, true]) {
        const shop = await makeShop(welcoming());
        const { gone, kept } = await makePair(shop);
        setClock(at('10'));
        const oldest = saleOf(gone.customerId, { dollars: 20, at: at('01') });
        await tell(
          shop,
          saleOf(gone.customerId, { dollars: 60, at: at('02') }),
          saleOf(kept.customerId, { dollars: 60, at: at('03') }),
          ...(isLate ? [] : [oldest]),
        );
        await merge(shop, gone.customerId, kept.customerId);
        setClock(at('20'));
        await tell(shop, saleOf(kept.customerId, { dollars: 10, at: at('13') }));
        if (isLate) await tell(shop, oldest);
        results.push(await bookedOf(kept.memberId));
        await expectSound(shop);
      }
      const expected = [{ points: 50 }, { points: 30 }, { points: 80 }, { stamps: 5 }];
      expect(results).toEqual([expected, expected]);
    });
  });

  it('keep their events, whose keys may be the same', async () => {
    const shop = await makeShop(
      makeDocument({
        earnRules: [{ kind: 'event', id: 'joined', event: 'sign-up', unit: 'points', amount: 5, conditions: {} }],
      }),
    );
    const { gone, kept } = await makePair(shop);
    const tellReview = (memberId: string) =>
      recordMemberEvent({
        shopId: shop.shopId, memberId, kind: 'review', name: null, eventKey: 'r', occurredAt: new Date(), actor: 'api:test',
      }); // prettier-ignore
    await tellReview(gone.memberId);
    await tellReview(kept.memberId);
    await merge(shop, gone.customerId, kept.customerId);
    expect((await balancesOf(system, kept.memberId))['points']).toBe(10);
    expect(await tellReview(gone.memberId)).toMatchObject({ kind: 'repeated', memberId: kept.memberId });
    await expectSound(shop);
  });

  it('follow one another, in whatever order they are told', async () => {
    for (const isLate of [false, true]) {
      const shop = await makeShop();
      const [one, two, three] = [await makeMember(shop), await makeMember(shop), await makeMember(shop)];
      for (const [index, { customerId }] of [one, two, three].entries())
        await tell(shop, saleOf(customerId, { dollars: 10, at: `2026-03-0${index + 1}T09:00:00Z` }));
      const merges = [
        [one.customerId, two.customerId],
        [two.customerId, three.customerId],
      ] as const;
      for (const [gone, kept] of isLate ? merges.toReversed() : merges) await merge(shop, gone, kept);
      expect((await balancesOf(system, three.memberId))['points']).toBe(30);
      expect((await withShop(shop.shopId, (tx) => readMember(tx, one.memberId))).memberId).toBe(three.memberId);
      await expectSound(shop);
    }
  });

  it('are one also when an order settles at the same moment', async () => {
    const shop = await makeShop();
    for (let round = 0; round < 6; round += 1) {
      const { gone, kept } = await makePair(shop);
      const sales = [1, 2, 3].map((day) => saleOf(gone.customerId, { dollars: 10, at: `2026-03-0${day}T09:00:00Z` }));
      await tell(shop, ...sales.slice(0, 1));
      for (const sale of sales) await deliver(shop, 'orders/paid', sale);
      await Promise.all([drain(shop), merge(shop, gone.customerId, kept.customerId), drain(shop)]);
      await drain(shop);
      expect((await balancesOf(system, kept.memberId))['points']).toBe(30);
    }
    await expectSound(shop);
  });

  it('stay frozen when either was, and touch no member of another shop', async () => {
    const [shop, other] = [await makeShop(), await makeShop()];
    const { gone, kept } = await makePair(shop);
    const theirs = await makeMember(other, { shopifyCustomerId: gone.customerId });
    await tell(other, saleOf(gone.customerId, { dollars: 9, at: '2026-03-01T09:00:00Z' }));
    await system.sql(`update member set state = 'frozen' where id = $1`, [gone.memberId]);
    await merge(shop, gone.customerId, kept.customerId);
    expect((await withShop(shop.shopId, (tx) => readMember(tx, kept.memberId))).state).toBe('frozen');
    expect((await balancesOf(system, theirs.memberId))['points']).toBe(9);
  });
});
