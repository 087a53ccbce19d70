/** What the operator's commands share: their last line is one JSON object, and their exit status says whether it went well. */
import { openKeys } from '#app/flows/system/open-system.ts';
import { resolveDatabase } from '#prisma/connect.ts';
import { adoptRunningEnvironment } from '#workers/running-environment.ts';

type Outcome = Record<string, unknown> & { ok: unknown };

/** Opens keys and database, runs `work` and prints its outcome last. Never throws: what went wrong is the outcome. */
export async function runCommand(work: (databaseUrl: string) => Promise<Record<string, unknown>>): Promise<void> {
  const outcome = await attempt(work).catch((error: unknown): Outcome => ({
    ok: false,
    error: error instanceof Error ? error.message : String(error),
  }));
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  process.exitCode = outcome.ok === true ? 0 : 1;
}

async function attempt(work: (databaseUrl: string) => Promise<Record<string, unknown>>): Promise<Outcome> {
  adoptRunningEnvironment();
  await openKeys();
  const database = await resolveDatabase();
  try {
    return { ok: true, ...(await work(database.url)) };
  } finally {
    await database.close();
  }
}
