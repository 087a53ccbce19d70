/** Store credit and gift cards: given exactly once whatever is lost on the way, and taken back while they are there. */
import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { commitReservation } from '#app/flows/members/commit-reservation.ts';
import { giveBenefit } from '#app/flows/members/give-benefit.ts';
import { withdrawBenefit } from '#app/flows/members/withdraw-benefit.ts';
import { moveStoreCredit } from '#test/platform/admin-money.ts';
import { benefitActions, setBenefitStage } from '#test/support/benefit-stage.ts';
import { mustReserve, sale, tell } from '#test/support/rewards.ts';
import { cancelled } from '#test/support/sales.ts';

const stage = setBenefitStage();
const { ask, atShopify, job, jobsFor, pointsOf, redeem, undo } = benefitActions(stage);
const creditOf = () => atShopify().storeCredit.reduce((sum, movement) => sum + movement.amountMinor, 0);
const outcomeOf = async (reservationId: string) =>
  (await stage.system.sql('select state, benefit_state from reservation where id = $1', [reservationId]))[0];
/** A try that went wrong is left alone for a minute; here that minute has passed. */
const letTryGrowOld = () =>
  stage.system.sql("update reservation set benefit_tried_at = benefit_tried_at - interval '61 seconds'");

describe('store credit', () => {
  it('is given once it is spent, and not before', async () => {
    const { reservationId, discountCode } = await mustReserve(ask('credit'));
    expect(discountCode).toBeNull();
    expect(creditOf()).toBe(0);
    const commit = () => commitReservation({ shopId: stage.shop.shopId, reservationId, orderId: null, actor: 'api:1' });
    expect(await commit()).toMatchObject({ kind: 'committed', benefit: { state: 'given' } });
    expect(await commit()).toMatchObject({ kind: 'committed', benefit: { state: 'given' } });
    await giveBenefit(job(reservationId));
    expect(creditOf()).toBe(500);
    expect(atShopify().storeCredit).toMatchObject([{ customerId: Number(stage.customerId), currency: 'USD' }]);
    expect(await pointsOf()).toBe(200);
  });

  it('is given once of ten calls at once', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem('credit', key)));
    expect(new Set(answers.map((answer) => answer.reservationId)).size).toBe(1);
    expect(creditOf()).toBe(500);
    expect(await pointsOf()).toBe(200);
  });

  it.each(['throttledCalls', 'failingCalls'] as const)(
    'is on its way while Shopify has %s, and the job gives it',
    async (fault) => {
      atShopify().faults[fault] = 1;
      const { reservationId, benefit } = await redeem('credit');
      expect(benefit.state).toBe('due');
      expect(await pointsOf()).toBe(200);
      expect(await jobsFor('give-benefit', reservationId)).toBe(1);
      // Too soon: the try might still be under way.
      await expect(giveBenefit(job(reservationId))).rejects.toMatchObject({ code: 'benefit-due' });
      await letTryGrowOld();
      await giveBenefit(job(reservationId));
      expect(creditOf()).toBe(500);
      expect(await outcomeOf(reservationId)).toEqual({ state: 'committed', benefit_state: 'given' });
    },
  );

  it('whose giving was not answered is recognised and not given twice', async () => {
    atShopify().faults.lostAnswers = 1;
    const { reservationId, benefit } = await redeem('credit');
    expect(benefit.state).toBe('due');
    expect(creditOf()).toBe(500);
    await letTryGrowOld();
    await giveBenefit(job(reservationId));
    expect(creditOf()).toBe(500);
    expect(await outcomeOf(reservationId)).toMatchObject({ benefit_state: 'given' });
  });

  it('of two rewards, one answered and one not, is given exactly twice', async () => {
    atShopify().faults.failingCalls = 1;
    const first = await redeem('credit');
    const second = await redeem('credit');
    expect([first.benefit.state, second.benefit.state]).toEqual(['due', 'given']);
    await letTryGrowOld();
    await giveBenefit(job(first.reservationId));
    expect(creditOf()).toBe(1_000);
    expect(await outcomeOf(first.reservationId)).toMatchObject({ benefit_state: 'given' });
  });

  it('that Shopify refuses for good takes the redemption back', async () => {
    const grants = atShopify().grants;
    for (const grant of grants) grant.scopes = grant.scopes.filter((scope) => !scope.includes('store_credit'));
    await expect(redeem('credit')).rejects.toMatchObject({ code: 'reward-unavailable' });
    expect(creditOf()).toBe(0);
    expect(await pointsOf()).toBe(300);
    const [row] = await stage.system.sql<{ id: string }>('select id from reservation where member_id = $1', [
      stage.memberId,
    ]);
    expect(await outcomeOf(row?.id ?? '')).toEqual({ state: 'released', benefit_state: 'refused' });
  });

  it('is taken back with the redemption, once', async () => {
    const { reservationId } = await redeem('credit');
    expect(await undo(reservationId)).toBe(stage.memberId);
    expect(await undo(reservationId)).toBe(stage.memberId);
    expect(creditOf()).toBe(0);
    expect(await pointsOf()).toBe(300);
    expect(await outcomeOf(reservationId)).toEqual({ state: 'released', benefit_state: 'withdrawn' });
  });

  it('that is spent already is not taken back, in words', async () => {
    const { reservationId } = await redeem('credit');
    moveStoreCredit(atShopify(), { customerId: Number(stage.customerId), currency: 'USD', amountMinor: -1 });
    await expect(undo(reservationId)).rejects.toMatchObject({
      code: 'benefit-used',
      publicMessage: expect.stringContaining('used already') as string,
    });
    expect(await pointsOf()).toBe(200);
    expect(await outcomeOf(reservationId)).toEqual({ state: 'committed', benefit_state: 'given' });
  });

  it('whose taking back was not answered is taken back once, by the job', async () => {
    const { reservationId } = await redeem('credit');
    atShopify().faults.lostAnswers = 1;
    await expect(undo(reservationId)).rejects.toMatchObject({ name: 'Unavailable' });
    expect(creditOf()).toBe(0);
    expect(await pointsOf()).toBe(200);
    await expect(undo(reservationId)).rejects.toMatchObject({ code: 'benefit-pending' });
    expect(await jobsFor('withdraw-benefit', reservationId)).toBe(1);
    await letTryGrowOld();
    await withdrawBenefit({ ...job(reservationId), actor: 'staff:1' });
    await withdrawBenefit({ ...job(reservationId), actor: 'staff:1' });
    expect(creditOf()).toBe(0);
    expect(await pointsOf()).toBe(300);
  });

  it('stays with the member when a sale it was spent beside is cancelled', async () => {
    const { reservationId } = await mustReserve(ask('credit'));
    const order = sale(stage.customerId, '0.50', new Date().toISOString());
    const orderId = String(order['id']);
    await commitReservation({ shopId: stage.shop.shopId, reservationId, orderId, actor: 'api:1' });
    await tell(stage.shop, 'orders/cancelled', cancelled(order, new Date().toISOString()));
    expect(creditOf()).toBe(500);
    expect(await pointsOf()).toBe(200);
  });
});

