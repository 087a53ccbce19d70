/** What of a database makes up a backup: its tables in an order in which they can be filled, partitions and counters. */
import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';

export const queueSchema = 'graphile_worker';

/** A table as a whole, whatever its partitions. */
export type StoredTable = { name: string; schema: string; table: string; columns: string[] };
export type Partition = { parent: string; name: string; bound: string };
export type Counter = { name: string; value: string; isCalled: boolean };

/** The table's name, quoted, for a statement. */
export function quotedTable({ schema, table }: { schema: string; table: string }): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

/** Every table that outlives a crash, referred-to tables first, so that they can be filled in this order. */
export async function listTables(client: Client): Promise<StoredTable[]> {
  const { rows } = await client.query<{ oid: number; schema: string; table: string; columns: string[] }>(
    `select c.oid::int4 as oid, n.nspname as schema, c.relname as table,
       array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             and a.attgenerated = '' order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
       and n.nspname in ('public', $1) and c.relname not in ('_prisma_migrations', 'migrations')
     order by n.nspname desc, c.relname`,
    [queueSchema],
  );
  const { rows: references } = await client.query<{ from: number; to: number }>(
    `select distinct conrelid::int4 as "from", confrelid::int4 as "to" from pg_constraint where contype = 'f' and conrelid <> confrelid`,
  );
  const tables = rows.map((row) => ({ ...row, name: `${row.schema}.${row.table}` }));
  return inFillingOrder(tables, references).map(({ name, schema, table, columns }) => ({
    name,
    schema,
    table,
    columns,
  }));
}

function inFillingOrder<Table extends { oid: number; name: string }>(
  tables: Table[],
  references: { from: number; to: number }[],
): Table[] {
  const ordered: Table[] = [];
  let left = tables;
  while (left.length > 0) {
    const waiting = new Set(left.map((table) => table.oid));
    const isReady = (table: Table) => !references.some(({ from, to }) => from === table.oid && waiting.has(to));
    const ready = left.filter(isReady);
    if (ready.length === 0)
      throw new Error(
        `Broken invariant: tables refer to each other in a circle: ${left.map((t) => t.name).join(', ')}`,
      );
    ordered.push(...ready);
    left = left.filter((table) => !ready.includes(table));
  }
  return ordered;
}

/**
 * Row-level security hides rows without a word. Throws unless the backup's role may read every table whole: a table that
 * was forgotten must not make a backup that looks complete.
 */
export async function checkReadable(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
       and (not has_table_privilege(c.oid, 'select') or c.relrowsecurity and not exists (
         select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
           and 'stampwell_backup'::regrole = any(p.polroles) and pg_get_expr(p.polqual, p.polrelid) = 'true'))
     order by 1`,
  );
  if (rows.length > 0)
    throw new Error(`The backup may not read these tables whole: ${rows.map(({ name }) => name).join(', ')}`);
}

/** Partitions of our own tables; a restored database needs the same ones. */
export async function listPartitions(client: Client): Promise<Partition[]> {
  const { rows } = await client.query<Partition>(
    `select parent.relname as parent, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class parent on parent.oid = i.inhparent
     where c.relispartition and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname`,
  );
  return rows;
}

/** Where the counters stand. Read after the tables: a counter ahead of its table does no harm, one behind it would. */
export async function listCounters(client: Client, schema: string): Promise<Counter[]> {
  const { rows } = await client.query<{ name: string; value: string | null; start: string; is_readable: boolean }>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value::text as value, start_value::text as start,
       has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'select') as is_readable
     from pg_sequences where schemaname = $1 order by 1`,
    [schema],
  );
  const hidden = rows.find((row) => !row.is_readable);
  if (hidden !== undefined) throw new Error(`This role may not read the counter ${hidden.name}: run the migrations`);
  return rows.map(({ name, value, start }) => ({ name, value: value ?? start, isCalled: value !== null }));
}

/** How much of each unit was ever booked, and a fingerprint over every shop's sums: equal ledgers give equal answers. */
export async function sumLedger(
  client: Client,
): Promise<{ entries: number; units: Record<string, string>; fingerprint: string }> {
  const { rows } = await client.query<{ unit: string; entries: string; amount: string }>(
    'select unit, count(*)::text as entries, sum(amount)::text as amount from public.ledger_entry group by unit order by unit',
  );
  const { rows: prints } = await client.query<{ fingerprint: string | null }>(
    `select encode(sha256(convert_to(string_agg(line, '|' order by line), 'UTF8')), 'hex') as fingerprint from (
       select format('%s/%s/%s/%s', shop_id, unit, count(*), sum(amount)) as line
       from public.ledger_entry group by shop_id, unit) sums`,
  );
  return {
    entries: rows.reduce((sum, row) => sum + Number(row.entries), 0),
    units: Object.fromEntries(rows.map((row) => [row.unit, row.amount])),
    fingerprint: prints[0]?.fingerprint ?? '',
  };
}
