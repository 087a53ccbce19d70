/** Redeeming at the till and taking back what was done, through the wire. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { posMemberAnswerSchema, posRedemptionAnswerSchema } from '#app/contracts/pos.ts';
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { releaseDiscount } from '#app/flows/members/release-discount.ts';
import { releaseReservations } from '#app/flows/members/release-reservations.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import {
  authorize,
  expectBalanced,
  type ExtensionRig,
  startExtensionRig,
  tillFields,
} from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  orderBody,
  type TestShop,
} from '#test/support/factories.ts';
import { expectProblem, minuteMs, tillCalls, tillRewards } from '#test/support/till-calls.ts';

let rig: ExtensionRig;
let shop: TestShop;
let other: TestShop;
let memberId: string;
let customerId: string;
const { stamp, redeem, undo, give, heldOf, countEntries, discountOf } = tillCalls(() => ({ rig, shop, memberId }));

beforeAll(async () => {
  rig = await startExtensionRig();
  shop = await makeShop(makeDocument({ rewards: tillRewards }));
  other = await makeShop(makeDocument({ rewards: tillRewards }));
  await authorize(rig.shopify, shop);
  await authorize(rig.shopify, other);
});
afterAll(() => rig.close());
beforeEach(async () => {
  setClockOffsetMs(0);
  ({ memberId, customerId } = await makeMember(shop, { name: 'Ada' }));
});
afterEach(() => expectBalanced(shop.shopId));

describe('redeeming a reward', () => {
  it('holds the cost and makes a code that works once, for this customer, for a while', async () => {
    await give('points', 120);
    const answer = posRedemptionAnswerSchema.parse((await redeem('five-off')).body);
    expect(answer.discountCode).toMatch(/^SW-[0-9A-HJKMNP-Z]{12}$/);
    expect(answer.member.balances[0]).toMatchObject({ collected: 120, available: 20 });
    expect(answer.member.lastEntry).toMatchObject({ kind: 'reservation', id: answer.reservationId, label: '5 off' });
    expect(discountOf(answer.discountCode)).toMatchObject({
      status: 'ACTIVE',
      input: {
        usageLimit: 1,
        endsAt: answer.expiresAt,
        context: { customers: { add: [`gid://shopify/Customer/${customerId}`] } },
        customerGets: { value: { discountAmount: { amount: '5.00', appliesOnEachItem: false } }, items: { all: true } },
      },
    });
    const refusals = rig.shopify.adminCalls.flatMap((call) => call.errors);
    expect(refusals).toEqual([]);
  });

  it('is spent when an order carries the code, and only then', async () => {
    await give('points', 120);
    const { discountCode } = posRedemptionAnswerSchema.parse((await redeem('five-off')).body);
    await deliver(
      shop,
      'orders/paid',
      orderBody({ customer: { id: Number(customerId) }, discount_codes: [{ code: discountCode, amount: '5.00' }] }),
    );
    await drain(shop);
    expect(await balancesOf(rig.system, memberId)).toMatchObject({ points: 32 });
    expect(await heldOf('points')).toBe(0);
  });

  it('is spent when the order that carries the code is told late, after the hold has ended', async () => {
    await give('points', 100);
    const { body } = await redeem('five-off');
    setClockOffsetMs(16 * minuteMs);
    await releaseReservations({ shopId: shop.shopId });
    await give('points', -60);
    const order = orderBody({ discount_codes: [{ code: body['discountCode'] }] });
    await deliver(shop, 'orders/paid', order);
    await deliver(shop, 'orders/updated', order);
    await drain(shop);
    expect(await balancesOf(rig.system, memberId)).toMatchObject({ points: -60 });
    expect(await heldOf('points')).toBe(0);
    await releaseDiscount({ shopId: shop.shopId, reservationId: String(body['reservationId']) });
    expectProblem(await undo({ reservationId: body['reservationId'] }), 409, 'undo-too-late');
  });

  it('gives a percentage off, and one piece of a product for free', async () => {
    await give('points', 200);
    const percent = await redeem('tenth-off');
    expect(discountOf(percent.body['discountCode'])?.input).toMatchObject({
      customerGets: { value: { percentage: 0.1 } },
    });
    const beans = await redeem('beans');
    expect(discountOf(beans.body['discountCode'])?.input).toMatchObject({
      customerGets: {
        value: { discountAmount: { amount: '14.50', appliesOnEachItem: false } },
        items: { products: { productsToAdd: ['gid://shopify/Product/7001003'] } },
      },
    });
  });

  it('books a reward that staff hands over at once', async () => {
    await give('stamps', 12);
    const answer = posRedemptionAnswerSchema.parse((await redeem('coffee')).body);
    expect(answer.discountCode).toBeNull();
    expect(answer.member.balances[1]).toMatchObject({ collected: 2, available: 2 });
    expect(await heldOf('stamps')).toBe(0);
  });

  it('answers the same call the same way, with one discount, one after the other and at once', async () => {
    await give('points', 400);
    const fields = tillFields();
    const first = await redeem('five-off', fields);
    expect((await redeem('five-off', fields)).body).toEqual(first.body);
    const atOnce = tillFields();
    const answers = await Promise.all(Array.from({ length: 8 }, () => redeem('five-off', atOnce)));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(new Set(answers.map((answer) => answer.body['discountCode'])).size).toBe(1);
    expect(await heldOf('points')).toBe(200);
    expectProblem(await redeem('tenth-off', fields), 409, 'idempotency-mismatch');
  });

  it('succeeds once of fifty times at once when the balance is for one', async () => {
    await give('stamps', 10);
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem('coffee')));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const refused = answers.filter((answer) => answer.status !== 200);
    for (const answer of refused) expectProblem(answer, 409, 'insufficient-balance');
    expect(await balancesOf(rig.system, memberId)).toMatchObject({ stamps: 0 });
  });

  it('holds nothing when Shopify fails, and the very same call works later', async () => {
    await give('points', 120);
    const fields = tillFields();
    rig.shopify.shop(shop.domain).faults.failingCalls = 10;
    const failed = await redeem('five-off', fields);
    expectProblem(failed, 503, 'discount-not-made');
    expect(failed.headers['retry-after']).toBeDefined();
    expect(await heldOf('points')).toBe(0);
    rig.shopify.shop(shop.domain).faults.failingCalls = 0;
    const answer = await redeem('five-off', fields);
    expect(answer.status).toBe(200);
    expect(discountOf(answer.body['discountCode'])).toMatchObject({ status: 'ACTIVE' });
    expect(await heldOf('points')).toBe(100);
  });

  it('renews a token that died early, and says unavailable when it cannot', async () => {
    await give('points', 220);
    rig.shopify.expireAccessTokens(shop.domain);
    expect((await redeem('five-off')).status).toBe(200);
    rig.shopify.expireAccessTokens(shop.domain);
    rig.shopify.shop(shop.domain).faults.isRefreshRefused = true;
    expectProblem(await redeem('five-off'), 503, 'discount-not-made');
    rig.shopify.shop(shop.domain).faults.isRefreshRefused = false;
    expect(await heldOf('points')).toBe(100);
    await authorize(rig.shopify, shop);
  });

  it('refuses what is not offered, not affordable, frozen, in other money, or gone from the shop', async () => {
    await give('points', 60);
    expectProblem(await redeem('nothing'), 409, 'reward-unavailable');
    expectProblem(await redeem('five-off'), 409, 'insufficient-balance');
    expectProblem(await redeem('euros'), 409, 'reward-unavailable');
    expectProblem(await redeem('gone'), 409, 'reward-unavailable');
    expect(await heldOf('points')).toBe(0);
    expectProblem(await redeem('beans', {}, other), 404, 'member-not-found');
    await rig.system.sql("update member set state = 'frozen' where id = $1", [memberId]);
    expectProblem(await redeem('beans'), 409, 'card-frozen');
  });
});

describe('taking back', () => {
  it('takes stamps back once; the same call again is fine, another is told', async () => {
    const { body } = await stamp({ amount: 2 });
    const fields = tillFields();
    const target = { entryId: body['entryId'] };
    const { member } = posMemberAnswerSchema.parse((await undo(target, fields)).body);
    expect(member).toMatchObject({ lastEntry: null });
    expect(member.balances[1]).toMatchObject({ collected: 0 });
    expect((await undo(target, fields)).status).toBe(200);
    expectProblem(await undo(target), 409, 'already-undone');
    expect(await countEntries()).toBe(2);
  });

  it('takes back once of ten times at once', async () => {
    const { body } = await stamp({ amount: 2 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => undo({ entryId: body['entryId'] })));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(await balancesOf(rig.system, memberId)).toMatchObject({ stamps: 0 });
  });

  it('is too late after ten minutes', async () => {
    const { body } = await stamp();
    setClockOffsetMs(11 * minuteMs);
    expectProblem(await undo({ entryId: body['entryId'] }), 409, 'undo-too-late');
  });

  it('touches neither entries of orders, nor of another shop, nor ids that are none', async () => {
    await give('stamps', 1);
    const [given] = await rig.system.sql<{ id: string }>('select id::text from ledger_entry where member_id = $1', [
      memberId,
    ]);
    expectProblem(await undo({ entryId: given?.id }), 404, 'entry-not-found');
    const { body } = await stamp();
    expectProblem(await undo({ entryId: body['entryId'] }, {}, other), 404, 'entry-not-found');
    expectProblem(await undo({ entryId: "1' or true" }), 404, 'entry-not-found');
    expectProblem(await undo({ reservationId: 'nope' }), 404, 'reservation-not-found');
  });

  it('carries what was spent meanwhile as a debt', async () => {
    const { body } = await stamp({ amount: 10 });
    await redeem('coffee');
    expect((await undo({ entryId: body['entryId'] })).status).toBe(200);
    expect(await balancesOf(rig.system, memberId)).toMatchObject({ stamps: -10 });
    await stamp({ amount: 3 });
    expect(await balancesOf(rig.system, memberId)).toMatchObject({ stamps: -7 });
  });

  it('writes off what was spent meanwhile when the program says so', async () => {
    const settings = { ...makeDocument().settings, debtPolicy: 'write-off' as const };
    const lenient = await makeShop(makeDocument({ settings }));
    const { memberId: member } = await makeMember(lenient);
    const { body } = await rig.ask(lenient, '/pos/v1/stamps', {
      body: { memberId: member, unit: 'stamps', amount: 10, ...tillFields() },
    });
    await rig.ask(lenient, '/pos/v1/redemptions', { body: { memberId: member, rewardId: 'coffee', ...tillFields() } });
    expect((await undo({ entryId: body['entryId'] }, {}, lenient)).status).toBe(200);
    expect(await balancesOf(rig.system, member)).toMatchObject({ stamps: 0 });
    await expectBalanced(lenient.shopId);
  });

  it('frees a held reward and has its code switched off', async () => {
    await give('points', 100);
    const { body } = await redeem('five-off');
    const reservationId = String(body['reservationId']);
    const { member } = posMemberAnswerSchema.parse((await undo({ reservationId })).body);
    expect(member.balances[0]).toMatchObject({ collected: 100, available: 100 });
    expect((await undo({ reservationId })).status).toBe(200);
    const jobs = await rig.system.sql(
      "select payload from outbox where job = 'release-discount' and payload->>'reservationId' = $1",
      [reservationId],
    );
    expect(jobs).toHaveLength(1);
    await releaseDiscount({ shopId: shop.shopId, reservationId });
    await releaseDiscount({ shopId: shop.shopId, reservationId });
    expect(discountOf(body['discountCode'])).toMatchObject({ status: 'EXPIRED' });
  });

  it('leaves the code of an open reservation alone', async () => {
    await give('points', 100);
    const { body } = await redeem('five-off');
    await releaseDiscount({ shopId: shop.shopId, reservationId: String(body['reservationId']) });
    expect(discountOf(body['discountCode'])).toMatchObject({ status: 'ACTIVE' });
  });

  it('gives a reward that was handed over back to the lots it came from, with their own expiry', async () => {
    const aging = await makeShop(
      makeDocument({ settings: { ...makeDocument().settings, expiry: { mode: 'rolling', months: 1 } } }),
    );
    const { memberId: member } = await makeMember(aging);
    const give10 = { memberId: member, unit: 'stamps', amount: 7 };
    await rig.ask(aging, '/pos/v1/stamps', { body: { ...give10, ...tillFields() } });
    setClockOffsetMs(5 * 24 * 60 * minuteMs);
    await rig.ask(aging, '/pos/v1/stamps', { body: { ...give10, ...tillFields() } });
    const lots = () =>
      rig.system.sql('select id, remaining, expires_at from lot where member_id = $1 order by id', [member]);
    const before = await lots();
    const { body } = await rig.ask(aging, '/pos/v1/redemptions', {
      body: { memberId: member, rewardId: 'coffee', ...tillFields() },
    });
    expect((await lots()).map((lot) => Number(lot['remaining']))).toEqual([0, 4]);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => undo({ reservationId: body['reservationId'] }, {}, aging)),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    expect(await lots()).toEqual(before);
    expect(await balancesOf(rig.system, member)).toMatchObject({ stamps: 14 });
    // A month lasts 28 to 31 days: by now the first is over in any of them, and the second, five days younger, in none.
    setClockOffsetMs(32 * 24 * 60 * minuteMs);
    expect(await expireLots({ shopId: aging.shopId })).toBe(1);
    await expectBalanced(aging.shopId);
  });

  it('is too late for a reward handed over long ago, or carried by an order', async () => {
    await give('stamps', 10);
    const { body } = await redeem('coffee');
    setClockOffsetMs(11 * minuteMs);
    expectProblem(await undo({ reservationId: body['reservationId'] }), 409, 'undo-too-late');
    setClockOffsetMs(0);
    await give('points', 100);
    const carried = await redeem('five-off');
    await deliver(shop, 'orders/paid', orderBody({ discount_codes: [{ code: carried.body['discountCode'] }] }));
    await drain(shop);
    expectProblem(await undo({ reservationId: carried.body['reservationId'] }), 409, 'undo-too-late');
  });

  it('happens by itself when no sale carries the reward in time', async () => {
    await give('points', 100);
    const { body } = await redeem('five-off');
    setClockOffsetMs(16 * minuteMs);
    await releaseReservations({ shopId: shop.shopId });
    await releaseDiscount({ shopId: shop.shopId, reservationId: String(body['reservationId']) });
    expect(await heldOf('points')).toBe(0);
    expect(discountOf(body['discountCode'])).toMatchObject({ status: 'EXPIRED' });
  });
});
