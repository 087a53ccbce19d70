/** Audit records by the month: signed heads, removal after twelve months, and a chain that verifies across the gap. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { closeAuditMonths } from '#app/flows/privacy/close-audit-months.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { scheduleUpkeep } from '#app/flows/system/schedule-upkeep.ts';
import { moveClock } from '#app/flows/system/open-system.ts';
import { now } from '#app/lib/clock.ts';
import { evidencePublicKeys } from '#app/lib/evidence.ts';
import { auditExport } from '#app/queries/audit-export.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterEach(() => moveClock(0));
afterAll(() => system.close());

const travel = (to: string) => moveClock(Date.parse(to) - Date.now());
const append = (shop: TestShop, object: string) =>
  withShop(shop.shopId, (tx) =>
    appendAudit(tx, {
      actor: 'staff:1',
      action: 'member.adjust',
      object,
      beforeHash: null,
      afterHash: null,
      reason: 'a reason',
      occurredAt: now(),
    }),
  );
const verdict = (shop: TestShop, isSigned = true) =>
  verifyChain({ shopId: shop.shopId, chain: 'audit', publicKeys: isSigned ? evidencePublicKeys() : null });
const recordsOf = async (shop: TestShop) =>
  (await system.sql('select sequence from audit_record where shop_id = $1', [shop.shopId])).length;
const monthsOf = (shop: TestShop) =>
  system.sql<{ month: string; first: number; last: number; purged: boolean }>(
    `select to_char(month, 'YYYY-MM') as month, first_sequence::int as first, last_sequence::int as last,
       purged_at is not null as purged from audit_segment where shop_id = $1 order by month`,
    [shop.shopId],
  );
const close = (...shops: TestShop[]) => Promise.all(shops.map(({ shopId }) => closeAuditMonths({ shopId })));

/** `npm run verify -- audit` in a process of its own, with nothing but the database's address. */
async function runVerify(...more: string[]): Promise<unknown> {
  const command = path.join(import.meta.dirname, '../../workers/verify.ts');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', command, 'audit', ...more],
    { env: { NODE_ENV: 'test', PATH: process.env['PATH'], DATABASE_URL: system.url, LOG_LEVEL: 'silent' }, stdio: ['ignore', 'pipe', 'inherit'] },
  ); // prettier-ignore
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  await once(child, 'close');
  return JSON.parse(output.trim()) as unknown;
}

/** Three records in January, two in February, one in April, of a year that nobody else of this file uses. */
async function liveThrough(year: number, ...shops: TestShop[]): Promise<void> {
  for (const [at, objects] of [
    [`${year}-01-20T10:00:00Z`, ['a', 'b', 'c']],
    [`${year}-02-28T23:58:00Z`, ['d', 'e']],
    [`${year}-04-02T10:00:00Z`, ['f']],
  ] as const) {
    await travel(at);
    await scheduleUpkeep('purge');
    for (const shop of shops) for (const object of objects) await append(shop, object);
  }
}

