import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { plainProgram } from '#app/domain/programs/plain-program.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { NotFound } from '#app/lib/errors.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { cardPage } from '#app/queries/card-page.ts';
import { memberDetail } from '#app/queries/member-detail.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { openIncident } from '#app/flows/security/open-incident.ts';
import { commitReservation } from '#app/flows/members/commit-reservation.ts';
import {
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { mustReserve, programWith, requestOf, rewardOf } from '#test/support/rewards.ts';
import { cancelled, refund, saleOf, setClock, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

const tiers: ProgramDocument['tiers'] = {
  qualifiesBy: { kind: 'spend' },
  window: { kind: 'lifetime' },
  graceDays: 0,
  levels: [
    { id: 'silver', name: 'Silver', threshold: 5_000 },
    { id: 'gold', name: 'Gold', threshold: 20_000, multiplier: { times: 2, over: 1 } },
  ],
};

async function pointStories(shop: TestShop, memberId: string) {
  const { entries } = await memberDetail(shop.shopId, memberId, {});
  return entries
    .filter(({ unit }) => unit === 'points')
    .map(({ title, amount, balance }) => ({ title, amount, balance }));
}

describe('why a member has so many', () => {
  it('tells each refund apart, with what the order gave before and gives now', async () => {
    const shop = await makeShop();
    const { memberId, customerId } = await makeMember(shop);
    setClock('2027-01-05T09:00:10Z');
    const order = saleOf(customerId, { dollars: 60, at: '2027-01-05T09:00:00Z' });
    await tell(shop, order);
    setClock('2027-01-06T09:00:10Z');
    await refund(shop, order, { dollars: 20, at: '2027-01-06T09:00:00Z' });
    setClock('2027-01-07T09:00:10Z');
    await refund(shop, order, { dollars: 15, at: '2027-01-07T09:00:00Z' });
    setClock('2027-01-08T09:00:10Z');
    await tell(shop, cancelled(order, '2027-01-08T09:00:00Z'));
    expect(await pointStories(shop, memberId)).toEqual([
      { title: 'Cancellation of order #1001', amount: -25, balance: { before: 25, target: 0 } },
      { title: 'Refund of $15.00 on order #1001', amount: -15, balance: { before: 40, target: 25 } },
      { title: 'Refund of $20.00 on order #1001', amount: -20, balance: { before: 60, target: 40 } },
      { title: 'Earned by order #1001', amount: 60, balance: { before: 0, target: 60 } },
    ]);
  });

  it('explains each part by the rules that the order is pinned to', async () => {
    const shop = await makeShop(makeDocument({ tiers }));
    const { memberId, customerId } = await makeMember(shop);
    await tell(shop, saleOf(customerId, { dollars: 200, at: '2027-01-05T09:00:00Z' }));
    await tell(shop, saleOf(customerId, { dollars: 10, at: '2027-01-06T09:00:00Z' }));
    const { entries } = await memberDetail(shop.shopId, memberId, {});
    const newest = entries.find(({ unit }) => unit === 'points');
    expect(newest?.parts).toEqual([
      {
        label: 'Points for what is spent',
        lineId: expect.any(String) as string,
        line: 'line 1, one item',
        eligible: '$10.00',
        notes: ['× 2 by “Gold”'],
        amount: 20,
      },
    ]);
  });

  it('tells a reward that was used, and what was written off', async () => {
    const shop = await makeShop(
      programWith([rewardOf('tea')], {}, { debtPolicy: 'write-off', spendingReturns: 'never' }),
    );
    const { memberId, customerId } = await makeMember(shop);
    const order = saleOf(customerId, { dollars: 100, at: '2027-01-05T09:00:00Z' });
    await tell(shop, order);
    setClock('2027-01-05T10:00:00Z');
    const { reservationId } = await mustReserve(requestOf(shop.shopId, { memberId, rewardId: 'tea' }));
    await commitReservation({ shopId: shop.shopId, reservationId, orderId: null, actor: 'staff:1' });
    await refund(shop, order, { dollars: 100, at: '2027-01-06T09:00:00Z' });
    const titles = (await pointStories(shop, memberId)).map(({ title }) => title);
    expect(titles).toContain('Reward used: Reward tea');
    expect(titles).toContain('Written off: it had been spent before it was taken back');
  });
});

describe('where a member stands', () => {
  it('shows what can be spent, the card, the tier and the way to the next', async () => {
    const shop = await makeShop(
      makeDocument({ tiers, settings: { ...plainProgram.settings, pending: { until: 'days', days: 10 } } }),
    );
    const { memberId, customerId } = await makeMember(shop);
    await tell(shop, saleOf(customerId, { dollars: 60, at: '2027-01-05T09:00:00Z' }));
    setClock('2027-01-06T09:00:00Z');
    const { standing } = await memberDetail(shop.shopId, memberId, {});
    expect(standing.units).toEqual([
      expect.objectContaining({ unit: 'points', balance: 60, available: 0, pending: 60, collected: 60, card: null }),
      expect.objectContaining({ unit: 'stamps', balance: 1, card: { needed: 10, cards: 0, onCard: 1 } }),
    ]);
    expect(standing.tier).toMatchObject({
      name: 'Silver',
      progress: 6_000,
      next: { name: 'Gold', missing: 14_000 },
      level: { from: 5_000, to: 20_000 },
      qualifiesBy: { kind: 'spend' },
    });
    expect(standing.rewards).toContainEqual(
      expect.objectContaining({ rewardId: 'coffee', isAvailable: false, reason: 'not-enough' }),
    );
  });

  it('is nobody else’s to see', async () => {
    const shop = await makeShop();
    const other = await makeShop();
    const { memberId } = await makeMember(shop);
    await expect(memberDetail(other.shopId, memberId, {})).rejects.toThrow(NotFound);
  });
});

describe('what happened', () => {
  it('is told to the merchant day by day, with what a refund took back and what waits for somebody', async () => {
    const shop = await makeShop();
    const { customerId } = await makeMember(shop);
    setClock('2027-01-05T09:00:10Z');
    const order = saleOf(customerId, { dollars: 60, at: '2027-01-05T09:00:00Z' });
    await tell(shop, order);
    setClock('2027-01-06T09:00:10Z');
    await refund(shop, order, { dollars: 20, at: '2027-01-06T09:00:00Z' });
    await openIncident({ shopId: shop.shopId, actor: 'staff:1', severity: 'low', description: 'A till was left open' });
    const { series, attention } = await shopOverview(shop.shopId);
    expect(series.slice(-2)).toMatchObject([
      { day: '2027-01-05', stamps: 1, points: 60, rewards: 0 },
      { day: '2027-01-06', stamps: 0, points: -20, rewards: 0 },
    ]);
    expect(attention.openIncidents).toBe(1);
  });

  it('is told to the member order by order, in their language, one stamp being no stamps', async () => {
    const shop = await makeShop();
    const { memberId, customerId, cardUrl } = await makeMember(shop);
    await system.sql(`update member set locale = 'de' where id = $1`, [memberId]);
    await tell(shop, saleOf(customerId, { dollars: 60, at: '2027-01-05T09:00:00Z' }));
    const { activity } = await cardPage(cardUrl.split('/').at(-1) ?? '');
    expect(activity).toHaveLength(1);
    expect(activity[0]?.words.toSorted()).toEqual(['+1 Stempel', '+60 Punkte']);
  });
});
