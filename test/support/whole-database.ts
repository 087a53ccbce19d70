/** Looks for texts everywhere in a database: every column of every row of every table, the queue's included. */
import type { TestSystem } from '#test/support/factories.ts';

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** All rows of all tables as text, by table. */
async function dumpDatabase(system: TestSystem): Promise<Map<string, string>> {
  const tables = await system.sql<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`,
  );
  const dump = new Map<string, string>();
  for (const { schema, name } of tables) {
    const rows = await system.sql<{ row: string }>(
      `select t::text as row from ${identifier(schema)}.${identifier(name)} t`,
    );
    dump.set(`${schema}.${name}`, rows.map(({ row }) => row).join('\n'));
  }
  return dump;
}

/** Where any of these texts rests, plain or merely encoded, as `table: text`. */
export async function findInDatabase(system: TestSystem, texts: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const [table, rows] of await dumpDatabase(system))
    for (const text of texts) {
      const spellings = [
        text,
        Buffer.from(text).toString('hex'),
        Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1),
      ];
      if (spellings.some((spelling) => rows.includes(spelling))) found.push(`${table}: ${text}`);
    }
  return found;
}
