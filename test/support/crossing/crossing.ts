/** Every door of the product, asked by one shop for what is another's: what is told, and whether it differs from what is nobody's. */
import { randomBytes } from 'node:crypto';

import { writeApiUsage } from '#app/web/api-usage.ts';
import { prepareApiEnvironment } from '#test/support/api.ts';
import { type Attacker, send, type Told } from '#test/support/crossing/calls.ts';
import { type Line, namedIn, type Refusal } from '#test/support/crossing/lines.ts';
import { otherLines } from '#test/support/crossing/shopper-lines.ts';
import { pageLines } from '#test/support/crossing/page-lines.ts';
import { type Ids, nowhereLike, openSide, type Side } from '#test/support/crossing/sides.ts';
import { startEdge } from '#test/support/edge.ts';
import { startExtensionRig } from '#test/support/extensions.ts';
import type { TestSystem } from '#test/support/factories.ts';

export const allLines: readonly Line[] = [...otherLines, ...pageLines];

export type Stage = {
  system: TestSystem;
  attacker: Attacker;
  victim: Side;
  nowhere: Ids;
  close: () => Promise<void>;
};

/** Two shops in one running system. */
export async function openStage(): Promise<Stage> {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  const rig = await startExtensionRig();
  const edge = await startEdge();
  const place = { rig, url: edge.url };
  const victim = await openSide(place);
  const side = await openSide(place);
  const nowhere = Object.fromEntries(Object.entries(victim.ids).map(([name, id]) => [name, nowhereLike(id)])) as Ids;
  return {
    system: rig.system,
    attacker: { ...place, side },
    victim,
    nowhere,
    close: async () => {
      await edge.close();
      await rig.close();
    },
  };
}

/** One way to cross a line: these ids are the other's, the rest one's own. */
export type Attempt = { line: Line; names: (keyof Ids)[] };

/** Each id a line names by itself, and all of them at once. */
export function attemptsOf(line: Line, own: Side): Attempt[] {
  const named = namedIn(line, own);
  const single = named.map((name) => ({ line, names: [name] }));
  return named.length > 1 ? [...single, { line, names: named }] : single;
}

export const titleOf = ({ line, names }: Attempt): string =>
  `${line.route}${line.intent === undefined ? '' : ` (${line.intent})`} by ${names.join(', ')}`;

/** What one is told, without what is different each time: the ids that were named, what was made meanwhile, and when. */
function plain({ status, text }: Told, known: Ids[]): Told {
  let told = text;
  const words = known.flatMap((ids) => Object.entries(ids));
  for (const [name, id] of words.toSorted((one, two) => two[1].length - one[1].length))
    if (id.length > 3) told = told.replaceAll(encodeURIComponent(id), `{${name}}`).replaceAll(id, `{${name}}`);
  told = told
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '{uuid}')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '{time}')
    .replaceAll(/[\w-]{92}/g, '{token}');
  return { status, text: told };
}

/** Asks with the ids of somebody in the places of the attempt. */
export async function ask({ attacker, victim, nowhere }: Stage, { line, names }: Attempt, ids: Ids): Promise<Told> {
  const named = { ...attacker.side.ids, ...Object.fromEntries(names.map((name) => [name, ids[name]])) };
  return plain(await send(attacker, line.build(named, attacker.side)), [attacker.side.ids, victim.ids, nowhere]);
}

const toneOf = (text: string): string | null => /^\{"tone":"(\w+)"/.exec(text)?.[1] ?? null;

/** Whether an answer is the refusal that its line has. */
export function isRefused(refusal: Refusal, { status, text }: Told): boolean {
  if (refusal === 'missing') return status === 404;
  if (refusal === 'link') return status === 403;
  if (refusal === 'phone') return status === 401;
  if (refusal === 'form')
    return status === 404 || (status === 200 && ['critical', 'warning'].includes(toneOf(text) ?? ''));
  return status < 500;
}

/** Everything that is kept of the other shop, table by table and row by row, as the superuser sees it. */
export async function keptOf({ system, victim }: Stage): Promise<Record<string, string[]>> {
  // Figures of its own calls are otherwise written a moment later.
  await writeApiUsage();
  const tables = await system.sql<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'shop_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  const kept: Record<string, string[]> = {};
  for (const { name } of [...tables, { name: 'shop' }]) kept[name] = await rowsOf({ system, victim }, name);
  return kept;
}

/** The other shop's rows of one table. */
export async function rowsOf({ system, victim }: Pick<Stage, 'system' | 'victim'>, table: string): Promise<string[]> {
  const shopColumn = table === 'shop' ? 'id' : 'shop_id';
  const rows = await system.sql<{ row: string }>(
    `select t::text as row from "${table}" t where ${shopColumn} = $1 order by 1`,
    [victim.shop.shopId],
  );
  return rows.map(({ row }) => row);
}

/** A few at a time: in turn within an attempt, since what comes second may find what the first one left. */
export async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const takeTurns = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all([takeTurns(), takeTurns(), takeTurns()]);
}
