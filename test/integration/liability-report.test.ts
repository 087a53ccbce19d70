import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { addProgram } from '#app/flows/programs/add-program.ts';
import { closeLiabilityMonths } from '#app/flows/programs/close-liability-months.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { liabilityCsv } from '#app/queries/liability-csv.ts';
import { liabilityReport, type LiabilityUnit } from '#app/queries/liability-report.ts';
import {
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { give, mustSpend, programWith, refunded, rewardOf, sale, tell } from '#test/support/rewards.ts';
import { cancelled, setClock } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterEach(() => setClockOffsetMs(0));
afterAll(() => system.close());

const fiveOff = rewardOf('five-off', { benefit: { kind: 'amount-off', amountMinor: 500, currency: 'USD' } });
const aging = (settings: Partial<ProgramDocument['settings']> = {}) =>
  programWith(
    [rewardOf('mug'), fiveOff],
    {},
    { debtPolicy: 'write-off', expiry: { mode: 'rolling', months: 3 }, ...settings },
  );

async function unitOf(shop: TestShop, unit = 'points', months = 6): Promise<LiabilityUnit> {
  const report = await liabilityReport(shop.shopId, { programId: shop.programId, months });
  const found = report.units.find((candidate) => candidate.unit === unit);
  if (found === undefined) throw new Error(`${unit} is not reported`);
  return found;
}

/** Half a year in which everything happens that can happen to points. */
async function liveThrough(shop: TestShop): Promise<{ spender: string; saver: string }> {
  const spender = await makeMember(shop);
  const saver = await makeMember(shop);
  setClock('2027-01-10T12:00:00Z');
  const first = sale(spender.customerId, '300.00', '2027-01-10T12:00:00Z');
  await tell(shop, 'orders/paid', first);
  await tell(shop, 'orders/paid', sale(saver.customerId, '250.00', '2027-01-10T12:00:00Z'));
  setClock('2027-02-05T12:00:00Z');
  await mustSpend(shop.shopId, { memberId: spender.memberId, rewardId: 'mug' });
  const carrying = sale(spender.customerId, '40.00', '2027-02-05T12:00:00Z');
  await mustSpend(shop.shopId, { memberId: spender.memberId, rewardId: 'mug', cart: 'cart-2' }, String(carrying['id']));
  await tell(shop, 'orders/paid', carrying);
  await mustSpend(shop.shopId, { memberId: spender.memberId, rewardId: 'mug', cart: 'cart-3' });
  setClock('2027-03-05T12:00:00Z');
  await tell(shop, 'orders/cancelled', cancelled(carrying, '2027-03-05T12:00:00Z'));
  await tell(shop, 'refunds/create', { ...refundOf(first, '300.00', '2027-03-06T12:00:00Z') });
  await tell(shop, 'orders/updated', refunded(first, '300.00', '2027-03-06T12:00:00Z'));
  await give(shop.shopId, saver.memberId, 'points', 60);
  await give(shop.shopId, saver.memberId, 'points', -10);
  setClock('2027-04-20T12:00:00Z');
  await expireLots(shop);
  return { spender: spender.memberId, saver: saver.memberId };
}

function refundOf(order: Record<string, unknown>, money: string, at: string): Record<string, unknown> {
  const [refund] = refunded(order, money, at)['refunds'] as Record<string, unknown>[];
  return refund ?? {};
}

/** What the ledger itself says was held at the end of a month. */
async function heldAtEnd(shop: TestShop, month: string): Promise<number> {
  const [row] = await system.sql<{ sum: string | null }>(
    `select sum(amount) from ledger_entry where shop_id = $1 and unit = 'points'
       and booked_at < (($2 || '-01')::timestamp + interval '1 month') at time zone 'UTC'`,
    [shop.shopId, month],
  );
  return Number(row?.sum ?? 0);
}

describe('the liability report', () => {
  it('tells month by month what was given, spent, given back, lost and written off, to the last point', async () => {
    const shop = await makeShop(aging());
    await liveThrough(shop);
    const points = await unitOf(shop);
    expect(points.months.map(({ month }) => month)).toEqual([
      '2026-11', '2026-12', '2027-01', '2027-02', '2027-03', '2027-04',
    ]); // prettier-ignore
    const nothing = { earned: 0, takenBack: 0, spent: 0, givenBack: 0, expired: 0, writtenOff: 0 };
    expect(points.months[0]).toEqual({ ...nothing, month: '2026-11', outstanding: 0 });
    expect(points.months[2]).toMatchObject({ ...nothing, earned: 550, outstanding: 550 });
    expect(points.months[3]).toMatchObject({ ...nothing, earned: 40, spent: 300, outstanding: 290 });
    expect(points.months[4]).toMatchObject({ earned: 60, takenBack: 350, givenBack: 100, spent: 0 });
    expect(points.months[5]).toMatchObject({ ...nothing, expired: expect.any(Number) });
    expect(points.months[5]?.expired).toBeGreaterThan(0);
    expect(points.writtenOff.amount).toBeGreaterThan(0);
    for (const { month, outstanding } of points.months)
      expect([month, outstanding]).toEqual([month, await heldAtEnd(shop, month)]);
    const [held] = await system.sql<{ sum: string }>(
      `select sum(amount) from balance where shop_id = $1 and unit = 'points'`,
      [shop.shopId],
    );
    expect(points.outstanding.amount).toBe(Number(held?.sum));
  });

  it('says the same once its months are closed, and keeps counting after them', async () => {
    const shop = await makeShop(aging());
    const { saver } = await liveThrough(shop);
    const before = await unitOf(shop);
    // January, February and March: April is not over.
    expect(await closeLiabilityMonths(shop)).toBe(3);
    expect(await closeLiabilityMonths(shop)).toBe(0);
    expect(await unitOf(shop)).toEqual(before);
    const [closed] = await system.sql('select until from liability_closed where shop_id = $1', [shop.shopId]);
    expect(closed).toEqual({ until: new Date('2027-04-01T00:00:00Z') });
    // What a closed month holds is what was counted, not what is counted again.
    await system.sql(
      `update liability_month set earned = earned + 1000 where shop_id = $1 and unit = 'points' and month = '2027-01'`,
      [shop.shopId],
    );
    expect((await unitOf(shop)).months[2]?.earned).toBe(1_550);
    await give(shop.shopId, saver, 'points', 7);
    expect((await unitOf(shop)).months[5]?.earned).toBe(7);
  });

  it('closes no month before everything dated in it is there', async () => {
    const shop = await makeShop(aging());
    const { memberId } = await makeMember(shop);
    setClock('2027-01-31T23:59:00Z');
    await give(shop.shopId, memberId, 'points', 5);
    setClock('2027-02-01T23:00:00Z');
    await closeLiabilityMonths(shop);
    const closed = await system.sql(`select 1 from liability_month where shop_id = $1 and month = '2027-01'`, [
      shop.shopId,
    ]);
    expect(closed).toEqual([]);
    setClock('2027-02-02T00:00:00Z');
    await closeLiabilityMonths(shop);
    expect(
      await system.sql(`select earned::int from liability_month where shop_id = $1 and month = '2027-01'`, [
        shop.shopId,
      ]),
    ).toEqual([{ earned: 5 }]);
  });

  it('prices units by what rewards pay for them, and leaves the others unpriced', async () => {
    const shop = await makeShop(aging());
    const { memberId, customerId } = await makeMember(shop);
    await tell(shop, 'orders/paid', sale(customerId, '33.00', new Date().toISOString()));
    const points = await unitOf(shop);
    expect(points.price).toMatchObject({ rewardId: 'five-off', amountMinor: 500, cost: 100 });
    expect(points.outstanding).toEqual({ amount: 33, valueMinor: 165 });
    expect((await unitOf(shop, 'stamps')).outstanding).toEqual({ amount: 1, valueMinor: null });
    await give(shop.shopId, memberId, 'points', -40);
    expect((await unitOf(shop)).outstanding.amount + (await unitOf(shop)).owed.amount).toBeGreaterThanOrEqual(0);
  });

  it('says what cannot be spent yet, what will end soon, and what is owed', async () => {
    const shop = await makeShop(aging({ debtPolicy: 'carry', pending: { until: 'days', days: 10 } }));
    const { memberId, customerId } = await makeMember(shop);
    const debtor = await makeMember(shop);
    setClock('2027-01-10T12:00:00Z');
    await tell(shop, 'orders/paid', sale(customerId, '80.00', '2027-01-10T12:00:00Z'));
    const lost = sale(debtor.customerId, '100.00', '2027-01-10T12:00:00Z');
    await tell(shop, 'orders/paid', lost);
    setClock('2027-02-25T12:00:00Z');
    await tell(shop, 'orders/paid', sale(customerId, '20.00', '2027-02-25T12:00:00Z'));
    await mustSpend(shop.shopId, { memberId: debtor.memberId, rewardId: 'mug' });
    await tell(shop, 'orders/cancelled', cancelled(lost, '2027-02-25T12:30:00Z'));
    const points = await unitOf(shop);
    expect(points).toMatchObject({
      outstanding: { amount: 100 },
      pending: { amount: 20 },
      expiring30: { amount: 0 },
      expiring60: { amount: 80 },
      expiring90: { amount: 80 + 20 },
      owed: { amount: 100, valueMinor: 500 },
    });
    expect(points.months.at(-1)?.outstanding).toBe(0);
    expect(memberId).not.toBe(debtor.memberId);
  });

  it('is one program’s, or all programs’ apart, also where both call their unit the same', async () => {
    const shop = await makeShop(aging());
    const { memberId, customerId } = await makeMember(shop);
    const second = await addProgram({
      shopId: shop.shopId,
      document: { ...makeDocument(), name: 'Second' },
      signUpPlaces: ['link'],
      actor: 'test',
    });
    await publishProgram({ shopId: shop.shopId, programId: second.programId, actor: 'test' });
    const other = await enrollMember({
      shopId: shop.shopId, programId: second.programId, via: 'link', profile: {}, shopifyCustomerId: customerId, locale: 'en',
      consents: [], wordingVersion: '1', source: 'test',
    }); // prettier-ignore
    expect(other).toMatchObject({ kind: 'enrolled' });
    expect(other.memberId).not.toBe(memberId);
    await give(shop.shopId, memberId, 'points', 5);
    await give(shop.shopId, other.memberId, 'points', 70);
    const pointsOf = async (programId: string | null) =>
      (await liabilityReport(shop.shopId, { programId, months: 1 })).units
        .filter(({ unit }) => unit === 'points')
        .map(({ programName, outstanding, months }) => [programName, outstanding.amount, months[0]?.earned]);
    expect(await pointsOf(shop.programId)).toEqual([['Coffee Club', 5, 5]]);
    expect(await pointsOf(second.programId)).toEqual([['Second', 70, 70]]);
    expect(await pointsOf(null)).toEqual([
      ['Coffee Club', 5, 5],
      ['Second', 70, 70],
    ]);
    const stranger = await makeShop();
    await expect(liabilityReport(stranger.shopId, { programId: shop.programId, months: 1 })).rejects.toMatchObject({
      name: 'NotFound',
    });
    expect((await liabilityReport(stranger.shopId, { programId: null, months: 1 })).units[0]?.outstanding.amount).toBe(
      0,
    );
  });

  it.each([0, 37, 1.5])('is refused for %d months', async (months) => {
    const shop = await makeShop();
    await expect(liabilityReport(shop.shopId, { programId: null, months })).rejects.toMatchObject({
      name: 'InvalidInput',
    });
  });
});

describe('the report as CSV', () => {
  async function csv(shop: TestShop, kind: 'months' | 'members'): Promise<string[]> {
    let text = '';
    for await (const piece of liabilityCsv(shop.shopId, { programId: null, months: 2, kind })) text += piece;
    expect(text.endsWith('\r\n')).toBe(true);
    return text.slice(0, -2).split('\r\n');
  }

  it('has a line for each unit and month, and no cell that a spreadsheet would calculate', async () => {
    const shop = await makeShop({
      ...aging(),
      name: '=HYPERLINK("http://evil.example")',
      units: [
        { kind: 'point', id: 'points', label: '@Points' },
        { kind: 'stamp', id: 'stamps', label: '+Stamps', stampsNeeded: 10 },
      ],
    });
    const { customerId } = await makeMember(shop);
    await tell(shop, 'orders/paid', sale(customerId, '33.00', new Date().toISOString()));
    const [header, ...lines] = await csv(shop, 'months');
    expect(header).toBe(
      'Program,Unit,Month,Earned,Taken back,Spent,Given back,Expired,Written off,Outstanding,Outstanding in USD',
    );
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(
      /^"'=HYPERLINK\(""http:\/\/evil\.example""\)",'@Points,\d{4}-\d{2},33,0,0,0,0,0,33,1\.65$/,
    );
    expect(lines[3]).toMatch(/,'\+Stamps,\d{4}-\d{2},1,0,0,0,0,0,1,$/);
  });

  it('has a line for each member and unit they hold, by opaque id, however many there are', async () => {
    // Three months that hold a February are no longer than the ninety days of the report.
    const shop = await makeShop(aging({ expiry: { mode: 'rolling', months: 12 } }));
    await system.sql(
      `with m as (
         insert into member (shop_id, id, program_id, card_id, enrolled_at, enrolled_via)
         select $1::uuid, gen_random_uuid(), $2::uuid, gen_random_uuid()::text, now(), 'api' from generate_series(1, 2500) n returning id
       ) insert into balance (shop_id, member_id, unit, amount) select $1::uuid, id, 'points', 1 from m`,
      [shop.shopId, shop.programId],
    );
    await system.sql('analyze member, balance, lot');
    const { memberId, customerId } = await makeMember(shop);
    await tell(shop, 'orders/paid', sale(customerId, '20.00', new Date().toISOString()));
    const [header, ...lines] = await csv(shop, 'members');
    expect(header).toContain('Member,Program,Unit,Outstanding,Outstanding in USD,Pending');
    expect(lines).toHaveLength(2_500 + 2);
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines).toContain(`${memberId},Coffee Club,Points,20,1.00,0,0,0,0,0`);
    const pieces: string[] = [];
    for await (const piece of liabilityCsv(shop.shopId, { programId: null, months: 1, kind: 'members' }))
      pieces.push(piece);
    expect(pieces).toHaveLength(1 + 3);
  });
});
