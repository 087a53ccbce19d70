/** Reserving, spending and releasing rewards: idempotency, gates, limits and stock, by the flows themselves. */

import { describe, expect, it } from 'vitest';

import { commitReservation } from '#app/flows/members/commit-reservation.ts';
import { releaseReservation } from '#app/flows/members/release-reservation.ts';
import { releaseReservations } from '#app/flows/members/release-reservations.ts';
import { reserveReward } from '#app/flows/members/reserve-reward.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { rewardsFor } from '#app/queries/rewards-for-member.ts';
import { balancesOf, makeMember, makeShop } from '#test/support/factories.ts';
import {
  gatedRewards,
  gatedTiers,
  give,
  heldOf,
  mustReserve,
  mustSpend,
  programWith,
  refusalReason,
  requestOf,
  sale,
  tell,
} from '#test/support/rewards.ts';
import { setRewardStage } from '#test/support/reward-stage.ts';

const minuteMs = 60_000;

const stage = setRewardStage(programWith(gatedRewards, { tiers: gatedTiers }));
const { ask } = stage;
const commit = (reservationId: string, orderId: string | null = null) =>
  commitReservation({ shopId: stage.shop.shopId, reservationId, orderId, actor: 'staff:1' });
const release = (reservationId: string, where = stage.shop) =>
  releaseReservation({ shopId: where.shopId, reservationId, actor: 'staff:1' });

