/** How long things are kept: what the merchant may choose, what nobody may shorten, and whether the figures add up. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { chooseRetention } from '#app/flows/privacy/choose-retention.ts';
import { eraseInactiveMembers } from '#app/flows/privacy/erase-inactive-members.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { moveClock } from '#app/flows/system/open-system.ts';
import { scheduleUpkeep } from '#app/flows/system/schedule-upkeep.ts';
import { boundsOf, monthlyClasses, type RetentionClass, retentionClasses } from '#app/data/privacy/retention.ts';
import { systemRetention } from '#app/data/system/idle-system-rows.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { evidencePublicKeys, verifyEvidence } from '#app/lib/evidence.ts';
import { retentionPage, retentionPreview } from '#app/queries/retention-preview.ts';
import { retentionReport } from '#app/queries/retention-report.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { makeFilledShop } from '#test/support/every-table.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterEach(() => moveClock(0));
afterAll(() => system.close());

const actor = 'staff:7';
const choose = (shop: TestShop, name: string, hours: number | null) =>
  chooseRetention({ shopId: shop.shopId, class: name, hours, actor, reason: 'our lawyer asked' });
const rowsOf = async (text: string, values: unknown[]) => (await system.sql(text, values)).length;

describe('W19 a period', () => {
  const adjustable = (Object.keys(retentionClasses) as RetentionClass[]).filter((name) => boundsOf(name) !== null);

  it('W19 of jobs, quotas and notices lies between 48 hours and 30 days, of quarantined bodies at 72 hours or less', () => {
    const { 'failed jobs': jobs, 'used-up quotas': quotas } = systemRetention;
    const notices = boundsOf('who got a message');
    for (const hours of [jobs, quotas, notices?.least, notices?.most, retentionClasses['idempotency keys'].hours])
      expect([hours, (hours ?? 0) >= 48 && (hours ?? 0) <= 30 * 24]).toEqual([hours, true]);
    expect(boundsOf('quarantined bodies')?.most).toBeLessThanOrEqual(72);
    expect(monthlyClasses).toEqual({ 'audit records': { months: 12 }, 'calls of the API': { months: 12 } });
  });

  it('W19 is the merchant’s to choose within its bounds, with an audit record; what is fixed or outside is refused', async () => {
    const shop = await makeShop();
    for (const name of adjustable) {
      const { least, most } = boundsOf(name) ?? { least: 0, most: 0 };
      for (const hours of [least, most]) await choose(shop, name, hours);
      for (const hours of [least - 1, most + 1, 0, -1, least + 0.5, Number.NaN])
        await expect(choose(shop, name, hours)).rejects.toThrow('outside its bounds');
    }
    for (const name of ['billing records', 'idempotency keys', 'audit records', 'toString', ''])
      await expect(choose(shop, name, 24)).rejects.toThrow('fixed');
    await expect(
      chooseRetention({ shopId: shop.shopId, class: 'quarantined bodies', hours: 24, actor, reason: ' ' }),
    ).rejects.toThrow('reason');
    const audits = await system.sql<{ actor: string; reason: string; same: boolean }>(
      `select actor, reason, before_hash = after_hash as same from audit_record where shop_id = $1 and action = 'retention.choose'`,
      [shop.shopId],
    );
    expect(audits).toHaveLength(adjustable.length * 2);
    expect(audits).toContainEqual({ actor, reason: 'our lawyer asked', same: false });
  });

  it('W19 that was chosen is what the next purge goes by, one second to either side, until it is given back', async () => {
    const [shop, other] = [await makeFilledShop(system), await makeFilledShop(system)];
    const age = (byMs: number) =>
      system.sql(`update inbox set state = 'quarantined', received_at = $1`, [new Date(Date.now() - byMs)]);
    const left = async (of: TestShop) => rowsOf('select 1 from inbox where shop_id = $1', [of.shopId]);
    await choose(shop, 'quarantined bodies', 24);
    await age(24 * hourMs - 60_000);
    await purgeByRetention({ shopId: shop.shopId });
    expect(await left(shop)).toBe(1);
    await age(24 * hourMs + 1_000);
    await purgeByRetention({ shopId: shop.shopId });
    await purgeByRetention({ shopId: other.shopId });
    expect([await left(shop), await left(other)]).toEqual([0, 1]);
    await choose(other, 'quarantined bodies', 24);
    await choose(other, 'quarantined bodies', null);
    await purgeByRetention({ shopId: other.shopId });
    expect(await left(other)).toBe(1);
    const page = await retentionPage(other.shopId);
    expect(page.classes.find((row) => row.class === 'quarantined bodies')).toMatchObject({
      hours: 72,
      isChosen: false,
    });
  });

  it('W19 of failed jobs and used-up quotas is kept, one minute to either side', async () => {
    await system.sql(
      `select graphile_worker.add_job('schedule-upkeep', '{"duty":"purge"}', job_key := 'old' || n, max_attempts := 1) from generate_series(1, 2) n`,
    );
    await system.sql(`insert into token_bucket (bucket, next_at) values ('old1', now()), ('old2', now())`);
    await system.sql(
      `insert into call_ring (ring, taken, begins_at, over_at) values ('old1', 0, now(), '{}'), ('old2', 0, now(), '{}')`,
    );
    const ages = [
      `update graphile_worker._private_jobs set attempts = 1, updated_at = now() - interval '30 days' + case key when 'old1' then interval '1 minute' else interval '-1 minute' end where key like 'old%'`,
      `update token_bucket set next_at = now() - interval '48 hours' + case bucket when 'old1' then interval '1 minute' else interval '-1 minute' end where bucket like 'old%'`,
      `update call_ring set begins_at = now() - interval '48 hours' + case ring when 'old1' then interval '1 minute' else interval '-1 minute' end where ring like 'old%'`,
    ];
    for (const text of ages) await system.sql(text);
    await scheduleUpkeep('purge');
    const left = await system.sql(
      `select key as name from graphile_worker._private_jobs where key like 'old%'
       union all select bucket from token_bucket where bucket like 'old%' union all select ring from call_ring where ring like 'old%'`,
    );
    expect(left).toEqual([{ name: 'old1' }, { name: 'old1' }, { name: 'old1' }]);
  });
});

describe('W20 billing', () => {
  const bill = (shop: TestShop, reference: string, issuedAt: string, isOnHold = false) =>
    system.sql(
      `insert into billing_record (shop_id, id, kind, reference, amount_minor, currency, issued_at, is_on_hold)
       values ($1, gen_random_uuid(), 'subscription', $2, 4900, 'USD', ${issuedAt}, $3)`,
      [shop.shopId, reference, isOnHold],
    );
  const billsOf = async (shop: TestShop) =>
    (await system.sql<{ reference: string }>('select reference from billing_record where shop_id = $1 order by 1', [shop.shopId])).map((row) => row.reference); // prettier-ignore

  it('W20 is kept for ten years and on hold for longer, whatever clock the purge goes by', async () => {
    const shop = await makeShop();
    await bill(shop, 'a-young', `now() - interval '10 years' + interval '1 day'`);
    await bill(shop, 'b-old', `now() - interval '10 years' - interval '3 days'`);
    await bill(shop, 'c-held', `now() - interval '11 years'`, true);
    await purgeByRetention({ shopId: shop.shopId });
    expect(await billsOf(shop)).toEqual(['a-young', 'c-held']);
    // A rules' clock that runs ahead makes the purge ask for more: the database refuses.
    setClockOffsetMs(20 * 366 * dayMs);
    await purgeByRetention({ shopId: shop.shopId });
    expect(await billsOf(shop)).toEqual(['a-young', 'c-held']);
  });

  it('W20 cannot be removed or changed early by any role that runs, and stays when the whole shop is erased', async () => {
    const shop = await makeFilledShop(system);
    const held = await billsOf(shop);
    for (const role of ['stampwell_web', 'stampwell_worker'])
      for (const text of [
        'delete from billing_record',
        'update billing_record set amount_minor = 0',
        'truncate billing_record',
      ]) {
        const client = new pg.Client({ connectionString: system.url, options: `-c role=${role}` });
        await client.connect();
        await client.query(`select set_config('app.shop_id', $1, false)`, [shop.shopId]);
        const changed = await client.query(text).then(({ rowCount }) => rowCount, () => 0); // prettier-ignore
        await client.end();
        expect([role, text, changed]).toEqual([role, text, 0]);
      }
    const caseId = crypto.randomUUID();
    await system.sql(
      `insert into erasure_case (shop_id, id, kind, origin, source_key, requested_at, due_at, actor)
       values ($1, $2, 'shop-erasure', 'shopify', $3, now(), now(), 'shopify')`,
      [shop.shopId, caseId, caseId],
    );
    await processCase({ shopId: shop.shopId, caseId });
    expect(await system.sql('select state from shop where id = $1', [shop.shopId])).toEqual([{ state: 'redacted' }]);
    expect(await billsOf(shop)).toEqual(held);
  });
});

describe('F32 the retention report', () => {
  it('F32 is signed, and totals before are what was purged and what was kept', async () => {
    const shop = await makeShop();
    const [old, young] = [new Date(Date.now() - 73 * hourMs), new Date(Date.now() - 71 * hourMs)];
    const count = 12_000;
    // More than two batches, so that a run is pieced together.
    await system.sql(
      `insert into api_idempotency (shop_id, client_id, key, inputs_hash, status, response, created_at)
       select $1, 'client', n::text, '\\x00', 200, '', case when n <= $2 then $3::timestamptz else $4 end from generate_series(1, $2 + 500) n`,
      [shop.shopId, count, old, young],
    );
    const from = new Date(Date.now() - 1_000);
    const before = await rowsOf('select 1 from api_idempotency where shop_id = $1', [shop.shopId]);
    const preview = await retentionPreview(shop.shopId);
    expect(preview.find((row) => row.class === 'idempotency keys')).toEqual({
      class: 'idempotency keys',
      held: 12_500,
      due: count,
    });
    // A dry run touches nothing.
    expect(await rowsOf('select 1 from api_idempotency where shop_id = $1', [shop.shopId])).toBe(before);
    await purgeByRetention({ shopId: shop.shopId });
    const kept = await rowsOf('select 1 from api_idempotency where shop_id = $1', [shop.shopId]);
    const report = await retentionReport(shop.shopId, { from, until: new Date(Date.now() + 1_000) });
    expect(report.payload.runs).toMatchObject([
      { class: 'idempotency keys', held: before, removed: before - kept, kept, arrived: 0 },
    ]);
    expect(report.payload.totals).toEqual({ 'idempotency keys': { runs: 1, removed: count } });
    expect(verifyEvidence(report, evidencePublicKeys())).toBe(true);
    expect(verifyEvidence({ ...report, payload: { ...report.payload, totals: {} } }, evidencePublicKeys())).toBe(false);
    await purgeByRetention({ shopId: shop.shopId });
    const again = await retentionReport(shop.shopId, { from, until: new Date(Date.now() + 1_000) });
    expect(again.payload.runs).toHaveLength(1);
  });

  it('F32 counts every class the way its purge does', async () => {
    const shop = await makeFilledShop(system);
    setClockOffsetMs(400 * dayMs);
    const due = new Map((await retentionPreview(shop.shopId)).map((row) => [row.class, row.due]));
    await purgeByRetention({ shopId: shop.shopId });
    const removed = await system.sql<{ class: string; removed: number; sum: boolean }>(
      `select class, removed::int, held = removed + kept as sum from purge_report where shop_id = $1 and class <> 'test'`,
      [shop.shopId],
    );
    expect(removed.length).toBeGreaterThan(3);
    expect(removed.map((row) => [row.class, row.removed, row.sum])).toEqual(removed.map((row) => [row.class, due.get(row.class), true])); // prettier-ignore
    const gone = new Set(removed.map((row) => row.class));
    expect([...due].filter(([name, rows]) => rows > 0 && !gone.has(name))).toEqual([]);
  });

  it('F32 holds another shop’s figures of nobody', async () => {
    const [shop, other] = [await makeFilledShop(system), await makeShop()];
    setClockOffsetMs(400 * dayMs);
    await purgeByRetention({ shopId: shop.shopId });
    const span = { from: new Date(0), until: new Date(Date.now() + 500 * dayMs) };
    expect((await retentionReport(other.shopId, span)).payload.runs).toEqual([]);
  });
});

describe('F32 inactive members', () => {
  const months = 12;
  const periodMs = months * 732 * hourMs;

  it('F32 are kept unless the shop asks, and then erased when they did nothing for the time it chose', async () => {
    const shop = await makeShop();
    const [quiet, active, restricted] = [await makeMember(shop), await makeMember(shop), await makeMember(shop)];
    const stateOf = async (memberId: string) =>
      (await system.sql<{ state: string }>('select state from member where id = $1', [memberId]))[0]?.state;
    await system.sql('update member set restricted_at = now() where id = $1', [restricted.memberId]);
    setClockOffsetMs(periodMs - 60_000);
    await system.sql(`update balance set active_at = $2 where member_id = $1 and unit = 'points'`, [
      active.memberId,
      new Date(Date.now() + dayMs),
    ]);
    await choose(shop, 'inactive members', months * 732);
    expect(await eraseInactiveMembers({ shopId: shop.shopId })).toBe(0);
    setClockOffsetMs(periodMs + 60_000);
    expect(await eraseInactiveMembers({ shopId: (await makeShop()).shopId })).toBe(0);
    // Twice at once: one case.
    await Promise.all([eraseInactiveMembers({ shopId: shop.shopId }), eraseInactiveMembers({ shopId: shop.shopId })]);
    const cases = await system.sql<{ id: string; kind: string; origin: string }>(
      'select id, kind, origin from erasure_case where shop_id = $1',
      [shop.shopId],
    );
    expect(cases.map(({ kind, origin }) => [kind, origin])).toEqual([['erasure', 'retention']]);
    await processCase({ shopId: shop.shopId, caseId: cases[0]?.id ?? '' });
    expect([await stateOf(quiet.memberId), await stateOf(active.memberId), await stateOf(restricted.memberId)]).toEqual(
      ['erased', 'active', 'active'],
    );
    expect(await eraseInactiveMembers({ shopId: shop.shopId })).toBe(0);
  });

  it('F32 cannot be chosen below a year', async () => {
    const shop = await makeShop();
    for (const hours of [11 * 732, 121 * 732, 1])
      await expect(choose(shop, 'inactive members', hours)).rejects.toThrow('outside its bounds');
  });
});
