/** What comes back of spending when the sale that carried it is refunded or cancelled; and cards that a refund un-fills. */
import { describe, expect, it } from 'vitest';

import { expireLots } from '#app/flows/members/expire-lots.ts';
import { undoEntry } from '#app/flows/members/undo-entry.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { expectBalanced } from '#test/support/extensions.ts';
import { balancesOf, deliver, drain } from '#test/support/factories.ts';
import { give, lotsOf, mustReserve, refunded, refusalReason, requestOf, sale, tell } from '#test/support/rewards.ts';
import { fifty, setRewardStage } from '#test/support/reward-stage.ts';
import { cancelled, setClock } from '#test/support/sales.ts';

const stage = setRewardStage();
const { open, spend } = stage;
const pointsOf = async () => (await balancesOf(stage.system, stage.memberId))['points'];
const noteOf = (value: string) => ({ note_attributes: [{ name: '_stampwell_reward', value }] });
const stateOf = async (reservationId: string) =>
  (await stage.system.sql('select state, given_back::int from reservation where id = $1', [reservationId]))[0];
const writtenOff = async () => {
  const [row] = await stage.system.sql<{ lost: string }>(
    "select coalesce(sum(amount), 0) as lost from ledger_entry where member_id = $1 and reason like 'written-off%'",
    [stage.memberId],
  );
  return Number(row?.lost);
};

/** An order of 100.00 that carries a spending of fifty, earned before by another order of 50.00. */
async function carriedSale(
  at = '2026-05-02T10:00:00Z',
): Promise<{ order: Record<string, unknown>; reservationId: string }> {
  await give(stage.shop.shopId, stage.memberId, 'points', 50);
  const order = sale(stage.customerId, '100.00', at);
  const { reservationId } = await spend('fifty', String(order['id']));
  await tell(stage.shop, 'orders/paid', order);
  return { order, reservationId };
}

describe('V5: 50 earned, 50 spent, the first order refunded', () => {
  it('carries the debt, and the next 80 leave 30', async () => {
    await open({ debtPolicy: 'carry' });
    const first = sale(stage.customerId, '50.00', '2026-05-01T10:00:00Z');
    await tell(stage.shop, 'orders/paid', first);
    await spend();
    await tell(stage.shop, 'orders/updated', {
      ...refunded(first, '50.00', '2026-05-02T10:00:00Z'),
      financial_status: 'refunded',
    });
    expect(await pointsOf()).toBe(-50);
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '80.00', '2026-05-03T10:00:00Z'));
    expect(await pointsOf()).toBe(30);
  });

  it('writes the loss off, and makes it good once the spending that caused it comes back', async () => {
    await open({ debtPolicy: 'write-off' });
    const first = sale(stage.customerId, '50.00', '2026-05-01T10:00:00Z');
    const second = sale(stage.customerId, '10.00', '2026-05-02T10:00:00Z');
    await tell(stage.shop, 'orders/paid', first);
    await spend('fifty', String(second['id']));
    await tell(stage.shop, 'orders/cancelled', cancelled(first, '2026-05-03T10:00:00Z'));
    expect(await pointsOf()).toBe(0);
    expect(await writtenOff()).toBe(50);
    await tell(stage.shop, 'orders/paid', second);
    expect(await pointsOf()).toBe(10);
    await tell(stage.shop, 'orders/cancelled', cancelled(second, '2026-05-04T10:00:00Z'));
    expect(await pointsOf()).toBe(0);
    expect(await writtenOff()).toBe(0);
  });
});