describe('a month of audit records', () => {
  it('L05 W18 gets a signed head when it is over, once, however many hands close it', async () => {
    const shop = await makeShop();
    await liveThrough(2031, shop);
    await Promise.all(Array.from({ length: 5 }, () => close(shop)));
    expect(await monthsOf(shop)).toEqual([
      { month: '2031-01', first: 1, last: 3, purged: false },
      { month: '2031-02', first: 4, last: 5, purged: false },
    ]);
    expect(await verdict(shop)).toEqual({ checked: 6, firstBad: null });
  });

  it('W18 is over for writers too: a process whose clock is behind records in the month that goes on', async () => {
    const shop = await makeShop();
    await liveThrough(2032, shop);
    await close(shop);
    await travel('2032-02-10T00:00:00Z');
    await append(shop, 'late');
    await travel('2032-05-01T00:00:00Z');
    await close(shop);
    expect((await monthsOf(shop)).map(({ month, last }) => [month, last])).toEqual([
      ['2032-01', 3],
      ['2032-02', 5],
      ['2032-04', 7],
    ]);
    expect(await verdict(shop)).toEqual({ checked: 7, firstBad: null });
  });

  it('W18 W19 is removed twelve months after its end and not before, by its partition, and the chain verifies 13 months later', async () => {
    const [shop, other] = [await makeShop(), await makeShop()];
    await liveThrough(2033, shop, other);
    await close(shop, other);
    // TTL − 1: the last minutes of the twelfth month.
    await travel('2034-01-31T23:58:00Z');
    await scheduleUpkeep('purge');
    expect(await recordsOf(shop)).toBe(6);
    // TTL + 1.
    await travel('2034-02-01T00:00:10Z');
    await scheduleUpkeep('purge');
    expect([await recordsOf(shop), await recordsOf(other)]).toEqual([3, 3]);
    expect(await system.sql(`select to_regclass('audit_record_2033_01') as gone`, [])).toEqual([{ gone: null }]);
    expect(await verdict(shop)).toEqual({ checked: 3, firstBad: null });
    const reports = await system.sql(
      `select class, removed::int, held::int, kept::int from purge_report where shop_id = $1`,
      [shop.shopId],
    );
    expect(reports).toEqual([{ class: 'audit records', removed: 3, held: 6, kept: 3 }]);
    // Thirteen months after the last record everything is gone but the heads, and the chain goes on.
    await travel('2035-05-01T00:00:10Z');
    await close(shop, other);
    await scheduleUpkeep('purge');
    expect(await recordsOf(shop)).toBe(0);
    expect(await verdict(shop)).toEqual({ checked: 0, firstBad: null });
    await append(shop, 'afterwards');
    expect(await verdict(shop)).toEqual({ checked: 1, firstBad: null });
    // The command goes by the clock that did this only where there is one that can be moved, and says so.
    const asSystemOf = (environment: string) =>
      system.sql(
        `insert into system_fact (key, value) values ('environment', to_jsonb($1::text))
         on conflict (key) do update set value = excluded.value`,
        [environment],
      );
    await asSystemOf('production');
    expect(await runVerify('--shop', shop.domain)).toMatchObject({ firstBad: { problem: 'month-removed-early' } });
    await asSystemOf('test');
    expect(await runVerify('--shop', shop.domain)).toEqual({
      ok: true,
      checked: 1,
      firstBad: null,
      testClockAheadMs: expect.any(Number),
    });
  });

  it('W18 stays for as long as one shop has no signed head of it', async () => {
    const [shop, forgotten] = [await makeShop(), await makeShop()];
    await liveThrough(2036, shop, forgotten);
    await close(shop);
    await travel('2037-03-15T00:00:00Z');
    await scheduleUpkeep('purge');
    expect([await recordsOf(shop), await recordsOf(forgotten)]).toEqual([6, 6]);
    await close(forgotten);
    await scheduleUpkeep('purge');
    expect([await recordsOf(shop), await recordsOf(forgotten)]).toEqual([1, 1]);
  });

  it('W18 is not removed early by a worker that was taken over, and its head is signed only while its records verify', async () => {
    const shop = await makeShop();
    await liveThrough(2038, shop);
    await travel('2038-12-15T00:00:00Z');
    await system.sql(`set role stampwell_worker`);
    const early = await system.sql(`select drop_record_partition('audit_record', '2038-01-01') as is_dropped`);
    await system.sql('reset role');
    expect(early).toEqual([{ is_dropped: false }]);
    await system.sql(`update audit_record set reason = 'never mind' where shop_id = $1 and sequence = 4`, [
      shop.shopId,
    ]);
    await expect(closeAuditMonths({ shopId: shop.shopId })).rejects.toThrow('altered at 4');
    expect((await monthsOf(shop)).map(({ month }) => month)).toEqual(['2038-01']);
  });
});

