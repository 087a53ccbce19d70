import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Orm, type Tx, withShop } from '#app/data/tenancy.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let mine: TestShop;
let theirs: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  mine = await makeShop();
  theirs = await makeShop();
  for (const shop of [mine, theirs]) for (let n = 0; n < 3; n += 1) await makeMember(shop);
});
afterAll(() => system.close());

const memberShops = async (tx: Tx) =>
  (await tx.query<{ shop_id: string }>('select distinct shop_id from member', [])).map((row) => row.shop_id);
const programShops = async (tx: Tx) => (await tx.orm.program.findMany({})).map((program) => program.shopId);

describe('withShop', () => {
  it('never mixes shops, however many run through each other', async () => {
    const seen = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const shop = index % 2 === 0 ? mine : theirs;
        return withShop(shop.shopId, async (tx) => {
          const found = [...(await memberShops(tx)), ...(await programShops(tx))];
          await delay(Math.random() * 5);
          found.push(...(await programShops(tx)), ...(await memberShops(tx)));
          return found.every((shopId) => shopId === shop.shopId) && found.length === 4;
        });
      }),
    );
    expect(seen).toEqual(Array.from({ length: 100 }, () => true));
  });

  it('inside another keeps both to themselves', async () => {
    await withShop(mine.shopId, async (outer) => {
      await withShop(theirs.shopId, async (inner) => {
        expect([await memberShops(outer), await memberShops(inner)]).toEqual([[mine.shopId], [theirs.shopId]]);
        expect(await programShops(inner)).toEqual([theirs.shopId]);
        // Prisma would speak on the inner connection here.
        expect(() => outer.orm).toThrow(/outside its own withShop/);
      });
      expect(await programShops(outer)).toEqual([mine.shopId]);
    });
  });

  it('is the only place where Prisma works', async () => {
    let kept: Orm | undefined;
    await withShop(mine.shopId, async (tx) => {
      kept = tx.orm;
    });
    await expect(kept?.program.findMany({})).rejects.toThrow(/Prisma was used outside withShop/);
  });

  it('forgets the shop when its transaction ends, also after a failure', async () => {
    await expect(withShop(mine.shopId, () => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose');
    for (let n = 0; n < 20; n += 1) {
      const shop = n % 2 === 0 ? mine : theirs;
      expect(await withShop(shop.shopId, memberShops)).toEqual([shop.shopId]);
    }
  });

  it.each(['', 'x', "' or true --", '00000000-0000-0000-0000-00000000000'])('refuses %j as a shop', async (text) => {
    await expect(withShop(text as never, memberShops)).rejects.toThrow(/needs a shop id/);
  });
});

describe('the directory', () => {
  it('consists of a few functions that answer with ids and nothing more', async () => {
    const functions = await system.sql<{ name: string; result: string; owner: string }>(
      `select p.proname as name, pg_get_function_result(p.oid) as result, p.proowner::regrole::text as owner from pg_proc p
       where p.pronamespace = 'public'::regnamespace and p.prosecdef order by 1`,
    );
    expect(
      functions.filter(({ owner }) => owner === 'stampwell_directory').map(({ name, result }) => `${name} → ${result}`),
    ).toEqual([
      'find_shop_by_api_client → uuid',
      'find_shop_by_domain → uuid',
      'find_shop_by_image → uuid',
      'find_shop_by_program → uuid',
      'find_shop_by_program_slug → TABLE(shop_id uuid, program_id uuid)',
      'find_shop_by_serial → uuid',
      'find_shops_by_key_prefix → SETOF uuid',
      'list_shops → TABLE(shop_id uuid, domain text, state text)',
      'passes_of_device → TABLE(serial text, horizon xid8)',
      'shops_with_due_deliveries → SETOF uuid',
    ]);
    // The other definer functions make, list and drop partitions, and return months, whether they did, or how standbys do.
    expect(
      functions.filter(({ owner }) => owner !== 'stampwell_directory').map(({ name, result }) => `${name} → ${result}`),
    ).toEqual([
      'drop_record_partition → boolean',
      'ensure_ledger_partition → boolean',
      'ensure_record_partition → boolean',
      'list_record_months → SETOF date',
      'replication_state → TABLE(standbys integer, lag_seconds double precision)',
    ]);
  });

  it('reads only the columns it needs, whoever takes on its role', async () => {
    const columns = await system.sql<{ line: string }>(
      `select distinct format('%s.%s', table_name, column_name) as line from information_schema.column_privileges
       where grantee = 'stampwell_directory' and table_schema = 'public' order by 1`,
    );
    const personal = /name|email|phone|birthday|content|sealed|projection|secret|push_token|amount|data_key/;
    expect(columns.length).toBeGreaterThan(10);
    expect(columns.filter(({ line }) => personal.test(line.split('.')[1] ?? ''))).toEqual([]);
  });
});