describe('V7: lots of 40 and 60, 50 spent, the sale cancelled after the first lot ended', () => {
  it('brings 40 back until the grace ends and 10 until their own day', async () => {
    await open({ expiry: { mode: 'rolling', months: 1 }, returnGraceDays: 14 });
    setClock('2027-01-20T10:00:00Z');
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '40.00', '2027-01-20T10:00:00Z'));
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '60.00', '2027-01-20T11:00:00Z'));
    const [early, late] = await stage.system.sql<{ id: string }>(
      'select id from lot where member_id = $1 and unit = $2 order by id',
      [stage.memberId, 'points'],
    );
    // Valid through 1 March and 1 June.
    await stage.system.sql("update lot set expires_at = '2027-03-02T00:00:00Z' where id = $1", [early?.id]);
    await stage.system.sql("update lot set expires_at = '2027-06-02T00:00:00Z' where id = $1", [late?.id]);
    const order = sale(stage.customerId, '0.10', '2027-02-20T10:00:00Z');
    setClock('2027-02-20T10:00:00Z');
    await spend('fifty', String(order['id']));
    await tell(stage.shop, 'orders/paid', order);
    expect(await lotsOf(stage.system, stage.memberId)).toEqual([{ remaining: 50, until: '2027-06-02T00:00:00.000Z' }]);
    setClock('2027-03-05T12:00:00Z');
    await expireLots({ shopId: stage.shop.shopId });
    await tell(stage.shop, 'orders/cancelled', cancelled(order, '2027-03-05T12:00:00Z'));
    expect(await lotsOf(stage.system, stage.memberId)).toEqual([
      { remaining: 40, until: '2027-03-20T00:00:00.000Z' },
      { remaining: 60, until: '2027-06-02T00:00:00.000Z' },
    ]);
    expect(await pointsOf()).toBe(100);
    setClock('2027-03-19T23:59:00Z');
    expect(await expireLots({ shopId: stage.shop.shopId })).toBe(0);
    setClock('2027-03-20T00:00:00Z');
    expect(await expireLots({ shopId: stage.shop.shopId })).toBe(1);
    expect(await pointsOf()).toBe(60);
  });

  it('revives nothing that was left in a lot that is over', async () => {
    await open({ expiry: { mode: 'rolling', months: 1 }, returnGraceDays: 14 });
    setClock('2027-01-20T10:00:00Z');
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '80.00', '2027-01-20T10:00:00Z'));
    const order = sale(stage.customerId, '0.10', '2027-01-21T10:00:00Z');
    await spend('fifty', String(order['id']));
    await tell(stage.shop, 'orders/paid', order);
    // The lot was over at the end of 20 February; nobody has swept it yet.
    setClock('2027-02-21T08:00:00Z');
    await tell(stage.shop, 'orders/cancelled', cancelled(order, '2027-02-21T08:00:00Z'));
    expect(await lotsOf(stage.system, stage.memberId)).toEqual([{ remaining: 50, until: '2027-03-08T00:00:00.000Z' }]);
    expect(await pointsOf()).toBe(50);
  });
});

