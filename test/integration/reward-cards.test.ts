/** Rewards that are reached: mid-card, a full card, a collection; and what a refund does that takes their stamps. */
import { describe, expect, it } from 'vitest';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { rewardsFor } from '#app/queries/rewards-for-member.ts';
import { expectBalanced } from '#test/support/extensions.ts';
import { balancesOf, makeMember } from '#test/support/factories.ts';
import { forgivenOf, refusalReason, requestOf, rewardOf, sale, tell } from '#test/support/rewards.ts';
import { setRewardStage } from '#test/support/reward-stage.ts';
import { cancelled } from '#test/support/sales.ts';
import { mergeBody } from '#test/support/merging.ts';

const stage = setRewardStage();
const { open, spend } = stage;
const writtenOff = async () => {
  const [row] = await stage.system.sql<{ lost: string }>(
    "select coalesce(sum(amount), 0) as lost from ledger_entry where member_id = $1 and reason like 'written-off%'",
    [stage.memberId],
  );
  return Number(row?.lost);
};

describe('cards and collections', () => {
  const cookie = rewardOf('cookie', { unit: 'stamps', cost: 0, atStamp: 3 });
  const card = rewardOf('card', { unit: 'stamps', cost: 10 });
  const readyOf = async (rewardId: string) => {
    const offers = await rewardsFor(stage.shop.shopId, stage.memberId, {
      channel: 'pos',
      locationId: '7',
      at: new Date(),
    });
    return offers.find((offer) => offer.rewardId === rewardId)?.timesReady;
  };
  const visit = async (day: number) => {
    const order = sale(stage.customerId, '1.00', `2026-05-${String(day).padStart(2, '0')}T10:00:00Z`);
    await tell(stage.shop, 'orders/paid', order);
    return order;
  };
  const cancel = (order: Record<string, unknown>) =>
    tell(stage.shop, 'orders/cancelled', cancelled(order, '2026-06-01T10:00:00Z'));

  it('give a mid-card reward once per card, and a full card for its stamps', async () => {
    await open({}, [cookie, card]);
    for (const day of [1, 2]) await visit(day);
    expect(await refusalReason(requestOf(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'cookie' }))).toBe(
      'not-enough',
    );
    await visit(3);
    await spend('cookie');
    expect(await refusalReason(requestOf(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'cookie' }))).toBe(
      'not-enough',
    );
    for (let day = 4; day <= 13; day += 1) await visit(day);
    expect(await readyOf('cookie')).toBe(1);
    await spend('card');
    // Spending the card's stamps un-reaches nothing.
    expect(await readyOf('cookie')).toBe(1);
    expect(await balancesOf(stage.system, stage.memberId)).toMatchObject({ stamps: 3 });
    await spend('cookie');
    expect(await readyOf('cookie')).toBe(0);
  });

  it('start below 0 when what was used is un-reached and the program carries', async () => {
    await open({ debtPolicy: 'carry' }, [cookie]);
    const orders = [await visit(1), await visit(2), await visit(3)];
    await spend('cookie');
    await cancel(orders[2] ?? {});
    expect(await readyOf('cookie')).toBe(-1);
    expect(await forgivenOf(stage.system, stage.memberId)).toEqual({});
    await visit(4);
    expect(await readyOf('cookie')).toBe(0);
  });

  it('take an unused reward back without a loss', async () => {
    await open({ debtPolicy: 'write-off' }, [cookie]);
    const orders = [await visit(1), await visit(2), await visit(3)];
    expect(await readyOf('cookie')).toBe(1);
    await cancel(orders[0] ?? {});
    expect(await readyOf('cookie')).toBe(0);
    expect(await forgivenOf(stage.system, stage.memberId)).toEqual({});
  });

  it('record the loss once when the program writes off, and make it good when the reward itself comes back', async () => {
    await open({ debtPolicy: 'write-off' }, [cookie]);
    const orders = [await visit(1), await visit(2), await visit(3)];
    const carrier = sale(stage.customerId, '0.00', '2026-05-05T10:00:00Z');
    await spend('cookie', String(carrier['id']));
    await cancel(orders[2] ?? {});
    await cancel(orders[2] ?? {});
    expect(await forgivenOf(stage.system, stage.memberId)).toEqual({ cookie: 1 });
    expect(await readyOf('cookie')).toBe(0);
    await visit(6);
    expect(await readyOf('cookie')).toBe(1);
    await tell(stage.shop, 'orders/paid', cancelled(carrier, '2026-05-07T10:00:00Z'));
    expect(await forgivenOf(stage.system, stage.memberId)).toEqual({ cookie: 0 });
    expect(await readyOf('cookie')).toBe(1);
  });

  it('record the loss of who loses the stamps because the order is another customer’s', async () => {
    await open({ debtPolicy: 'write-off' }, [cookie]);
    const other = await makeMember(stage.shop);
    const orders = [await visit(1), await visit(2), await visit(3)];
    await spend('cookie');
    const theirs = { ...orders[2], customer: { id: Number(other.customerId) }, updated_at: '2026-06-01T10:00:00Z' };
    await tell(stage.shop, 'orders/updated', theirs);
    expect(await forgivenOf(stage.system, stage.memberId)).toEqual({ cookie: 1 });
    await visit(4);
    expect(await readyOf('cookie')).toBe(1);
    stage.become(other);
    expect([await readyOf('cookie'), await balancesOf(stage.system, other.memberId)]).toMatchObject([0, { stamps: 1 }]);
  });

  it('owe stamps of a full card that was spent, or write them off', async () => {
    await open({ debtPolicy: 'carry' }, [{ ...card, cost: 2 }]);
    const carried = [await visit(1), await visit(2)];
    await spend('card');
    await cancel(carried[0] ?? {});
    expect(await balancesOf(stage.system, stage.memberId)).toMatchObject({ stamps: -1 });
    await expectBalanced(stage.shop.shopId);
    await open({ debtPolicy: 'write-off' }, [{ ...card, cost: 2 }]);
    const forgiven = [await visit(1), await visit(2)];
    await spend('card');
    await cancel(forgiven[0] ?? {});
    expect(await balancesOf(stage.system, stage.memberId)).toMatchObject({ stamps: 0 });
    expect(await writtenOff()).toBe(1);
  });

  it('stay what they were when two members become one', async () => {
    await open({}, [cookie, rewardOf('pair', { unit: 'stamps', cost: 2 })]);
    const other = await makeMember(stage.shop);
    for (const day of [1, 2, 3]) await visit(day);
    await spend('cookie');
    await spend('pair');
    const theirs = sale(other.customerId, '1.00', '2026-05-04T10:00:00Z');
    await tell(stage.shop, 'orders/paid', theirs);
    expect(await readyOf('cookie')).toBe(0);
    await tell(stage.shop, 'customers/merge', mergeBody(stage.customerId, other.customerId));
    stage.become(other);
    // Four were collected in all, one card came to three, and its cookie was had.
    expect(await readyOf('cookie')).toBe(0);
    for (const day of [5, 6, 7, 8, 9, 10, 11, 12, 13]) await visit(day);
    expect(await readyOf('cookie')).toBe(1);
  });

  it('give a collection its reward each time it is completed, in the order of the sales', async () => {
    const units: ProgramDocument['units'] = ['coffee', 'lunch'].map((id) => {
      return { kind: 'stamp', id, label: id, stampsNeeded: 10 };
    });
    const rule = (unit: string, productId: string): ProgramDocument['earnRules'][number] => {
      return { kind: 'item', id: unit, unit, amount: 1, conditions: { productIds: [productId] } };
    };
    await open({}, [rewardOf('meal', { unit: 'coffee', cost: 0, collectionId: 'day' })], {
      units,
      earnRules: [rule('coffee', '1'), rule('lunch', '2')],
      collections: [{ kind: 'sequence', id: 'day', name: 'A day', units: ['coffee', 'lunch'] }],
    });
    const buy = async (productId: number, at: string) => {
      const order = sale(stage.customerId, '5.00', at);
      const [line] = order['line_items'] as object[];
      await tell(stage.shop, 'orders/paid', { ...order, line_items: [{ ...line, product_id: productId }] });
      return { ...order, line_items: [{ ...line, product_id: productId }] };
    };
    await buy(2, '2026-05-01T12:00:00Z');
    const coffee = await buy(1, '2026-05-02T08:00:00Z');
    // Out of turn the first lunch does not count.
    expect(await readyOf('meal')).toBe(0);
    // Told late, made early: it is the sale that counts.
    await buy(1, '2026-05-01T08:00:00Z');
    expect(await readyOf('meal')).toBe(1);
    await spend('meal');
    await buy(2, '2026-05-02T12:00:00Z');
    expect(await readyOf('meal')).toBe(1);
    await cancel(coffee);
    expect(await readyOf('meal')).toBe(0);
  });
});
