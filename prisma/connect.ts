import path from 'node:path';

import { dataDirectory } from '#app/lib/data-directory.ts';
import { withSecretFiles } from '#app/lib/secret-files.ts';
import { openLocalPostgres } from '#prisma/local-postgres.ts';

/**
 * The database this process works with: `DATABASE_URL` when it is set, otherwise the PostgreSQL that comes with the
 * repository, started on demand and shared with every other process of this checkout. `close` hands it back;
 * the last process to do so stops it.
 */
export async function resolveDatabase(): Promise<{ url: string; close: () => Promise<void> }> {
  const { values, problems } = withSecretFiles(process.env);
  if (problems.length > 0) throw new Error(`The environment is not usable:\n  ${problems.join('\n  ')}`);
  const url = values['DATABASE_URL'];
  if (url !== undefined && url !== '') return { url, close: () => Promise.resolve() };
  return openLocalPostgres({ directory: path.join(dataDirectory(), 'pg') });
}