describe('the order that carried a redemption', () => {
  it('gives back by money, in parts that add up, and nothing twice', async () => {
    await open({ spendingReturns: 'proportional' });
    const { order, reservationId } = await carriedSale();
    expect(await pointsOf()).toBe(100);
    const once = refunded(order, '33.33', '2026-05-03T10:00:00Z');
    await tell(stage.shop, 'orders/updated', once);
    // 66 stay earned of the order, and floor(50 × 33.33 / 100) = 16 of the spending are back.
    expect(await pointsOf()).toBe(66 + 16);
    await tell(stage.shop, 'orders/updated', once);
    expect(await stateOf(reservationId)).toEqual({ state: 'committed', given_back: 16 });
    const twice = refunded(once, '33.33', '2026-05-04T10:00:00Z');
    await tell(stage.shop, 'orders/updated', twice);
    expect(await pointsOf()).toBe(33 + 33);
    await tell(stage.shop, 'orders/updated', {
      ...refunded(twice, '33.34', '2026-05-05T10:00:00Z'),
      financial_status: 'refunded',
    });
    expect(await pointsOf()).toBe(50);
    expect(await stateOf(reservationId)).toEqual({ state: 'released', given_back: 50 });
  });

  it('ends the same in whatever order it is told, also when ten tell it at once', async () => {
    const endings = new Set<string>();
    for (const turn of [0, 1, 2]) {
      await open({ spendingReturns: 'proportional' });
      await give(stage.shop.shopId, stage.memberId, 'points', 50);
      const order = sale(stage.customerId, '100.00', '2026-05-02T10:00:00Z');
      await spend('fifty', String(order['id']));
      const part = refunded(order, '40.00', '2026-05-03T10:00:00Z');
      const whole = cancelled(part, '2026-05-04T10:00:00Z');
      const told = [order, part, whole];
      for (const body of [...told.slice(turn), ...told.slice(0, turn), ...told])
        await deliver(stage.shop, 'orders/updated', body);
      await Promise.all(Array.from({ length: 10 }, () => drain(stage.shop)));
      endings.add(JSON.stringify([await pointsOf(), await writtenOff()]));
      await expectBalanced(stage.shop.shopId);
    }
    expect([...endings]).toEqual([JSON.stringify([50, 0])]);
  });

  it('gives back all or nothing, or nothing, when the program says so; all when it is cancelled', async () => {
    await open({ spendingReturns: 'full-refund-only' });
    const careful = await carriedSale();
    const part = refunded(careful.order, '99.99', '2026-05-03T10:00:00Z');
    await tell(stage.shop, 'orders/updated', part);
    expect(await stateOf(careful.reservationId)).toEqual({ state: 'committed', given_back: 0 });
    await tell(stage.shop, 'orders/updated', refunded(part, '0.01', '2026-05-04T10:00:00Z'));
    expect(await stateOf(careful.reservationId)).toEqual({ state: 'released', given_back: 50 });
    await expectBalanced(stage.shop.shopId);
    await open({ spendingReturns: 'never' });
    const hard = await carriedSale();
    const full = { ...refunded(hard.order, '100.00', '2026-05-03T10:00:00Z'), financial_status: 'refunded' };
    await tell(stage.shop, 'orders/updated', full);
    expect(await stateOf(hard.reservationId)).toEqual({ state: 'committed', given_back: 0 });
    await tell(stage.shop, 'orders/cancelled', cancelled(full, '2026-05-04T10:00:00Z'));
    expect(await stateOf(hard.reservationId)).toEqual({ state: 'released', given_back: 50 });
    expect(await pointsOf()).toBe(50);
  });

  it('repays a debt first with what it gives back', async () => {
    await open({ spendingReturns: 'proportional', debtPolicy: 'carry' });
    const first = sale(stage.customerId, '50.00', '2026-05-01T10:00:00Z');
    await tell(stage.shop, 'orders/paid', first);
    const second = sale(stage.customerId, '0.10', '2026-05-02T10:00:00Z');
    await spend('fifty', String(second['id']));
    await tell(stage.shop, 'orders/paid', second);
    await tell(stage.shop, 'orders/updated', refunded(first, '30.00', '2026-05-03T10:00:00Z'));
    expect(await pointsOf()).toBe(-30);
    await tell(stage.shop, 'orders/cancelled', cancelled(second, '2026-05-04T10:00:00Z'));
    expect(await pointsOf()).toBe(20);
    expect(await lotsOf(stage.system, stage.memberId)).toMatchObject([{ remaining: 20 }]);
  });

  it('gives the lot that was taken last back first', async () => {
    await open({ spendingReturns: 'proportional', expiry: { mode: 'rolling', months: 1 } });
    setClock('2027-01-10T10:00:00Z');
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '30.00', '2027-01-08T10:00:00Z'));
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '30.00', '2027-01-09T10:00:00Z'));
    const order = sale(stage.customerId, '0.50', '2027-01-10T10:00:00Z');
    await spend('fifty', String(order['id']));
    await tell(stage.shop, 'orders/paid', order);
    await tell(stage.shop, 'orders/updated', refunded(order, '0.25', '2027-01-11T10:00:00Z'));
    expect(await lotsOf(stage.system, stage.memberId)).toEqual([
      { remaining: 5, until: '2027-02-09T00:00:00.000Z' },
      { remaining: 30, until: '2027-02-10T00:00:00.000Z' },
    ]);
  });

  it('leaves the redemption spent when it never arrives', async () => {
    await open({});
    await give(stage.shop.shopId, stage.memberId, 'points', 50);
    const { reservationId } = await spend('fifty', '987654321');
    setClockOffsetMs(90 * 86_400_000);
    await tell(stage.shop, 'orders/paid', sale(stage.customerId, '10.00', '2026-05-02T10:00:00Z'));
    expect(await stateOf(reservationId)).toEqual({ state: 'committed', given_back: 0 });
    expect(await pointsOf()).toBe(10);
  });

  it('was refunded before the reservation was committed with it: comes back at once', async () => {
    await open({});
    await give(stage.shop.shopId, stage.memberId, 'points', 50);
    const order = sale(stage.customerId, '100.00', '2026-05-02T10:00:00Z');
    await tell(stage.shop, 'orders/paid', cancelled(order, '2026-05-02T11:00:00Z'));
    const { reservationId } = await spend('fifty', String(order['id']));
    expect(await stateOf(reservationId)).toEqual({ state: 'released', given_back: 50 });
    expect(await pointsOf()).toBe(50);
  });

  it('gives back what a till had spent for it, also when it is told only once it was cancelled', async () => {
    await open({});
    await give(stage.shop.shopId, stage.memberId, 'points', 100);
    const [noted, coded] = [await spend(), await spend()];
    await stage.system.sql(`update reservation set discount_code = 'SW-CODE' where id = $1`, [coded.reservationId]);
    const codes = { ...noteOf(noted.reservationId), discount_codes: [{ code: 'SW-CODE' }] };
    const order = { ...sale(stage.customerId, '9.00', '2026-05-02T10:00:00Z'), ...codes };
    await tell(stage.shop, 'orders/cancelled', cancelled(order, '2026-05-02T10:05:00Z'));
    expect(await stateOf(noted.reservationId)).toEqual({ state: 'released', given_back: 50 });
    expect(await stateOf(coded.reservationId)).toEqual({ state: 'released', given_back: 50 });
  });

  it('frees the limit and the stock when it is cancelled, and staff can take nothing back twice', async () => {
    await open({}, [{ ...fifty, limits: { perMember: 1, stock: 1 } }]);
    const { order, reservationId } = await carriedSale();
    await give(stage.shop.shopId, stage.memberId, 'points', 50);
    const asked = () => requestOf(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'fifty' });
    expect(await refusalReason(asked())).toBe('limit');
    const claim = { locationId: '7', staffMemberId: null, deviceId: null };
    const undo = () =>
      undoEntry({ shopId: stage.shop.shopId, target: { reservationId }, idempotencyKey: 'k', actor: 'staff:1', claim });
    await expect(undo()).rejects.toMatchObject({ code: 'undo-too-late' });
    await tell(stage.shop, 'orders/cancelled', cancelled(order, '2026-05-04T10:00:00Z'));
    expect(await undo()).toBe(stage.memberId);
    expect(await pointsOf()).toBe(100);
    expect(await refusalReason(asked())).toBeNull();
  });
});

