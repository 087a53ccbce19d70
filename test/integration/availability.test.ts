import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { readCardView } from '#app/data/cards/card-view.ts';
import { readAvailability } from '#app/data/ledger/availability.ts';
import { withShop } from '#app/data/tenancy.ts';
import { plainProgram, type ProgramSettings } from '#app/domain/programs/program.ts';
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { warnOfExpiry } from '#app/flows/members/warn-of-expiry.ts';
import { now, setClockOffsetMs } from '#app/lib/clock.ts';
import { memberBalance } from '#app/queries/member-balance.ts';
import {
  balancesOf,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { refund, saleOf, setClock, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

const shopWith = (settings: Partial<ProgramSettings>) =>
  makeShop(makeDocument({ settings: { ...plainProgram.settings, ...settings } }));
const points = async (shop: TestShop, memberId: Parameters<typeof readAvailability>[1]) =>
  (await withShop(shop.shopId, (tx) => readAvailability(tx, memberId))).get('points');

describe('what is available', () => {
  it('leaves out what is pending, what is over and what is held, and is never below 0', async () => {
    const shop = await shopWith({ pending: { until: 'days', days: 10 }, expiry: { mode: 'rolling', months: 1 } });
    const { memberId, customerId } = await makeMember(shop);
    const first = saleOf(customerId, { dollars: 30, at: '2027-01-05T09:00:00Z' });
    await tell(shop, first, saleOf(customerId, { dollars: 50, at: '2027-01-20T09:00:00Z' }));
    const all = { balance: 80, held: 0, collected: 80 };
    setClock('2027-01-10T09:00:00Z');
    expect(await points(shop, memberId)).toMatchObject({ ...all, pending: 80, available: 0 });
    setClock('2027-01-15T09:00:00Z');
    expect(await points(shop, memberId)).toMatchObject({ ...all, pending: 50, available: 30 });
    setClock('2027-01-30T09:00:00Z');
    expect(await points(shop, memberId)).toMatchObject({ ...all, pending: 0, available: 80 });
    await system.sql(`update balance set held = 60 where member_id = $1 and unit = 'points'`, [memberId]);
    expect(await points(shop, memberId)).toMatchObject({ held: 60, available: 20 });
    // The first lot is over; nobody has swept it yet.
    setClock('2027-02-06T00:00:00Z');
    expect(await points(shop, memberId)).toMatchObject({ balance: 80, held: 60, available: 0 });
    const shown = await memberBalance(shop.shopId, memberId);
    expect(shown.balances.find((balance) => balance.unit === 'points')).toMatchObject({
      amount: 80,
      pending: 0,
      available: 0,
    });
  });

  it('counts value that repaid a debt as gone, also while it is pending', async () => {
    const shop = await shopWith({ pending: { until: 'days', days: 10 } });
    const { memberId, customerId } = await makeMember(shop);
    const order = saleOf(customerId, { dollars: 30, at: '2027-01-05T09:00:00Z' });
    await tell(shop, order);
    setClock('2027-01-20T09:00:00Z');
    await system.sql(
      `insert into ledger_entry (shop_id, member_id, unit, kind, amount, source, source_key, actor, occurred_at, booked_at)
       values ($1, $2, 'points', 'redemption', -30, 'reward', 'spent', 'test', now(), now())`,
      [shop.shopId, memberId],
    );
    await system.sql(`update balance set amount = 0, spent = 30 where member_id = $1 and unit = 'points'`, [memberId]);
    await system.sql(`update lot set remaining = 0, consumed = 30 where member_id = $1 and unit = 'points'`, [
      memberId,
    ]);
    await refund(shop, order, { dollars: 30, at: '2027-01-21T09:00:00Z' });
    expect(await points(shop, memberId)).toMatchObject({ balance: -30, available: 0, collected: 0 });
    await tell(shop, saleOf(customerId, { dollars: 50, at: '2027-01-19T09:00:00Z' }));
    expect(await points(shop, memberId)).toMatchObject({ balance: 20, pending: 20, available: 0, collected: 50 });
    expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);
  });
});

it('what is held for a sale going on does not expire before that is decided', async () => {
  const shop = await shopWith({ expiry: { mode: 'rolling', months: 1 } });
  const { memberId, customerId } = await makeMember(shop);
  await tell(shop, saleOf(customerId, { dollars: 30, at: '2027-01-05T09:00:00Z' }));
  await system.sql(`update balance set held = 10 where member_id = $1 and unit = 'points'`, [memberId]);
  setClock('2027-02-06T00:00:00Z');
  expect(await expireLots({ shopId: shop.shopId })).toBe(1);
  expect(await balancesOf(system, memberId)).toEqual({ points: 30, stamps: 0 });
  await system.sql(`update balance set held = 0 where member_id = $1`, [memberId]);
  expect(await expireLots({ shopId: shop.shopId })).toBe(1);
  expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
});

describe('an expiry that comes near', () => {
  const versionOf = async (memberId: string) => {
    const [pass] = await system.sql<{ version: string }>('select version from pass where member_id = $1', [memberId]);
    return Number(pass?.version);
  };
  const warned = async (shop: TestShop, memberId: string) =>
    (await withShop(shop.shopId, (tx) => readCardView(tx, memberId, { pass: null, at: now() }))).content.expiringNext;

  it('is said on the card from so many days before, with the last day on which it is good', async () => {
    const shop = await shopWith({ expiry: { mode: 'rolling', months: 2 }, expiryNoticeDays: 14 });
    await system.sql(`update shop set time_zone = 'America/New_York' where id = $1`, [shop.shopId]);
    const { memberId, customerId } = await makeMember(shop);
    const other = await makeMember(shop);
    await tell(
      shop,
      saleOf(customerId, { dollars: 30, at: '2027-01-05T15:00:00Z' }),
      saleOf(customerId, { dollars: 12, at: '2027-01-05T18:00:00Z' }),
      saleOf(customerId, { dollars: 99, at: '2027-01-25T15:00:00Z' }),
      saleOf(other.customerId, { dollars: 99, at: '2027-01-25T15:00:00Z' }),
    );
    const before = [await versionOf(memberId), await versionOf(other.memberId)];
    setClock('2027-02-19T12:00:00Z');
    await warnOfExpiry({ shopId: shop.shopId });
    expect(await warned(shop, memberId)).toBeNull();
    expect([await versionOf(memberId), await versionOf(other.memberId)]).toEqual(before);
    setClock('2027-02-20T12:00:00Z');
    await warnOfExpiry({ shopId: shop.shopId });
    expect(await warned(shop, memberId)).toEqual({
      unit: 'points',
      amount: 42,
      lastDay: '2027-03-05',
      label: 'points',
    });
    expect(await warned(shop, other.memberId)).toBeNull();
    expect(await versionOf(memberId)).toBe((before[0] ?? 0) + 1);
    expect(await versionOf(other.memberId)).toBe(before[1]);
    // Weeks later there is nothing new to say.
    setClock('2027-02-25T12:00:00Z');
    await warnOfExpiry({ shopId: shop.shopId });
    expect(await versionOf(memberId)).toBe((before[0] ?? 0) + 1);
    setClock('2027-03-12T06:00:00Z');
    expect(await warned(shop, memberId)).toMatchObject({ amount: 99, lastDay: '2027-03-25' });
  });
});
