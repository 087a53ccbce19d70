import path from 'node:path';

import { openLocalPostgres } from '#prisma/local-postgres.ts';
import { prepareTestServer } from '#test/support/database.ts';

const directory = path.join(import.meta.dirname, '..', '..', '.data', 'test-pg');

/** What these databases hold is worth nothing after a crash; the tests of durability start a server of their own. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** One server for the whole run; the test files, which run in other processes, find it in the environment. */
export async function setup(): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'];
  const local = given ? undefined : await openLocalPostgres({ directory, settings });
  process.env['TEST_DATABASE_URL'] = given || local?.url;
  await prepareTestServer();
  return async () => {
    if (!local) return;
    delete process.env['TEST_DATABASE_URL'];
    await local.close();
  };
}