describe('a reservation that is open', () => {
  const policies = [['carry', -50, 0], ['write-off', 0, 50]] as const; // prettier-ignore
  it.each(policies)('owes what a refund took from under it, or not (%s)', async (debtPolicy, left, lost) => {
    await open({ debtPolicy });
    const earning = sale(stage.customerId, '50.00', '2026-05-01T10:00:00Z');
    await tell(stage.shop, 'orders/paid', earning);
    const { reservationId } = await mustReserve(
      requestOf(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'fifty' }),
    );
    await tell(stage.shop, 'orders/updated', refunded(earning, '50.00', '2026-05-01T11:00:00Z'));
    const carries = { ...sale(stage.customerId, '0.50', '2026-05-02T10:00:00Z'), ...noteOf(reservationId) };
    await tell(stage.shop, 'orders/paid', carries);
    expect([await pointsOf(), await writtenOff()]).toEqual([left, lost]);
    await tell(stage.shop, 'orders/updated', refunded(carries, '0.20', '2026-05-03T10:00:00Z'));
    expect([await pointsOf(), await writtenOff()]).toEqual(lost > 0 ? [0, 30] : [-30, 0]);
    await tell(stage.shop, 'orders/cancelled', cancelled(carries, '2026-05-04T10:00:00Z'));
    expect([await pointsOf(), await writtenOff()]).toEqual([0, 0]);
  });

  it('is not touched by refunds of other orders', async () => {
    await open({});
    const order = sale(stage.customerId, '100.00', '2026-05-01T10:00:00Z');
    await tell(stage.shop, 'orders/paid', order);
    const { reservationId } = await mustReserve(
      requestOf(stage.shop.shopId, { memberId: stage.memberId, rewardId: 'fifty' }),
    );
    await tell(stage.shop, 'orders/updated', refunded(order, '10.00', '2026-05-02T10:00:00Z'));
    expect(await stateOf(reservationId)).toEqual({ state: 'reserved', given_back: 0 });
  });
});
