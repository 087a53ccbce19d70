/**
 * `npm run operator -- add|reset|disable|sign-out <name>`: makes an account for the operator console, gives one a first password
 * and an authenticator secret anew, shuts one out, or ends its session. `reseal` moves all secrets under the newest
 * key-encryption key. The last line is JSON; a first password, good for a day, and the address for an authenticator app are
 * shown there once and kept nowhere.
 */
import { addOperator, disableOperator, endSessionOf, resetOperator } from '#app/flows/operators/add-operator.ts';
import { resealOperators } from '#app/flows/operators/reseal-operators.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { resolveDatabase } from '#prisma/connect.ts';

const connectionsMax = 2;

const usage = 'Usage: npm run operator -- add|reset|disable|sign-out <name>, or reseal';

type Command = (name: string) => Promise<object>;
const reseal = async () => ({ resealed: await resealOperators() });
const commands: Record<string, Command> = {
  add: (name) => addOperator({ name }),
  reset: (name) => resetOperator({ name }),
  disable: async (name) => {
    await disableOperator({ name });
    return { name, isDisabled: true };
  },
  'sign-out': async (name) => ({ name, wasSignedIn: await endSessionOf({ name }) }),
};

async function main([word, name, ...more]: string[]): Promise<void> {
  const isAlone = word === 'reseal' && name === undefined;
  const command = isAlone ? reseal : commands[word ?? ''];
  if (command === undefined || more.length > 0 || (!isAlone && name === undefined)) throw new Error(usage);
  const database = await resolveDatabase();
  const system = await openSystem({ databaseUrl: database.url, role: 'stampwell_worker', connectionsMax });
  try {
    process.stdout.write(`${JSON.stringify(await command(name ?? ''))}\n`);
  } finally {
    await system.close();
    await database.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
