/** What stands against a reward: the same for the catalogue that is shown and the reservation that is made. */
import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { commitReservation } from '#app/flows/members/commit-reservation.ts';
import { releaseReservation } from '#app/flows/members/release-reservation.ts';
import { reserveReward } from '#app/flows/members/reserve-reward.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { rewardsFor } from '#app/queries/rewards-for-member.ts';
import { balancesOf, makeMember, makeShop } from '#test/support/factories.ts';
import {
  gatedRewards,
  gatedTiers,
  give,
  mustReserve,
  mustSpend,
  programWith,
  refusalReason,
  requestOf,
  rewardOf,
  sale,
  tell,
} from '#test/support/rewards.ts';
import { setRewardStage } from '#test/support/reward-stage.ts';
import { setClock } from '#test/support/sales.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

const stage = setRewardStage(programWith(gatedRewards, { tiers: gatedTiers }));
const { ask } = stage;
const release = (reservationId: string, where = stage.shop) =>
  releaseReservation({ shopId: where.shopId, reservationId, actor: 'staff:1' });

describe('the gates', () => {
  const listed = async (channel: 'pos' | 'online' = 'pos', locationId: string | null = '7') => {
    const offers = await rewardsFor(stage.shop.shopId, stage.memberId, { channel, locationId, at: new Date() });
    return Object.fromEntries(offers.map((offer) => [offer.rewardId, offer.reason]));
  };

  it('show and refuse the same', async () => {
    setClock('2027-08-01T00:00:00Z');
    await give(stage.shop.shopId, stage.memberId, 'points', 250);
    const offers = await rewardsFor(stage.shop.shopId, stage.memberId, {
      channel: 'pos',
      locationId: '7',
      at: new Date('2027-08-01'),
    });
    expect(offers.map((offer) => offer.rewardId)).toEqual(gatedRewards.map((reward) => reward.id));
    for (const offer of offers) {
      expect(offer.isAvailable).toBe(offer.reason === null);
      const asked = ask(offer.rewardId);
      expect([offer.rewardId, await refusalReason(asked)]).toEqual([offer.rewardId, offer.reason]);
      if (offer.isAvailable) {
        const again = await reserveReward(asked);
        if (again.kind === 'reserved') await release(again.reservationId);
      }
    }
    expect(offers.find((offer) => offer.rewardId === 'coffee')).toMatchObject({ isAvailable: true, timesReady: 2 });
  });

  it('keep to the channel and the place', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 250);
    expect(await listed('pos', '7')).toMatchObject({ online: 'channel', harbour: null });
    expect(await listed('online', null)).toMatchObject({ online: null, harbour: 'channel' });
  });

  it('open and close with the window, and with the life of the program', async () => {
    setClock('2027-05-31T23:59:50Z');
    await give(stage.shop.shopId, stage.memberId, 'points', 250);
    expect(await refusalReason(ask('summer'))).toBe('not-now');
    setClock('2027-06-01T00:00:00Z');
    expect(await refusalReason(ask('summer'))).toBeNull();
    setClock('2027-07-01T00:00:00Z');
    expect(await refusalReason(ask('summer'))).toBe('not-now');
    await stage.system.sql("update program set state = 'ended' where shop_id = $1", [stage.shop.shopId]);
    expect(await refusalReason(ask('coffee'))).toBe('not-now');
    await stage.system.sql("update program set state = 'live' where shop_id = $1", [stage.shop.shopId]);
    expect(await refusalReason(ask('coffee'))).toBeNull();
  });

  it('ask for the tier the member has by then', async () => {
    const at = (day: number) => `2026-05-0${day}T10:00:00Z`;
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '10.00', at(1)));
    expect(await refusalReason(ask('golden'))).toBe('tier');
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '10.00', at(2)));
    expect(await refusalReason(ask('golden'))).toBeNull();
  });

  it('stop a frozen member at once, and an unknown reward and an erased member for good', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 250);
    const { reservationId } = await mustReserve(ask('harbour'));
    await stage.system.sql("update member set state = 'frozen' where id = $1", [stage.memberId]);
    expect(await refusalReason(ask('coffee'))).toBe('frozen');
    const commit = { shopId: stage.shop.shopId, reservationId, orderId: null, actor: 'staff:1' };
    expect(await commitReservation(commit)).toMatchObject({ kind: 'refused', reason: 'frozen' });
    expect(await balancesOf(stage.system, stage.memberId)).toMatchObject({ points: 250 });
    await stage.system.sql("update member set state = 'active' where id = $1", [stage.memberId]);
    expect(await refusalReason(ask('nothing'))).toBe('not-offered');
    await stage.system.sql("update member set state = 'erased' where id = $1", [stage.memberId]);
    await expect(reserveReward(ask('coffee'))).rejects.toMatchObject({ code: 'member-not-found' });
  });

  it('count the limits per member: open and spent ones, not released ones', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 500);
    const { reservationId } = await mustReserve(ask('once'));
    expect(await refusalReason(ask('once'))).toBe('limit');
    await release(reservationId);
    await mustSpend(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'once' });
    expect(await refusalReason(ask('once'))).toBe('limit');
    const somebody = await makeMember(stage.shop);
    await give(stage.shop.shopId, somebody.memberId, 'points', 100);
    expect(await refusalReason(ask('once', { memberId: somebody.memberId }))).toBeNull();
  });

  it('count the limits per period in a window that moves, exact to its end', async () => {
    setClock('2027-06-01T12:00:00.000Z');
    await give(stage.shop.shopId, stage.memberId, 'points', 500);
    await mustSpend(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'weekly' });
    setClock('2027-06-03T12:00:00.000Z');
    await mustSpend(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'weekly' });
    expect(await refusalReason(ask('weekly'))).toBe('limit');
    setClock('2027-06-08T11:59:00.000Z');
    expect(await refusalReason(ask('weekly'))).toBe('limit');
    setClock('2027-06-08T12:00:10.000Z');
    expect(await refusalReason(ask('weekly'))).toBeNull();
    expect(await refusalReason(ask('weekly'))).toBe('limit');
  });

  it('count a stock over all members, and what is given back is there again', async () => {
    const small = await makeShop(programWith([rewardOf('mug', { limits: { stock: 2 } })]));
    const members = await Promise.all([makeMember(small), makeMember(small), makeMember(small)]);
    for (const member of members) await give(small.shopId, member.memberId, 'points', 500);
    const of = (index: number) =>
      requestOf(small.shopId, { memberId: members[index]?.memberId ?? '', rewardId: 'mug' });
    const first = await mustReserve(of(0));
    await mustReserve(of(1));
    expect(await refusalReason(of(2))).toBe('stock');
    await release(first.reservationId, small);
    expect(await refusalReason(of(2))).toBeNull();
    expect(await refusalReason(of(0))).toBe('stock');
  });

  it('leave pending points out', async () => {
    const slow = await makeShop(programWith([rewardOf('coffee')], {}, { pending: { until: 'days', days: 3 } }));
    const buyer = await makeMember(slow);
    const soldAt = new Date();
    await tell(slow, 'orders/paid', sale(buyer.customerId, '100.00', soldAt.toISOString()));
    const asked = () => requestOf(slow.shopId, { memberId: buyer.memberId, rewardId: 'coffee' });
    expect(await balancesOf(stage.system, buyer.memberId)).toMatchObject({ points: 100 });
    expect(await refusalReason(asked())).toBe('not-enough');
    setClockOffsetMs(3 * dayMs + minuteMs);
    expect(await refusalReason(asked())).toBeNull();
  });

  it('do not offer what cannot be carried out: other money, and store credit for nobody Shopify knows', async () => {
    const money = await makeShop(
      programWith([
        rewardOf('euros', { benefit: { kind: 'amount-off', amountMinor: 500, currency: 'EUR' } }),
        rewardOf('credit', { benefit: { kind: 'store-credit', amountMinor: 500, currency: 'USD' } }),
      ]),
    );
    const known = await makeMember(money);
    const guest = await makeMember(money);
    await stage.system.sql('update member set shopify_customer_id = null where id = $1', [guest.memberId]);
    const names = async (member: { memberId: string }) =>
      (await rewardsFor(money.shopId, member.memberId, { channel: 'pos', locationId: null, at: new Date() })).map(
        (offer) => offer.rewardId,
      );
    expect(await names(known)).toEqual(['credit']);
    expect(await names(guest)).toEqual([]);
    const asked = requestOf(money.shopId, {
      memberId: guest.memberId,
      rewardId: 'credit',
      idempotencyKey: randomUUID(),
    });
    expect(await refusalReason(asked)).toBe('not-offered');
  });
});
