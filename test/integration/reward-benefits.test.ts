/** Every benefit through the Admin API: given once, taken back where it can be, and never lost when Shopify fails. */

import { describe, expect, it } from 'vitest';

import { expireLots } from '#app/flows/members/expire-lots.ts';
import { releaseDiscount } from '#app/flows/members/release-discount.ts';
import { releaseReservation } from '#app/flows/members/release-reservation.ts';
import { releaseReservations } from '#app/flows/members/release-reservations.ts';
import { reserveReward } from '#app/flows/members/reserve-reward.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { benefitActions, setBenefitStage } from '#test/support/benefit-stage.ts';
import { heldOf, mustReserve, sale, tell } from '#test/support/rewards.ts';
import { cancelled } from '#test/support/sales.ts';

const stage = setBenefitStage();
const { ask, atShopify, job, jobsFor, pointsOf, redeem, undo } = benefitActions(stage);

describe('a benefit that a code carries', () => {
  it('is single-use, for the customer alone, until the reservation ends', async () => {
    const customer = { customers: { add: [`gid://shopify/Customer/${stage.customerId}`] } };
    const expected: Record<string, object> = {
      amount: { customerGets: { value: { discountAmount: { amount: '5.00' } }, items: { all: true } } },
      percent: { customerGets: { value: { percentage: 0.15 } } },
      product: { customerGets: { items: { products: { productsToAdd: ['gid://shopify/Product/7001003'] } } } },
      shipping: { destination: { all: true } },
    };
    for (const [rewardId, input] of Object.entries(expected)) {
      const reserved = await mustReserve(ask(rewardId));
      const discount = atShopify().discounts.find((one) => one.code === reserved.discountCode);
      expect(discount).toMatchObject({
        status: 'ACTIVE',
        kind: rewardId === 'shipping' ? 'DiscountCodeFreeShipping' : 'DiscountCodeBasic',
        input: {
          ...input,
          usageLimit: 1,
          appliesOncePerCustomer: true,
          context: customer,
          endsAt: reserved.expiresAt.toISOString(),
        },
      });
      await releaseReservation({ shopId: stage.shop.shopId, reservationId: reserved.reservationId, actor: 'staff:1' });
    }
    expect(stage.standIn.shopify.adminCalls.flatMap((call) => call.errors)).toEqual([]);
  });

  it('is deactivated on release, and a second release does no harm', async () => {
    const { reservationId, discountCode } = await mustReserve(ask('shipping'));
    const release = () => releaseReservation({ shopId: stage.shop.shopId, reservationId, actor: 'staff:1' });
    expect((await release()).kind).toBe('released');
    expect((await release()).kind).toBe('released');
    expect(await jobsFor('release-discount', reservationId)).toBe(1);
    await releaseDiscount(job(reservationId));
    await releaseDiscount(job(reservationId));
    expect(atShopify().discounts.find((one) => one.code === discountCode)?.status).toBe('EXPIRED');
    expect(await heldOf(stage.system, stage.memberId)).toBe(0);
  });

  it('is deactivated when the sale that carried it is cancelled', async () => {
    const { reservationId, discountCode } = await mustReserve(ask('amount'));
    const order = sale(stage.customerId, '0.50', new Date().toISOString(), {
      discount_codes: [{ code: discountCode }],
    });
    await tell(stage.shop, 'orders/paid', order);
    expect(await pointsOf()).toBe(200);
    await tell(stage.shop, 'orders/cancelled', cancelled(order, new Date(Date.now() + 1_000).toISOString()));
    expect(await pointsOf()).toBe(300);
    await releaseDiscount(job(reservationId));
    expect(atShopify().discounts.find((one) => one.code === discountCode)?.status).toBe('EXPIRED');
  });

  it('is spent from what was good when it was reserved, though that expired before the order was told', async () => {
    const { discountCode } = await mustReserve(ask('amount'));
    const { shopId } = stage.shop;
    await stage.system.sql(`update lot set expires_at = now() + interval '12 minutes' where member_id = $1`, [
      stage.memberId,
    ]);
    setClockOffsetMs(20 * 60_000);
    await releaseReservations({ shopId });
    await expireLots({ shopId });
    expect(await pointsOf()).toBe(0);
    const at = new Date().toISOString();
    await tell(
      stage.shop,
      'orders/paid',
      sale(stage.customerId, '0.50', at, { discount_codes: [{ code: discountCode }] }),
    );
    // As if it had been told before the three hundred were over: a hundred of them are what was spent.
    expect(await pointsOf()).toBe(0);
    const lots = `select remaining::int, consumed::int, expired::int from lot where member_id = $1 and unit = 'points'`;
    expect(await stage.system.sql(lots, [stage.memberId])).toEqual([{ remaining: 0, consumed: 100, expired: 200 }]);
    const entries = `select kind, amount::int, reason from ledger_entry where member_id = $1 and kind <> 'adjustment'
      and kind <> 'accrual' order by id`;
    expect(await stage.system.sql(entries, [stage.memberId])).toMatchObject([
      { kind: 'expiration', amount: -300 },
      { kind: 'redemption', amount: -100 },
      { kind: 'expiration', amount: 100, reason: 'expired-before' },
    ]);
  });

  it('holds nothing when Shopify throttles, fails or refuses, and the same call works later', async () => {
    const asked = ask('amount');
    for (const fault of ['throttledCalls', 'failingCalls'] as const) {
      atShopify().faults[fault] = 10;
      await expect(reserveReward(asked)).rejects.toMatchObject({ code: 'discount-not-made' });
      atShopify().faults[fault] = 0;
      expect(await heldOf(stage.system, stage.memberId)).toBe(0);
    }
    await expect(reserveReward(ask('gone'))).rejects.toMatchObject({ code: 'reward-unavailable' });
    expect(await heldOf(stage.system, stage.memberId)).toBe(0);
    const reserved = await mustReserve(asked);
    expect(
      atShopify()
        .discounts.filter((one) => one.status === 'ACTIVE')
        .map((one) => one.code),
    ).toEqual([reserved.discountCode]);
    expect(await heldOf(stage.system, stage.memberId)).toBe(100);
  });

  it('whose making was not answered is switched off, and the same call makes another', async () => {
    const asked = ask('amount');
    atShopify().faults.lostAnswers = 2;
    await expect(reserveReward(asked)).rejects.toMatchObject({ code: 'discount-not-made' });
    const [lost] = atShopify().discounts;
    const [row] = await stage.system.sql<{ id: string }>('select id from reservation where member_id = $1', [
      stage.memberId,
    ]);
    expect(lost?.status).toBe('ACTIVE');
    await releaseDiscount(job(row?.id ?? ''));
    expect(lost?.status).toBe('EXPIRED');
    const reserved = await mustReserve(asked);
    expect(atShopify().discounts.find((one) => one.status === 'ACTIVE')?.code).toBe(reserved.discountCode);
  });
});

describe('what staff hands over', () => {
  it('asks nothing of Shopify and is taken back within ten minutes', async () => {
    const before = stage.standIn.shopify.adminCalls.length;
    const { reservationId, benefit, discountCode } = await redeem('handed');
    expect([benefit, discountCode]).toEqual([{ state: 'none', giftCardCode: null }, null]);
    expect(await undo(reservationId)).toBe(stage.memberId);
    expect(await pointsOf()).toBe(300);
    expect(stage.standIn.shopify.adminCalls).toHaveLength(before);
    const late = await redeem('handed');
    setClockOffsetMs(11 * 60_000);
    await expect(undo(late.reservationId)).rejects.toMatchObject({ code: 'undo-too-late' });
  });
});
