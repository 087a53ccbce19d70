/**
 * `npm run shop -- add <domain>`: installs a shop on the running system without a browser and prints one JSON object.
 * The system is the one that the environment names, otherwise the running demo of this checkout.
 */
import { readRunning } from '#test/platform/running.ts';
import { isShopDomain } from '#test/platform/shopify-shops.ts';

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** The environment of the running system becomes ours, where we were not given one. */
function adoptEnvironment(): void {
  if (process.env['DATABASE_URL'] && process.env['KEY_ENCRYPTION_KEYS']) return;
  const running = readRunning();
  if (running === null)
    fail('No running system was found. Start one with "npm run demo", or set its environment here.');
  Object.assign(process.env, running.environment);
}

const usage = 'Usage: npm run shop -- add <name>.myshopify.com';

function domainOf(words: string[]): string {
  const [command, given = ''] = words;
  if (command !== 'add' || given === '') fail(usage);
  const name = given.toLowerCase();
  const domain = name.includes('.') ? name : `${name}.myshopify.com`;
  if (!isShopDomain(domain)) fail(`${JSON.stringify(given)} is not the domain of a Shopify store. ${usage}`);
  return domain;
}

async function main(): Promise<void> {
  const domain = domainOf(process.argv.slice(2));
  adoptEnvironment();
  if (!['test', 'demo'].includes(process.env['STAMPWELL_ENV'] ?? ''))
    fail('Shops are added this way only when STAMPWELL_ENV is test or demo.');
  // Loaded only now: its modules read the environment.
  const { openToShops } = await import('#test/platform/new-shops.ts');
  const addShop = await openToShops();
  const added = await addShop(domain);
  process.stdout.write(`${JSON.stringify(added)}\n`);
}

try {
  await main();
  // The database pool has no more use, and waiting for it to idle would only cost time.
  process.exit(0);
} catch (error) {
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
