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

function domainOf(words: string[]): string {
  const [command, given = ''] = words;
  const domain = given.includes('.') ? given : `${given}.myshopify.com`;
  if (command !== 'add' || !isShopDomain(domain)) fail('Usage: npm run shop -- add <name>.myshopify.com');
  return domain;
}

async function main(): Promise<void> {
  const domain = domainOf(process.argv.slice(2));
  adoptEnvironment();
  if (!['test', 'demo'].includes(process.env['STAMPWELL_ENV'] ?? ''))
    fail('Shops are added this way only when STAMPWELL_ENV is test or demo.');
  // Loaded only now: its modules read the environment.
  const { openSystem } = await import('#app/flows/system/open-system.ts');
  const { addShop } = await import('#app/flows/shops/add-shop.ts');
  await openSystem({ databaseUrl: process.env['DATABASE_URL'] ?? '', role: 'stampwell_web', connectionsMax: 2 });
  const added = await addShop({ domain });
  process.stdout.write(`${JSON.stringify(added)}\n`);
}

try {
  await main();
  // The database pool has no more use, and waiting for it to idle would only cost time.
  process.exit(0);
} catch (error) {
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