describe('a gift card', () => {
  it('is given once, and its code is told once and never kept', async () => {
    const key = randomUUID();
    const first = await redeem('card', key);
    expect(first.benefit.giftCardCode).toMatch(/^[2-9a-hjkmnp-z]{16}$/);
    expect(atShopify().giftCards).toMatchObject([
      { code: first.benefit.giftCardCode, balanceMinor: 1_000, customerId: Number(stage.customerId), isEnabled: true },
    ]);
    expect((await redeem('card', key)).benefit).toEqual({ state: 'given', giftCardCode: null });
    const kept = await stage.system.sql('select to_jsonb(r)::text as text from reservation r where id = $1', [
      first.reservationId,
    ]);
    expect(String(kept[0]?.['text'])).not.toContain(String(first.benefit.giftCardCode));
  });

  it('whose making was not answered is the same card, and the code is told to who asks next', async () => {
    atShopify().faults.lostAnswers = 2;
    const key = randomUUID();
    const first = await redeem('card', key);
    expect(first.benefit).toEqual({ state: 'due', giftCardCode: null });
    atShopify().faults.lostAnswers = 0;
    await letTryGrowOld();
    await giveBenefit(job(first.reservationId));
    expect(atShopify().giftCards).toHaveLength(1);
    expect((await redeem('card', key)).benefit.giftCardCode).toBe(atShopify().giftCards[0]?.code);
  });

  it('ends with the redemption while nobody has used it, and not after', async () => {
    const unused = await redeem('card');
    await undo(unused.reservationId);
    expect(atShopify().giftCards[0]?.isEnabled).toBe(false);
    expect(await pointsOf()).toBe(300);
    const used = await redeem('card');
    const card = atShopify().giftCards[1];
    if (card !== undefined) card.balanceMinor -= 1;
    await expect(undo(used.reservationId)).rejects.toMatchObject({ code: 'benefit-used' });
    expect(card?.isEnabled).toBe(true);
    expect(await pointsOf()).toBe(200);
  });
});
