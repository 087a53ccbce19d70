import pg from 'pg';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ensureLedgerPartitions } from '#app/data/ledger/ledger-partitions.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { type FilledShop, makeFilledShop, tenantTables } from '#test/support/every-table.ts';

let system: TestSystem;
let mine: FilledShop;
let theirs: FilledShop;
let tables: string[];
beforeAll(async () => {
  system = await openTestSystem();
  mine = await makeFilledShop(system);
  theirs = await makeFilledShop(system);
  tables = (await tenantTables(system)).filter((table) => !table.isPartition).map((table) => table.name);
});
afterAll(() => system.close());

type Ask = (text: string, values?: unknown[]) => Promise<pg.QueryResult>;

/** A connection in one of our roles, each statement in a transaction that is rolled back. */
async function asRole<T>(role: string, shopId: string | null, work: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: system.url, options: `-c role=${role}` });
  await client.connect();
  try {
    return await work(async (text, values) => {
      await client.query('begin');
      if (shopId !== null) await client.query(`select set_config('app.shop_id', $1, true)`, [shopId]);
      try {
        return await client.query(text, values);
      } finally {
        await client.query('rollback');
      }
    });
  } finally {
    await client.end();
  }
}

const codeOf = (error: unknown) =>
  error instanceof pg.DatabaseError ? `${error.code} ${error.message.split(' for ')[0]}` : String(error);
const denied = '42501';

/** What each table answers, where that is not what it should be. */
async function unexpected(
  answer: (table: string) => Promise<string>,
  expected: (answer: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const table of tables) {
    const got = await answer(table).catch(codeOf);
    if (!expected(got)) found.push(`${table}: ${got}`);
  }
  return found;
}

const countText = (table: string, where = 'true') =>
  `select count(*)::int as n, count(distinct shop_id)::int as shops from ${table} where ${where}`;
const describeCount = (result: pg.QueryResult) => `${result.rows[0].n} rows of ${result.rows[0].shops} shops`;
/** A shop that does not exist, and what is no id at all. */
const nobody = '00000000-0000-4000-8000-000000000000';

it('covers every table with a shop, each with rows of two shops', async () => {
  expect(tables.length).toBeGreaterThanOrEqual(26);
  for (const table of tables) {
    const [row] = await system.sql<{ shops: number }>(`select count(distinct shop_id)::int as shops from ${table}`);
    expect(`${table}: ${row?.shops}`).toBe(`${table}: 2`);
  }
});

it('forces row-level security on each, partitions included, also on one made later', async () => {
  await ensureLedgerPartitions();
  await system.sql(`select ensure_ledger_partition('2031-05-01')`);
  const all = await tenantTables(system);
  expect(all.map((table) => table.name)).toContain('ledger_entry_2031_05');
  expect(all.filter((table) => !table.isForced)).toEqual([]);
  const backup = await asRole('stampwell_backup', null, async (ask) => {
    const seen: string[] = [];
    for (const { name } of all) seen.push(await ask(countText(name)).then(() => 'read', codeOf));
    return new Set(seen);
  });
  expect(backup).toEqual(new Set(['read']));
});

/** The relay empties the outbox for all shops at once; its rows are ids only. */
const isOpenTo = (role: string, table: string) => role === 'stampwell_worker' && table === 'outbox';

