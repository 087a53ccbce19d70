/** Rows on their way out of and into PostgreSQL: what a backup holds is what was read, byte for byte. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { copyIn, copyOut } from '#prisma/continuity/copy.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const count = 60_000;
/** Lines of very different lengths, so that they begin anywhere in what one read of the network brings. */
const textOf = (n: number) =>
  createHash('md5')
    .update(String(n))
    .digest('hex')
    .repeat(1 + (n % 37));

it('L13 C08 reads a large table as it is: no line is overwritten by those that came after it', async () => {
  const read = await buffer(
    copyOut(client, `copy (select n, repeat(md5(n::text), 1 + n % 37) from generate_series(1, ${count}) n) to stdout`),
  );
  const lines = read.toString('latin1').trimEnd().split('\n');
  expect(lines).toHaveLength(count);
  expect(lines.findIndex((line, index) => line !== `${index + 1}\t${textOf(index + 1)}`)).toBe(-1);
});

it('L13 C08 brings back what it read, row for row', async () => {
  await client.query('create table copied (n int, text text)');
  const pieces = copyOut(
    client,
    `copy (select n, repeat(md5(n::text), 1 + n % 37) from generate_series(1, ${count}) n) to stdout`,
  );
  const kept: Buffer[] = [];
  for await (const piece of pieces) kept.push(piece as Buffer);
  const source = (async function* () {
    yield* kept;
  })();
  expect(await copyIn(client, 'copy copied from stdin', source)).toBe(count);
  const { rows } = await client.query(
    `select count(*)::int as wrong from copied where text is distinct from repeat(md5(n::text), 1 + n % 37)`,
  );
  expect(rows).toEqual([{ wrong: 0 }]);
});
