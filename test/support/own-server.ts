/** A PostgreSQL of a test's own, durable like a real one, that the test may kill. */
import { openLocalPostgres } from '#prisma/local-postgres.ts';
import { answers, makeFolder, serverPid, until } from '#test/support/local-postgres.ts';

export type OwnServer = {
  url: string;
  /** `kill -9` of the whole server. */
  kill: () => Promise<void>;
  /** Resolves when it answers again. */
  untilUp: (timeoutMs: number) => Promise<number>;
  stop: () => Promise<void>;
};

/** Starts it in a folder of its own; its guard brings it back after a kill. */
export async function startOwnServer(): Promise<OwnServer> {
  const { directory, remove } = await makeFolder({ isPrivate: false });
  const local = await openLocalPostgres({ directory });
  return {
    url: local.url,
    kill: async () => {
      const pid = await serverPid(directory);
      process.kill(pid, 'SIGKILL');
    },
    untilUp: (timeoutMs) => until(() => answers(local.url), timeoutMs),
    stop: async () => {
      await local.close();
      await remove();
    },
  };
}