describe.each(['stampwell_web', 'stampwell_worker'])('the role %s', (role) => {
  it.each([
    ['no shop is set', null],
    ['an empty shop is set', ''],
    ['a shop that does not exist is set', nobody],
  ])('sees nothing when %s', async (_name, shopId) => {
    await asRole(role, shopId, async (ask) => {
      const found = await unexpected(
        async (table) => describeCount(await ask(countText(table))),
        (answer) => answer === '0 rows of 0 shops' || answer.startsWith(denied),
      );
      expect(found.filter((line) => !(role === 'stampwell_worker' && line.startsWith('outbox:')))).toEqual([]);
      expect((await ask('select * from shop')).rows).toEqual([]);
    });
  });

  it('sees exactly the rows of the shop that is set', async () => {
    await asRole(role, mine.shopId, async (ask) => {
      const found = await unexpected(
        async (table) => (isOpenTo(role, table) ? 'open' : describeCount(await ask(countText(table)))),
        (answer) => /^[1-9]\d* rows of 1 shops$/.test(answer) || answer.startsWith(denied) || answer === 'open',
      );
      expect(found).toEqual([]);
      expect((await ask('select id from shop')).rows).toEqual([{ id: mine.shopId }]);
      expect((await ask(countText('member', `shop_id = '${theirs.shopId}'`))).rows[0].n).toBe(0);
    });
  });

  it('cannot write a row of another shop into any table', async () => {
    await asRole(role, mine.shopId, async (ask) => {
      const found = await unexpected(
        async (table) => {
          if (isOpenTo(role, table)) return 'open';
          const [foreign] = await system.sql<{ row: object }>(
            `select to_json(t) as row from ${table} t where shop_id = $1 limit 1`,
            [theirs.shopId],
          );
          await ask(
            `insert into ${table} overriding system value select * from json_populate_record(null::${table}, $1)`,
            [foreign?.row],
          );
          return 'written';
        },
        (answer) => answer.startsWith(denied) || answer === 'open',
      );
      expect(found).toEqual([]);
    });
  });

  it('cannot change, take over, give away or remove a row of another shop', async () => {
    await asRole(role, mine.shopId, async (ask) => {
      const attempt = async (text: string) => ask(text).then((result) => `${result.rowCount} rows`, codeOf);
      const harmless = (answer: string) => answer === '0 rows' || answer.startsWith(denied);
      for (const table of tables.filter((name) => !isOpenTo(role, name))) {
        const answers = [
          await attempt(`update ${table} set shop_id = shop_id where shop_id = '${theirs.shopId}'`),
          await attempt(`update ${table} set shop_id = '${mine.shopId}' where shop_id = '${theirs.shopId}'`),
          await attempt(`update ${table} set shop_id = '${theirs.shopId}'`),
          await attempt(`delete from ${table} where shop_id = '${theirs.shopId}'`),
        ];
        expect([table, answers.filter((answer) => !harmless(answer))]).toEqual([table, []]);
      }
    });
  });

  it('cannot change or remove an entry, its source, a consent or an audit record, not even of its own shop', async () => {
    const partitions = (await tenantTables(system)).filter((table) => table.isPartition).map((table) => table.name);
    const appendOnly = ['ledger_entry', 'ledger_source', 'consent_record', 'audit_record', 'audit_segment', 'api_call', 'tombstone', 'purge_report']; // prettier-ignore
    await asRole(role, mine.shopId, async (ask) => {
      for (const table of [...appendOnly, ...partitions])
        for (const text of [`update ${table} set shop_id = shop_id`, `delete from ${table}`, `truncate ${table}`])
          expect([text, await ask(text).then(() => 'done', codeOf)]).toEqual([
            text,
            expect.stringMatching(/^42501 permission denied/),
          ]);
    });
  });

  it('cannot change a published version or design', async () => {
    await asRole(role, mine.shopId, async (ask) => {
      for (const text of [
        `update rule_version set document = '{}'`,
        `update card_design set design = '{}'`,
        'delete from rule_version',
      ])
        expect(await ask(text).then(() => 'done', codeOf)).toMatch(/^42501/);
    });
  });
});

it('lets the auditor read one shop, and neither tokens nor identity nor API secrets of any', async () => {
  await asRole('stampwell_auditor', mine.shopId, async (ask) => {
    expect(describeCount(await ask(countText('ledger_entry')))).toBe('2 rows of 1 shops');
    for (const table of ['session', 'member_profile', 'api_client'])
      expect(await ask(countText(table)).then(() => 'read', codeOf)).toMatch(/^42501/);
    for (const text of [
      'delete from member',
      `update balance set amount = 0`,
      `insert into tombstone select * from tombstone`,
    ])
      expect(await ask(text).then(() => 'done', codeOf)).toMatch(/^42501/);
  });
});
