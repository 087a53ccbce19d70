/**
 * `npm run demo`: the product, its database and the outside world in one command, on this machine only.
 * With `--once` it runs the main path without a person, prints one JSON line a step, and ends.
 */
import { resolveDatabase } from '#prisma/connect.ts';
import { openAdmin } from '#test/platform/admin-visit.ts';
import { createConsole } from '#test/platform/console.ts';
import { runOnce } from '#test/platform/once.ts';
import { createOwnDatabase } from '#test/platform/own-database.ts';
import { freePort, portNear } from '#test/platform/ports.ts';
import { readRunning, removeRunning, writeRunning } from '#test/platform/running.ts';
import { stopSignal } from '#test/platform/stop-signal.ts';
import { startSystem } from '#test/platform/system.ts';
import type { System } from '#test/platform/system.ts';

const demoShop = 'demo.myshopify.com';
const isOnce = process.argv.includes('--once');

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function onLine(name: string, line: string): void {
  say(`[${name}] ${line}`);
}

async function once(): Promise<boolean> {
  const startedAt = performance.now();
  const report = (step: string, facts: Record<string, unknown>): void => {
    process.stdout.write(`${JSON.stringify({ step, ...facts, atMs: Math.round(performance.now() - startedAt) })}\n`);
  };
  const interrupted = stopSignal().then((reason): never => {
    throw new Error(`stopped: ${reason}`);
  });
  // Nobody waits for it while the system still starts.
  interrupted.catch(() => undefined);
  const database = await resolveDatabase();
  const own = process.env['DATABASE_URL']
    ? { url: database.url, drop: () => Promise.resolve() }
    : await createOwnDatabase(database.url);
  let system: System | null = null;
  let result: Record<string, unknown> = {};
  try {
    system = await startSystem({ databaseUrl: own.url, stage: 'demo', onLine, onProgress: (step) => say(`… ${step}`) });
    report('started', { processes: ['web', 'worker'] });
    result = { ok: true, ...(await Promise.race([runOnce(system, report), interrupted])) };
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    result = { ok: false, problem: error instanceof Error ? error.message.split('\n')[0] : String(error) };
  }
  await system?.stop();
  await own.drop().catch((error: unknown) => say(String(error)));
  await database.close();
  process.stdout.write(`${JSON.stringify({ ...result, totalMs: Math.round(performance.now() - startedAt) })}\n`);
  return result['ok'] === true;
}

function describe(system: System, programSlug: string): string {
  const { app, wallet, platform } = system.addresses;
  const rows: [string, string][] = [
    ['Console', `${platform}/`],
    ['Shopify admin', `${platform}/admin/${demoShop}`],
    ['Point of sale', `${platform}/pos/${demoShop}`],
    ['Join page', `${app}/join/${programSlug}`],
    ['Mails', `${platform}/mails`],
    ['App', app],
    ['Wallet service', wallet],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const list = rows.map(([name, address]) => `  ${name.padEnd(width)}   ${address}`).join('\n');
  return `\n  Stampwell is running.\n\n${list}\n\n  Open the console, buy a coffee, watch the stamp land. Ctrl-C stops everything.\n`;
}

/** A port asked for is taken as it is, or not at all; otherwise the usual one, or a free one when that is busy. */
async function choosePort(variable: string, usual: number): Promise<number> {
  const asked = process.env[variable];
  if (asked === undefined || asked === '') return portNear(usual);
  const port = Number(asked);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${variable} is no port: ${asked}`);
  if (port === 0) return freePort();
  if ((await portNear(port)) !== port)
    throw new Error(`Port ${port} is in use already. Set ${variable} to another one, or leave it out.`);
  return port;
}

async function serve(): Promise<void> {
  const other = readRunning();
  if (other !== null && !process.env['DATABASE_URL'])
    throw new Error(`A demo is running already: ${other.platformUrl}/`);
  const port = await choosePort('PORT', 3000);
  const platformPort = await choosePort('PLATFORM_PORT', 4000);
  const stopping = stopSignal();
  const database = await resolveDatabase();
  let system: System | null = null;
  try {
    system = await startSystem({
      databaseUrl: database.url,
      stage: 'demo',
      port,
      platformPort,
      isRestarting: true,
      onLine,
      onProgress: (step) => say(`… ${step}`),
    });
    // A merchant opens the app: the shop is installed by token exchange, with its own name and currency.
    await openAdmin(system, demoShop);
    const added = await system.addShop(demoShop);
    const page = createConsole({ system, domain: demoShop, programSlug: added.programSlug });
    system.platform.add(page.part);
    const { addresses, environment } = system;
    writeRunning({
      pid: process.pid,
      processIds: [system.pid('web'), system.pid('worker')].filter((pid) => pid !== undefined),
      appUrl: addresses.app,
      walletUrl: addresses.wallet,
      platformUrl: addresses.platform,
      databaseUrl: database.url,
      environment,
    });
    process.stdout.write(`${describe(system, added.programSlug)}\n`);
    await stopping;
    say('stopping');
    page.close();
  } finally {
    removeRunning();
    await system?.stop();
    await database.close();
  }
}

try {
  if (isOnce) process.exitCode = (await once()) ? 0 : 1;
  else await serve();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
process.exit();