describe('a reservation', () => {
  it('reduces what is available and not the balance, is spent once, and then is spent for good', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 150);
    const { reservationId } = await mustReserve(ask('coffee'));
    expect(await balancesOf(stage.system, stage.memberId)).toMatchObject({ points: 150 });
    expect(await heldOf(stage.system, stage.memberId)).toBe(100);
    expect(await refusalReason(ask('coffee'))).toBe('not-enough');
    const first = await commit(reservationId);
    expect(first).toMatchObject({ kind: 'committed', benefit: { state: 'none', giftCardCode: null } });
    expect(await commit(reservationId)).toEqual(first);
    expect(await release(reservationId)).toMatchObject({ kind: 'refused' });
    expect(await balancesOf(stage.system, stage.memberId)).toMatchObject({ points: 50 });
    expect(await heldOf(stage.system, stage.memberId)).toBe(0);
  });

  it('is bound to member, reward, channel, cart, place and who served', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 100);
    const { reservationId } = await mustReserve(ask('coffee', { cart: 'till-9/4711', locationId: '12', staff: '5' }));
    const [row] = await stage.system.sql('select * from reservation where id = $1', [reservationId]);
    expect(row).toMatchObject({
      member_id: stage.memberId, reward_id: 'coffee', channel: 'pos', cart: 'till-9/4711', location_id: '12', staff: '5',
      state: 'reserved',
    }); // prettier-ignore
  });

  it('is one for one key, at once and later, and another input under the key is a conflict', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 500);
    const asked = ask('coffee');
    const answers = await Promise.all(Array.from({ length: 10 }, () => reserveReward(asked)));
    expect(new Set(answers.map((answer) => answer.kind === 'reserved' && answer.reservationId)).size).toBe(1);
    expect(await heldOf(stage.system, stage.memberId)).toBe(100);
    const others = [
      { rewardId: 'once' },
      { channel: 'api' as const },
      { cart: 'other' },
      { cart: null },
      { locationId: '8' },
      { memberId: (await makeMember(stage.shop)).memberId },
    ];
    for (const change of others)
      await expect(reserveReward({ ...asked, ...change })).rejects.toMatchObject({ code: 'idempotency-mismatch' });
    const [{ reservationId } = { reservationId: '' }] = answers.flatMap((answer) =>
      answer.kind === 'reserved' ? [answer] : [],
    );
    await commit(reservationId);
    expect(await reserveReward(asked)).toMatchObject({ reservationId, state: 'committed' });
  });

  it('that was refused leaves nothing behind, and its key works once there is enough', async () => {
    const asked = ask('coffee');
    expect(await refusalReason(asked)).toBe('not-enough');
    await give(stage.shop.shopId, stage.memberId, 'points', 100);
    expect(await refusalReason(asked)).toBeNull();
  });

  it('is released by hand once, and twice does no harm', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 100);
    const { reservationId } = await mustReserve(ask('coffee'));
    const answers = await Promise.all([release(reservationId), release(reservationId), release(reservationId)]);
    expect(answers.map((answer) => answer.kind)).toEqual(['released', 'released', 'released']);
    expect(await heldOf(stage.system, stage.memberId)).toBe(0);
    expect(await commit(reservationId)).toMatchObject({ kind: 'refused', reason: 'released' });
  });

  it('ends by itself after ten minutes unless told otherwise, for the next call and for the sweep', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 100);
    const { reservationId, expiresAt } = await mustReserve(ask('coffee'));
    expect(Math.abs(expiresAt.getTime() - Date.now() - 10 * minuteMs)).toBeLessThan(minuteMs);
    setClockOffsetMs(10 * minuteMs + 1_000);
    expect(await commit(reservationId)).toMatchObject({ kind: 'refused', reason: 'expired' });
    expect(await heldOf(stage.system, stage.memberId)).toBe(0);
    await mustReserve(ask('coffee', { holdMinutes: 2 }));
    setClockOffsetMs(13 * minuteMs);
    // Nobody has swept yet: the member's own next call does.
    await mustReserve(ask('coffee', { holdMinutes: 15 }));
    setClockOffsetMs(27 * minuteMs);
    await releaseReservations({ shopId: stage.shop.shopId });
    expect(await heldOf(stage.system, stage.memberId)).toBe(100);
    setClockOffsetMs(29 * minuteMs);
    await releaseReservations({ shopId: stage.shop.shopId });
    expect(await heldOf(stage.system, stage.memberId)).toBe(0);
    for (const holdMinutes of [1, 16])
      await expect(reserveReward(ask('coffee', { holdMinutes }))).rejects.toMatchObject({ code: 'hold-out-of-bounds' });
  });

  it('is carried by one order; the same order again is fine, another is a conflict', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 100);
    const { reservationId } = await mustSpend(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'coffee' });
    expect(await commit(reservationId, '41')).toMatchObject({ kind: 'committed', orderId: '41' });
    expect(await commit(reservationId, '41')).toMatchObject({ kind: 'committed', orderId: '41' });
    await expect(commit(reservationId, '42')).rejects.toMatchObject({ code: 'idempotency-mismatch' });
  });

  it('is spent by the order whose cart names it, and by no note once it was released', async () => {
    await give(stage.shop.shopId, stage.memberId, 'points', 200);
    const noted = (reservationId: string) =>
      sale(stage.customerId, '0.50', new Date().toISOString(), {
        note_attributes: [{ name: '_stampwell_reward', value: reservationId }],
      });
    const spent = await mustReserve(ask('coffee'));
    const order = noted(spent.reservationId);
    await tell(stage.shop, 'orders/paid', order);
    await tell(stage.shop, 'orders/updated', order);
    expect(await balancesOf(stage.system, stage.memberId)).toMatchObject({ points: 100 });
    const given = await mustReserve(ask('coffee'));
    await release(given.reservationId);
    await tell(stage.shop, 'orders/paid', noted(given.reservationId));
    await tell(stage.shop, 'orders/paid', noted('not-an-id'));
    expect(await balancesOf(stage.system, stage.memberId)).toMatchObject({ points: 100 });
  });

  it('and its member are not there for another shop', async () => {
    const other = await makeShop(programWith(gatedRewards));
    await give(stage.shop.shopId, stage.memberId, 'points', 100);
    const { reservationId } = await mustReserve(ask('coffee'));
    const asked = requestOf(other.shopId, { memberId: stage.memberId, rewardId: 'coffee' });
    await expect(reserveReward(asked)).rejects.toMatchObject({ code: 'member-not-found' });
    await expect(rewardsFor(other.shopId, stage.memberId, { channel: 'pos', locationId: null, at: new Date() })).rejects.toMatchObject({ code: 'member-not-found' }); // prettier-ignore
    await expect(release(reservationId, other)).rejects.toMatchObject({ code: 'reservation-not-found' });
    const stolen = { shopId: other.shopId, reservationId, orderId: null, actor: 'staff:1' };
    await expect(commitReservation(stolen)).rejects.toMatchObject({ code: 'reservation-not-found' });
    await expect(commit('nonsense')).rejects.toMatchObject({ code: 'reservation-not-found' });
    expect(await heldOf(stage.system, stage.memberId)).toBe(100);
  });
});