describe('a login with the worker role', () => {
  it.each([
    'set role stampwell_directory',
    'set role stampwell_auditor',
    'set role stampwell_backup',
    'set role postgres',
    'set session authorization postgres',
    'alter role current_user superuser',
    'alter table member disable row level security',
    'alter table member no force row level security',
    'create policy open on member using (true)',
    'drop policy tenant on member',
    'create function mine() returns int language sql as $$ select 1 $$',
    'alter function current_shop() rename to other_shop',
    'grant stampwell_directory to current_user',
    'set role stampwell_queue; select * from member_profile',
    'set row_security = off; select * from member',
    'set session_replication_role = replica',
    'copy member to program $$cat$$',
  ])('gets no further by: %s', async (trick) => {
    await withLogin((client) => expect(client.query(trick)).rejects.toBeInstanceOf(pg.DatabaseError));
  });
});

async function withLogin(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const name = `test_login_${randomBytes(4).toString('hex')}`;
  await system.sql(`create role ${name} login password 'test' in role stampwell_worker`);
  const url = new URL(system.url);
  Object.assign(url, { username: name, password: 'test' });
  const client = new pg.Client({ connectionString: url.href });
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
    await system.sql(`drop role ${name}`);
  }
}

describe('the source', () => {
  const sources = globSync('{app,workers}/**/*.{ts,tsx}').filter((file) => !file.includes('generated'));
  const using = (pattern: RegExp) => sources.filter((file) => pattern.test(readFileSync(file, 'utf8'))).toSorted();

  it('uses the unscoped pool in the few files that must, each for what belongs to no shop or for one statement', () => {
    expect(using(/\bpool\(\)/)).toEqual([
      'app/data/cards/known-passes.ts',
      'app/data/cards/pass-door.ts',
      'app/data/database.ts',
      'app/data/directory.ts',
      'app/data/ledger/ledger-partitions.ts',
      'app/data/orders/delivery-intake.ts',
      'app/data/system/agreement-versions.ts',
      'app/data/system/call-ring.ts',
      'app/data/system/disclosures.ts',
      'app/data/system/freshness-totals.ts',
      'app/data/system/idle-system-rows.ts',
      'app/data/system/key-registry.ts',
      'app/data/system/key-use.ts',
      'app/data/system/operators.ts',
      'app/data/system/outbox.ts',
      'app/data/system/parked-jobs.ts',
      'app/data/system/push-lanes.ts',
      'app/data/system/readiness.ts',
      'app/data/system/record-months.ts',
      'app/data/system/replication.ts',
      'app/data/system/running-transactions.ts',
      'app/data/system/system-facts.ts',
      'app/data/system/token-bucket.ts',
      'app/data/system/unsigned-jobs.ts',
      'app/data/system/wake.ts',
      'app/data/system/worker-presence.ts',
      'app/data/tenancy.ts',
    ]);
  });

  it('makes clients of PostgreSQL and Prisma in the data layer only', () => {
    const outside = using(/from 'pg'|generated\/client|new PrismaClient|\$queryRaw|\$executeRaw/).filter(
      (file) => !file.startsWith('app/data/'),
    );
    expect(outside).toEqual([]);
    expect(using(/new PrismaClient/)).toEqual(['app/data/tenancy.ts']);
  });

  it('sets the shop in one place, besides the function that stores deliveries', () => {
    expect(using(/app\.shop_id/)).toEqual(['app/data/tenancy.ts']);
  });
});
