import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { plainProgram } from '#app/domain/programs/program.ts';
import { retentionClasses } from '#app/data/privacy/retention.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { publishCardDesign } from '#app/flows/cards/publish-card-design.ts';
import { saveCardDraft } from '#app/flows/cards/save-card-draft.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { releaseReservations } from '#app/flows/members/release-reservations.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { privacyPage } from '#app/queries/privacy-page.ts';
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
import { logoPicture } from '#test/support/logo-files.ts';
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

describe('retention', () => {
  /** How a row of each class comes to be of an age, and how it is counted. */
  const classes: Record<keyof typeof retentionClasses, { age: string; count: string }> = {
    'applied deliveries': {
      age: 'update inbox set received_at = $2 where shop_id = $1',
      count: `select 1 from inbox where shop_id = $1 and state = 'done'`,
    },
    'quarantined bodies': {
      age: `update inbox set state = 'quarantined', received_at = $2 where shop_id = $1`,
      count: 'select 1 from inbox where shop_id = $1',
    },
    'parked deliveries': {
      age: `update inbox set state = 'parked', received_at = $2 where shop_id = $1`,
      count: 'select 1 from inbox where shop_id = $1',
    },
    'answers to data requests': {
      age: `update erasure_case set state = 'closed', answer = '\\x00', closed_at = $2 where shop_id = $1`,
      count: 'select 1 from erasure_case where shop_id = $1 and answer is not null',
    },
    'devices of erased members': {
      age: `update pass set state = 'void', voided_at = $2 where shop_id = $1`,
      count: 'select 1 from device_registration where shop_id = $1',
    },
    'prepared passes': {
      age: 'update prepared_pass set made_at = $2 where shop_id = $1',
      count: 'select 1 from prepared_pass where shop_id = $1',
    },
    'idempotency keys': {
      age: 'update api_idempotency set created_at = $2 where shop_id = $1',
      count: 'select 1 from api_idempotency where shop_id = $1',
    },
    'marks of calls from Google': {
      age: 'update google_callback set expires_at = $2 where shop_id = $1',
      count: 'select 1 from google_callback where shop_id = $1',
    },
    'used half minutes of card codes': {
      age: 'update card_step set step = extract(epoch from $2::timestamptz) / 30 where shop_id = $1',
      count: 'select 1 from card_step where shop_id = $1',
    },
    'logos never published': {
      age: 'update shop_image set created_at = $2 where shop_id = $1',
      count: 'select 1 from shop_image where shop_id = $1',
    },
    'who got a message': {
      age: 'update campaign set withdrawn_at = $2 where shop_id = $1',
      count: 'select 1 from campaign_recipient where shop_id = $1',
    },
    'hours of card freshness': {
      age: 'update freshness_hour set hour = $2 where shop_id = $1',
      count: 'select 1 from freshness_hour where shop_id = $1',
    },
  };

  it.each(Object.entries(retentionClasses))('keeps %s for their period and not longer', async (name, { hours }) => {
    const { age, count } = classes[name as keyof typeof retentionClasses];
    const [shop, other] = [await makeFilledShop(system), await makeFilledShop(system)];
    const rows = async (of: TestShop) => (await system.sql(count, [of.shopId])).length;
    const aged = async (byMs: number) => {
      for (const of of [shop, other])
        await system.sql(age, [of.shopId, new Date(Date.now() - hours * 3_600_000 - byMs)]);
      await purgeByRetention({ shopId: shop.shopId });
    };
    await aged(-60_000);
    expect(await rows(shop)).toBeGreaterThan(0);
    await aged(60_000);
    expect(await rows(shop)).toBe(0);
    expect(await rows(other)).toBeGreaterThan(0);
    const { retention } = await privacyPage(shop.shopId);
    expect(retention.find((entry) => entry.class === name)?.lastRun).toBeInstanceOf(Date);
  });

  it('keeps a logo for as long as a design names it, the newest, an older one or the draft', async () => {
    const shop = await makeShop();
    const [named, tried, drafted] = ['b'.repeat(64), 'c'.repeat(64), 'd'.repeat(64)];
    const picture = await logoPicture({ width: 64, height: 20 }).png().toBuffer();
    await system.sql(
      `insert into shop_image (shop_id, hash, content, width, height, created_at)
       select $1, unnest($2::text[]), $3, 64, 20, now()`,
      [shop.shopId, [named, tried, drafted], picture],
    );
    const { shopId, programId } = shop;
    for (const logoImage of [named, null])
      await publishCardDesign({ shopId, programId, design: { ...starterDesign('Shop'), logoImage }, actor: 'test' });
    const draft = { ...starterDesign('Shop'), logoImage: drafted };
    await saveCardDraft({ shopId, programId, design: draft, expectedRevision: 0, actor: 'test' });
    setClockOffsetMs(366 * 86_400_000);
    await purgeByRetention({ shopId });
    expect(await system.sql('select hash from shop_image where shop_id = $1 order by hash', [shopId])).toEqual([
      { hash: named },
      { hash: drafted },
    ]);
  });

  it('never removes an entry, a consent or an audit record, however old', async () => {
    const shop = await makeFilledShop(system);
    const count = () =>
      system.sql(
        `select (select count(*) from ledger_entry where shop_id = $1)::int as e, (select count(*) from consent_record where shop_id = $1)::int as c, (select count(*) from audit_record where shop_id = $1)::int as a`,
        [shop.shopId],
      );
    const before = await count();
    setClockOffsetMs(20 * 365 * 86_400_000);
    await purgeByRetention({ shopId: shop.shopId });
    expect(await count()).toEqual(before);
  });
});