describe('experiment 36: a superuser alters the audit chain', () => {
  const tampering: [name: string, sql: string, bad: { sequence: number; problem: string }][] = [
    ['L05 flips a byte', `update audit_record set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where shop_id = $1 and sequence = 2`, { sequence: 2, problem: 'changed' }],
    ['edits a reason', `update audit_record set reason = 'x' where shop_id = $1 and sequence = 5`, { sequence: 5, problem: 'changed' }],
    ['deletes a row', `delete from audit_record where shop_id = $1 and sequence = 4`, { sequence: 4, problem: 'missing' }],
    ['deletes the newest row', `delete from audit_record where shop_id = $1 and sequence = 6`, { sequence: 6, problem: 'missing' }],
    ['moves a row by a second', `update audit_record set recorded_at = recorded_at + interval '1 second' where shop_id = $1 and sequence = 6`, { sequence: 6, problem: 'changed' }],
    ['swaps two rows', `with gone as (delete from audit_record where shop_id = $1 and sequence in (4, 5) returning *) insert into audit_record select shop_id, 9 - sequence, actor, action, object, before_hash, after_hash, reason, occurred_at, previous_hash, hash, recorded_at from gone order by sequence`, { sequence: 4, problem: 'not-linked' }],
    ['inserts a row beside another', `insert into audit_record select shop_id, sequence, actor, action, 'forged', before_hash, after_hash, reason, occurred_at, previous_hash, hash, recorded_at + interval '1 second' from audit_record where shop_id = $1 and sequence = 5`, { sequence: 5, problem: 'inserted' }],
    ['appends a row', `insert into audit_record select shop_id, 7, actor, action, object, before_hash, after_hash, reason, occurred_at, hash, sha256(hash), recorded_at from audit_record where shop_id = $1 and sequence = 6`, { sequence: 7, problem: 'changed' }],
    ['removes a month with its head', `with gone as (delete from audit_record where shop_id = $1 and sequence <= 3) delete from audit_segment where shop_id = $1 and first_sequence = 1`, { sequence: 1, problem: 'missing' }],
    ['removes a month and calls it purged', `with gone as (delete from audit_record where shop_id = $1 and sequence <= 3) update audit_segment set purged_at = now() where shop_id = $1 and first_sequence = 1`, { sequence: 1, problem: 'month-removed-early' }],
    ['rewrites the head of a month', `update audit_segment set hash = sha256(hash) where shop_id = $1 and first_sequence = 4`, { sequence: 5, problem: 'month-altered' }],
    ['forges a signature', `update audit_segment set signed = jsonb_set(signed, '{signature}', '"AAAA"') where shop_id = $1 and first_sequence = 4`, { sequence: 5, problem: 'month-altered' }],
  ]; // prettier-ignore

  it.each(tampering)('experiment 36: %s and the verifier names the row', async (_name, sql, bad) => {
    const shop = await makeShop();
    await liveThrough(2040, shop);
    await close(shop);
    expect((await verdict(shop)).firstBad).toBeNull();
    await system.sql(sql, [shop.shopId]);
    expect((await verdict(shop)).firstBad).toEqual(bad);
  });

  it('experiment 36: writes the whole chain anew, and the signed month still tells', async () => {
    const [shop, forged] = [await makeShop(), await makeShop()];
    await liveThrough(2041, shop);
    await liveThrough(2041, forged);
    await close(shop);
    // A chain of the same length that is sound in itself, with its head: only the signature speaks for the other one.
    await system.sql('delete from audit_record where shop_id = $1', [shop.shopId]);
    await system.sql(`update audit_record set shop_id = $1 where shop_id = $2`, [shop.shopId, forged.shopId]);
    await system.sql(
      `update chain_head h set hash = f.hash from chain_head f
       where h.shop_id = $1 and f.shop_id = $2 and h.chain = 'audit' and f.chain = 'audit'`,
      [shop.shopId, forged.shopId],
    );
    expect((await verdict(shop)).firstBad).toEqual({ sequence: 3, problem: 'differs-from-signed-head' });
  });
});

it('L05 W18 experiment 36: the command checks signatures with the published keys, and the chain against an earlier export', async () => {
  const shop = await makeShop();
  await liveThrough(2042, shop);
  await close(shop);
  await moveClock(0);
  const directory = await mkdtemp(path.join(tmpdir(), 'stampwell-keys-'));
  const file = path.join(directory, 'evidence-keys.json');
  const run = async (keys: unknown, more: string[] = []) => {
    await writeFile(file, JSON.stringify({ keys }));
    return runVerify('--shop', shop.domain, '--keys', file, ...more);
  };
  expect(await run(evidencePublicKeys())).toEqual({ ok: true, checked: 6, firstBad: null });
  expect(await run([])).toMatchObject({ ok: false, firstBad: { sequence: 3, problem: 'month-altered' } });
  // Whoever takes the newest records and the head away leaves a sound chain behind, but not the one of an earlier export.
  const exported = path.join(directory, 'audit.jsonl');
  const filter = { actor: null, action: null, object: null, from: null, until: null };
  let text = '';
  for await (const piece of auditExport(shop.shopId, { filter, format: 'jsonl' })) text += piece;
  await writeFile(exported, text);
  const withHead = ['--head', exported];
  expect(await run(evidencePublicKeys(), withHead)).toMatchObject({ ok: true });
  await system.sql('delete from audit_record where shop_id = $1 and sequence = 6', [shop.shopId]);
  await system.sql(
    `update chain_head h set sequence = 5, hash = r.hash from audit_record r
     where h.shop_id = $1 and h.chain = 'audit' and r.shop_id = $1 and r.sequence = 5`,
    [shop.shopId],
  );
  expect(await run(evidencePublicKeys())).toMatchObject({ ok: true, checked: 5 });
  expect(await run(evidencePublicKeys(), withHead)).toMatchObject({
    ok: false,
    firstBad: { sequence: 6, problem: 'missing' },
  });
  await append(shop, 'in its place');
  expect(await run(evidencePublicKeys(), withHead)).toMatchObject({
    ok: false,
    firstBad: { sequence: 6, problem: 'differs-from-signed-head' },
  });
  await rm(directory, { recursive: true });
});
