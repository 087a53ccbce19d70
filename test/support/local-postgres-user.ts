/** A process that uses the local PostgreSQL of the folder given to it, until it is told to close or dies. */
import { createInterface } from 'node:readline';

import { openLocalPostgres } from '#prisma/local-postgres.ts';

const [directory = ''] = process.argv.slice(2);
const { url, close } = await openLocalPostgres({ directory });
process.stdout.write(`${url}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'close') break;
}
await close();
process.exit();
