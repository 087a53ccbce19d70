/**
 * Builds every extension with Shopify's own tool, which needs neither a login nor a network, and refuses a bundle that
 * Shopify would refuse. Run it with `npm run build:extensions`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Shopify's limit for one UI extension, compressed. */
const bundleBytesMax = 64 * 1024;
/** Everything a block of the theme adds to a page of the shop, uncompressed. */
const themeBytesMax = 10 * 1024;
const root = join(import.meta.dirname, '..');

function build(): void {
  const { status, error } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/@shopify/cli/bin/run.js'), 'app', 'build', '--skip-dependencies-installation'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, SHOPIFY_CLI_NO_ANALYTICS: '1', SHOPIFY_CLI_SKIP_NOTIFICATIONS: '1', FORCE_COLOR: '0' },
    },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`The extensions do not build (exit code ${status ?? 'none'}).`);
}

function handles(): string[] {
  return readdirSync(import.meta.dirname).filter((name) =>
    existsSync(join(import.meta.dirname, name, 'shopify.extension.toml')),
  );
}

function checkSize(handle: string): void {
  if (isTheme(handle)) return checkThemeSize(handle);
  const bytes = gzipSync(readFileSync(join(import.meta.dirname, handle, 'dist', `${handle}.js`))).length;
  if (bytes > bundleBytesMax) {
    throw new Error(`${handle} is ${bytes} bytes compressed; Shopify takes ${bundleBytesMax}.`);
  }
  process.stdout.write(`${handle}: ${bytes} of ${bundleBytesMax} bytes compressed\n`);
}

/** A theme extension has blocks instead of a bundle. */
function isTheme(handle: string): boolean {
  return existsSync(join(import.meta.dirname, handle, 'blocks'));
}

function checkThemeSize(handle: string): void {
  const assets = join(import.meta.dirname, handle, 'assets');
  const bytes = readdirSync(assets).reduce((sum, name) => sum + statSync(join(assets, name)).size, 0);
  if (bytes > themeBytesMax) throw new Error(`${handle} loads ${bytes} bytes; ${themeBytesMax} are enough.`);
  process.stdout.write(`${handle}: ${bytes} of ${themeBytesMax} bytes\n`);
}

build();
handles().forEach(checkSize);
