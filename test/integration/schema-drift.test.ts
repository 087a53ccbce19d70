import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createEmptyDatabase, createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';
import { ask } from '#test/support/local-postgres.ts';
import { sqlOfPrismaSchema } from '#test/support/schema-engine.ts';

/** Touched by SQL only, so the Prisma schema leaves them out. Partitions and Prisma's own table are never in it. */
const tablesOutsidePrisma: string[] = [];

/** As `table.column type nullability`. Prisma cannot say that a list is never null, so of lists it is not asked. */
const columnsQuery = `
  select format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                case when a.attndims > 0 then '' when a.attnotnull then 'not null' else 'null' end) as line
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     and c.relname <> '_prisma_migrations'
   order by 1`;

/** The keys Prisma's `findUnique` and `upsert` count on. */
const keysQuery = `
  select distinct format('%s (%s)', t.relname, (
           select string_agg(a.attname, ', ' order by a.attname) from pg_attribute a
            where a.attrelid = i.indrelid and a.attnum = any (i.indkey))) as line
    from pg_index i
    join pg_class t on t.oid = i.indrelid
   where t.relnamespace = 'public'::regnamespace and i.indisunique and i.indpred is null and i.indexprs is null
   order by 1`;

/** What Prisma leaves for the database to fill in. */
const defaultsQuery = `
  select format('%s.%s', c.relname, a.attname) as line
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and (a.atthasdef or a.attidentity <> '')
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
   order by 1`;

let migrated: TestDatabase;
let believed: TestDatabase;

beforeAll(async () => {
  migrated = await createTestDatabase();
  believed = await createEmptyDatabase();
  await ask(believed.url, await sqlOfPrismaSchema(believed.url));
});

afterAll(async () => {
  await migrated.drop();
  await believed.drop();
});

async function linesOf(database: TestDatabase, query: string): Promise<string[]> {
  return (await ask(database.url, query)).map(({ line }) => String(line));
}

function isOutsidePrisma(line: string): boolean {
  return tablesOutsidePrisma.includes(line.split('.')[0] ?? '');
}

describe('prisma/schema.prisma and the migrations', () => {
  test('agree on every table and every column, its type and whether it may be null', async () => {
    const actual = (await linesOf(migrated, columnsQuery)).filter((line) => !isOutsidePrisma(line));
    const expected = await linesOf(believed, columnsQuery);
    expect({
      onlyInPrismaSchema: expected.filter((line) => !actual.includes(line)),
      onlyInMigrations: actual.filter((line) => !expected.includes(line)),
    }).toEqual({ onlyInPrismaSchema: [], onlyInMigrations: [] });
    expect(actual.length).toBeGreaterThan(0);
  });

  test('agree on the keys Prisma may look rows up by', async () => {
    const actual = await linesOf(migrated, keysQuery);
    const missing = (await linesOf(believed, keysQuery)).filter((line) => !actual.includes(line));
    expect(missing).toEqual([]);
  });

  test('agree on what the database fills in by itself', async () => {
    const actual = await linesOf(migrated, defaultsQuery);
    const missing = (await linesOf(believed, defaultsQuery)).filter((line) => !actual.includes(line));
    expect(missing).toEqual([]);
  });

  test('name no table as outside Prisma that does not exist', async () => {
    const tables = new Set((await linesOf(migrated, columnsQuery)).map((line) => line.split('.')[0]));
    expect(tablesOutsidePrisma.filter((table) => !tables.has(table))).toEqual([]);
  });
});
