import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { plainProgram } from '#app/domain/programs/program.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { releaseReservations } from '#app/flows/members/release-reservations.ts';
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
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { makeFilledShop } from '#test/support/every-table.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

const setClock = (at: string | number) => setClockOffsetMs(new Date(at).getTime() - Date.now());
const makeExpiring = () =>
  makeShop(
    makeDocument({
      settings: {
        ...plainProgram.settings,
        earnsOnTax: false,
        debtPolicy: 'carry',
        expiry: { mode: 'rolling', months: 1 },
      },
    }),
  );

/** Earns points by an order made at a time. */
async function earn(shop: TestShop, customerId: string, points: number, at: string): Promise<Record<string, unknown>> {
  const line = {
    id: 1,
    product_id: 1,
    variant_id: 2,
    quantity: 1,
    price: `${points}.00`,
    gift_card: false,
    discount_allocations: [],
    tax_lines: [],
  };
  const order = orderBody({
    customer: { id: Number(customerId) },
    created_at: at,
    processed_at: at,
    updated_at: at,
    line_items: [line],
  });
  await deliver(shop, 'orders/paid', order);
  await drain(shop);
  return order;
}

const spend = (shop: TestShop, memberId: string, amount: number) =>
  adjustBalance({
    shopId: shop.shopId,
    memberId,
    unit: 'points',
    amount: -amount,
    reason: 'spent',
    actor: 'test',
    source: 'staff',
    idempotencyKey: randomUUID(),
  });
const pointsOf = async (memberId: string) => (await balancesOf(system, memberId))['points'];
const expectSound = async (shop: TestShop) =>
  expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);

describe('expiry', () => {
  it('V7 comes with the end of the last day in the time zone of the shop, not a moment sooner, and takes what is left of each lot', async () => {
    const shop = await makeExpiring();
    await system.sql(`update shop set time_zone = 'America/New_York' where id = $1`, [shop.shopId]);
    const { memberId, customerId } = await makeMember(shop);
    // A month from 31 January ends with February; New York is five hours behind.
    await earn(shop, customerId, 40, '2026-01-31T15:00:00Z');
    await earn(shop, customerId, 60, '2026-02-10T15:00:00Z');
    setClock('2026-02-20T00:00:00Z');
    await spend(shop, memberId, 25);
    setClock(Date.parse('2026-03-01T05:00:00Z') - 5_000);
    expect(await expireLots({ shopId: shop.shopId })).toBe(0);
    expect(await pointsOf(memberId)).toBe(75);
    setClock('2026-03-01T05:00:00Z');
    // 15 points of the first order, and its stamp.
    expect(await expireLots({ shopId: shop.shopId })).toBe(2);
    expect(await balancesOf(system, memberId)).toEqual({ points: 60, stamps: 1 });
    expect(await expireLots({ shopId: shop.shopId })).toBe(0);
    const entries = await system.sql(
      `select amount::int, occurred_at from ledger_entry where member_id = $1 and kind = 'expiration' and unit = 'points'`,
      [memberId],
    );
    expect(entries).toEqual([{ amount: -15, occurred_at: new Date('2026-03-01T05:00:00Z') }]);
    await expectSound(shop);
  });

  it('of many members by several workers at once happens once for each lot', async () => {
    const shop = await makeExpiring();
    const members = await Promise.all(Array.from({ length: 12 }, () => makeMember(shop)));
    for (const { customerId } of members) await earn(shop, customerId, 10, '2026-01-05T12:00:00Z');
    const before = await system.sql<{ version: string }>('select version from pass where shop_id = $1', [shop.shopId]);
    setClock('2026-03-01T00:00:00Z');
    const counts = await Promise.all(Array.from({ length: 5 }, () => expireLots({ shopId: shop.shopId })));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(24);
    expect(
      await system.sql(`select 1 from ledger_entry where shop_id = $1 and kind = 'expiration'`, [shop.shopId]),
    ).toHaveLength(24);
    for (const { memberId } of members) expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
    const after = await system.sql<{ version: string }>('select version from pass where shop_id = $1', [shop.shopId]);
    expect(after.every((row, index) => Number(row.version) > Number(before[index]?.version))).toBe(true);
    await expectSound(shop);
  });

  it('races with spending and with a return without losing or doubling a point', async () => {
    const shop = await makeExpiring();
    for (let round = 0; round < 6; round += 1) {
      const { memberId, customerId } = await makeMember(shop);
      const order = await earn(shop, customerId, 30, '2026-01-05T12:00:00Z');
      setClock('2026-03-01T00:00:00Z');
      await deliver(shop, 'orders/cancelled', {
        ...order,
        cancelled_at: '2026-02-28T00:00:00Z',
        updated_at: '2026-02-28T00:00:00Z',
      });
      await Promise.all([
        expireLots({ shopId: shop.shopId }),
        spend(shop, memberId, 20),
        drain(shop),
        expireLots({ shopId: shop.shopId }),
      ]);
      // An expired point is not taken back a second time; what was spent first is owed.
      expect([0, -20]).toContain(await pointsOf(memberId));
      await expectSound(shop);
    }
  });
});

describe('verification of balances', () => {
  it('finds a tampered balance and a tampered lot, names them, and repairs nothing', async () => {
    const shop = await makeShop();
    const [one, two] = [await makeMember(shop), await makeMember(shop)];
    for (const { customerId } of [one, two]) await earn(shop, customerId, 10, '2026-01-05T12:00:00Z');
    await expectSound(shop);
    await system.sql(`update balance set amount = 11 where member_id = $1 and unit = 'points'`, [one.memberId]);
    await system.sql(`update lot set remaining = 9, reversed = 1 where member_id = $1 and unit = 'points'`, [
      two.memberId,
    ]);
    const { imbalances } = await verifyBalances({ shopId: shop.shopId });
    expect(imbalances.map(({ memberId, unit, problem }) => [memberId, unit, problem])).toEqual(
      expect.arrayContaining([
        [one.memberId, 'points', 'balance-differs-from-entries'],
        [two.memberId, 'points', 'lots-differ-from-balance'],
      ]),
    );
    expect(imbalances.every(({ unit }) => unit === 'points')).toBe(true);
    expect(await pointsOf(one.memberId)).toBe(11);
  });
});

describe('reservations that are over', () => {
  it('are released at their end, not before, and once, however many workers do it', async () => {
    const shop = await makeFilledShop(system);
    await system.sql(`update balance set held = 10 where member_id = $1 and unit = 'stamps'`, [shop.memberId]);
    await system.sql(
      `update reservation set expires_at = '2027-01-01T00:00:00Z', discount_code = 'SW-TEST' where shop_id = $1`,
      [shop.shopId],
    );
    const held = () =>
      system.sql(
        `select held::int, r.state from balance b join reservation r on r.member_id = b.member_id and r.unit = b.unit where b.member_id = $1`,
        [shop.memberId],
      );
    setClock(Date.parse('2027-01-01T00:00:00Z') - 5_000);
    await releaseReservations({ shopId: shop.shopId });
    expect(await held()).toEqual([{ held: 10, state: 'reserved' }]);
    setClock('2027-01-01T00:00:00Z');
    await Promise.all(Array.from({ length: 5 }, () => releaseReservations({ shopId: shop.shopId })));
    expect(await held()).toEqual([{ held: 0, state: 'released' }]);
    expect(
      await system.sql(`select 1 from outbox where shop_id = $1 and job = 'release-discount'`, [shop.shopId]),
    ).toHaveLength(1);
  });
});
