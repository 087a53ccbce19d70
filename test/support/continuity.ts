/** Running the operator's commands the way an operator does, and looking at what they leave behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import pg from 'pg';

import { openCase } from '#app/data/privacy/cases.ts';
import { withShop } from '#app/data/tenancy.ts';
import { openSubjectCase } from '#app/flows/privacy/open-case.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { findBackup, type Manifest } from '#prisma/continuity/manifest.ts';

export type Outcome = { code: unknown; last: Record<string, unknown> };
export type Command = {
  name: 'backup' | 'restore' | 'drill' | 'evidence' | 'keys';
  url: string;
  env?: Record<string, string>;
};

/** Starts a command; `done` resolves with its last line. */
function startCommand({ name, url, env = {} }: Command, ...words: string[]) {
  const file = path.join(import.meta.dirname, '..', '..', 'workers', `${name}.ts`);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...words], {
    env: { ...process.env, DATABASE_URL: url, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const done = once(child, 'close').then(([code]): Outcome => ({
    code,
    last: JSON.parse(output.trim().split('\n').at(-1) || '{}') as Outcome['last'],
  }));
  return { child, done };
}

/** Runs a command to its end. */
export function runCommand(command: Command, ...words: string[]): Promise<Outcome> {
  return startCommand(command, ...words).done;
}

/** Makes a backup and answers its manifest. */
export async function backUp(url: string, directory: string): Promise<Manifest> {
  const { last } = await runCommand({ name: 'backup', url }, '--directory', directory);
  const made = await findBackup(directory, { id: String(last['backupId']) });
  if (made === null || last['ok'] !== true) throw new Error(`There is no backup: ${JSON.stringify(last)}`);
  return made;
}

const killsMax = 5;

/**
 * Restores, and kills that as soon as `moment` finds anything. Where it was over before that was seen, the same again in
 * another database. Answers the one in which it was killed.
 */
export async function killRestoring(
  { directory, moment }: { directory: string; moment: string },
  target: () => Promise<string>,
): Promise<string> {
  for (let kill = 1; kill <= killsMax; kill += 1) {
    const url = await target();
    const watcher = new pg.Client({ connectionString: url });
    await watcher.connect();
    const { child, done } = startCommand({ name: 'restore', url }, '--directory', directory);
    let isOver = false;
    void done.finally(() => (isOver = true));
    while (!isOver && (await watcher.query(moment)).rows.length === 0);
    child.kill('SIGKILL');
    await done;
    await watcher.end();
    if ((await restoreMarks(url)).length === 1) return url;
  }
  throw new Error(`It was over ${killsMax} times before this was seen: ${moment}`);
}

/** The mark of a restore that has not ended, as often as it is there. */
export function restoreMarks(url: string): Promise<{ one: number }[]> {
  return sqlIn(url, `select 1 as one from pg_namespace where nspname = 'stampwell_restoring'`);
}

/** What is left of a member. */
export async function memberIn(
  url: string,
  memberId: string,
): Promise<{ state: string; profiles: string } | undefined> {
  const [row] = await sqlIn<{ state: string; profiles: string }>(
    url,
    `select state, (select count(*) from member_profile p where p.member_id = m.id)::text as profiles
     from member m where id = $1`,
    [memberId],
  );
  return row;
}

/** Erases a member, to the end. */
export async function eraseMember(shopId: ShopId, memberId: string): Promise<void> {
  const asked = { shopId, memberId, kind: 'erasure', origin: 'merchant', actor: 'staff:1' } as const;
  await processCase({ shopId, caseId: (await openSubjectCase(asked)).caseId });
}

/** Erases a shop, to the end. */
export async function eraseShop(shopId: ShopId): Promise<void> {
  const asked = { kind: 'shop-erasure', origin: 'shopify', actor: 'shopify', sourceKey: 'redact' } as const;
  const at = new Date();
  const caseId = await withShop(shopId, (tx) => openCase(tx, { ...asked, subject: null, details: null, at }));
  await processCase({ shopId, caseId });
}

/** One statement as the superuser. */
export async function sqlIn<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Who may see what, as PostgreSQL itself enforces it. */
export async function guards(url: string): Promise<unknown[]> {
  return [
    await sqlIn(
      url,
      `select tablename, policyname, roles, qual from pg_policies where schemaname = 'public' order by 1, 2`,
    ),
    await sqlIn(
      url,
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relforcerowsecurity
       order by 1`,
    ),
  ];
}

/** What a restore changes on purpose: cards count as changed, and are asked for anew. */
const renewed = new Set(['public.pass', 'public.outbox']);

/** Every table's rows as one fingerprint, the queue's included. */
export async function fingerprints(url: string): Promise<Record<string, string>> {
  const tables = await sqlIn<{ schema: string; name: string }>(
    url,
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p' and n.nspname in ('public', 'graphile_worker')
       and c.relname not in ('_prisma_migrations', 'migrations') order by 1, 2`,
  );
  const found: Record<string, string> = {};
  for (const { schema, name } of tables) {
    const table = `${schema}.${name}`;
    const print = renewed.has(table) ? '0' : `coalesce(md5(string_agg(t::text, '|' order by t::text)), '')`;
    const [row] = await sqlIn<{ n: string; print: string }>(
      url,
      `select count(*)::text as n, ${print} as print from "${schema}"."${name}" t`,
    );
    found[table] = table === 'public.outbox' ? '' : `${row?.n}/${row?.print}`;
  }
  return found;
}
