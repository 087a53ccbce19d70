/** Every benefit through the Admin API: given once, taken back where it can be, and never lost when Shopify fails. */
import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Reward } from '#app/domain/programs/rewards.ts';
import { redeemReward } from '#app/flows/members/redeem-reward.ts';
import { releaseDiscount } from '#app/flows/members/release-discount.ts';
import { releaseReservation } from '#app/flows/members/release-reservation.ts';
import { reserveReward } from '#app/flows/members/reserve-reward.ts';
import { undoEntry } from '#app/flows/members/undo-entry.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { Shop } from '#test/platform/shopify-shops.ts';
import { authorize, expectBalanced, type StandInShopify, startShopify } from '#test/support/extensions.ts';
import {
  balancesOf,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { give, heldOf, mustReserve, programWith, requestOf, rewardOf, sale, tell } from '#test/support/rewards.ts';
import { cancelled } from '#test/support/sales.ts';

const rewards: Reward[] = [
  rewardOf('amount', { benefit: { kind: 'amount-off', amountMinor: 500, currency: 'USD' } }),
  rewardOf('percent', { benefit: { kind: 'percent-off', percent: 15 } }),
  rewardOf('product', { benefit: { kind: 'free-product', productId: '7001003' } }),
  rewardOf('gone', { benefit: { kind: 'free-product', productId: '404' } }),
  rewardOf('shipping', { benefit: { kind: 'free-shipping' } }),
  rewardOf('credit', { benefit: { kind: 'store-credit', amountMinor: 500, currency: 'USD' } }),
  rewardOf('card', { benefit: { kind: 'gift-card', amountMinor: 1_000, currency: 'USD' } }),
  rewardOf('handed'),
];

let standIn: StandInShopify;
let system: TestSystem;
let shop: TestShop;
let memberId: string;
let customerId: string;

beforeAll(async () => {
  standIn = await startShopify();
  system = await openTestSystem('stampwell_worker', 12);
});
afterAll(async () => {
  await system.close();
  await standIn.close();
});
beforeEach(async () => {
  setClockOffsetMs(0);
  shop = await makeShop(programWith(rewards));
  await authorize(standIn.shopify, shop);
  ({ memberId, customerId } = await makeMember(shop));
  const id = Number(customerId);
  atShopify().customers.set(id, { id, email: 'a@example.com', firstName: 'A', lastName: 'B', phone: null });
  await give(shop.shopId, memberId, 'points', 300);
});
afterEach(() => expectBalanced(shop.shopId));

const atShopify = (): Shop => standIn.shopify.shop(shop.domain);
const pointsOf = async () => (await balancesOf(system, memberId))['points'];
const ask = (rewardId: string) => requestOf(shop.shopId, { memberId, rewardId });
const claim = { locationId: '7', staffMemberId: '5', deviceId: null };
const redeem = (rewardId: string, idempotencyKey: string = randomUUID()) =>
  redeemReward({ shopId: shop.shopId, memberId, rewardId, idempotencyKey, actor: 'staff:1', claim, approvedBy: null });
const undo = (reservationId: string) =>
  undoEntry({ shopId: shop.shopId, target: { reservationId }, idempotencyKey: randomUUID(), actor: 'staff:1', claim });
const job = (reservationId: string) => ({ shopId: shop.shopId, reservationId });
const jobsFor = async (name: string, reservationId: string) =>
  (await system.sql("select 1 from outbox where job = $1 and payload->>'reservationId' = $2", [name, reservationId]))
    .length;

describe('a benefit that a code carries', () => {
  it('is single-use, for the customer alone, until the reservation ends', async () => {
    const customer = { customers: { add: [`gid://shopify/Customer/${customerId}`] } };
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
      await releaseReservation({ shopId: shop.shopId, reservationId: reserved.reservationId, actor: 'staff:1' });
    }
    expect(standIn.shopify.adminCalls.flatMap((call) => call.errors)).toEqual([]);
  });

  it('is deactivated on release, and a second release does no harm', async () => {
    const { reservationId, discountCode } = await mustReserve(ask('shipping'));
    const release = () => releaseReservation({ shopId: shop.shopId, reservationId, actor: 'staff:1' });
    expect((await release()).kind).toBe('released');
    expect((await release()).kind).toBe('released');
    expect(await jobsFor('release-discount', reservationId)).toBe(1);
    await releaseDiscount(job(reservationId));
    await releaseDiscount(job(reservationId));
    expect(atShopify().discounts.find((one) => one.code === discountCode)?.status).toBe('EXPIRED');
    expect(await heldOf(system, memberId)).toBe(0);
  });

  it('is deactivated when the sale that carried it is cancelled', async () => {
    const { reservationId, discountCode } = await mustReserve(ask('amount'));
    const order = sale(customerId, '0.50', new Date().toISOString(), { discount_codes: [{ code: discountCode }] });
    await tell(shop, 'orders/paid', order);
    expect(await pointsOf()).toBe(200);
    await tell(shop, 'orders/cancelled', cancelled(order, new Date(Date.now() + 1_000).toISOString()));
    expect(await pointsOf()).toBe(300);
    await releaseDiscount(job(reservationId));
    expect(atShopify().discounts.find((one) => one.code === discountCode)?.status).toBe('EXPIRED');
  });

  it('holds nothing when Shopify throttles, fails or refuses, and the same call works later', async () => {
    const asked = ask('amount');
    for (const fault of ['throttledCalls', 'failingCalls'] as const) {
      atShopify().faults[fault] = 10;
      await expect(reserveReward(asked)).rejects.toMatchObject({ code: 'discount-not-made' });
      atShopify().faults[fault] = 0;
      expect(await heldOf(system, memberId)).toBe(0);
    }
    await expect(reserveReward(ask('gone'))).rejects.toMatchObject({ code: 'reward-unavailable' });
    expect(await heldOf(system, memberId)).toBe(0);
    const reserved = await mustReserve(asked);
    expect(
      atShopify()
        .discounts.filter((one) => one.status === 'ACTIVE')
        .map((one) => one.code),
    ).toEqual([reserved.discountCode]);
    expect(await heldOf(system, memberId)).toBe(100);
  });

  it('whose making was not answered is switched off, and the same call makes another', async () => {
    const asked = ask('amount');
    atShopify().faults.lostAnswers = 2;
    await expect(reserveReward(asked)).rejects.toMatchObject({ code: 'discount-not-made' });
    const [lost] = atShopify().discounts;
    const [row] = await system.sql<{ id: string }>('select id from reservation where member_id = $1', [memberId]);
    expect(lost?.status).toBe('ACTIVE');
    await releaseDiscount(job(row?.id ?? ''));
    expect(lost?.status).toBe('EXPIRED');
    const reserved = await mustReserve(asked);
    expect(atShopify().discounts.find((one) => one.status === 'ACTIVE')?.code).toBe(reserved.discountCode);
  });
});

describe('what staff hands over', () => {
  it('asks nothing of Shopify and is taken back within ten minutes', async () => {
    const before = standIn.shopify.adminCalls.length;
    const { reservationId, benefit, discountCode } = await redeem('handed');
    expect([benefit, discountCode]).toEqual([{ state: 'none', giftCardCode: null }, null]);
    expect(await undo(reservationId)).toBe(memberId);
    expect(await pointsOf()).toBe(300);
    expect(standIn.shopify.adminCalls).toHaveLength(before);
    const late = await redeem('handed');
    setClockOffsetMs(11 * 60_000);
    await expect(undo(late.reservationId)).rejects.toMatchObject({ code: 'undo-too-late' });
  });
});
