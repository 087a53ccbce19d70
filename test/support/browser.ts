/** A headless Chromium for tests: a given one, the one that comes with the packages, or the system's. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const run = promisify(execFile);
const dataDirectory = path.join(import.meta.dirname, '..', '..', '.data');
const unpackedDirectory = path.join(dataDirectory, 'chromium');
const unpacker = `import('@sparticuz/chromium').then((module) => module.default.executablePath())`;
const systemPrograms = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']; // prettier-ignore

const quietFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--font-render-hinting=none']; // prettier-ignore

/**
 * The Chromium of the packages, unpacked once per checkout. It unpacks into the temporary folder, so it is given one of
 * its own; several processes may do so at once, the first to finish wins.
 */
async function unpackChromium(): Promise<string | null> {
  const program = path.join(unpackedDirectory, 'chromium');
  if (existsSync(program)) return program;
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  await mkdir(dataDirectory, { recursive: true });
  const draft = await mkdtemp(path.join(dataDirectory, 'chromium-'));
  try {
    await run(process.execPath, ['--input-type=module', '-e', unpacker], { env: { ...process.env, TMPDIR: draft } });
    await rename(draft, unpackedDirectory).catch(() => undefined);
  } catch {
    return null;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return existsSync(program) ? program : null;
}

/** A bare machine has no fonts, and then pages have no text: the fonts that came along are offered beside the system's. */
async function fontEnvironment(): Promise<Record<string, string>> {
  const fonts = path.join(unpackedDirectory, 'fonts');
  if (!existsSync(fonts)) return {};
  const file = path.join(unpackedDirectory, 'stampwell-fonts.conf');
  const aliases = ['sans-serif', 'system-ui', 'Segoe UI', 'Roboto', 'Inter']
    .map(
      (family) => `<alias binding="same"><family>${family}</family><prefer><family>Open Sans</family></prefer></alias>`,
    )
    .join('');
  await writeFile(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><dir>/usr/share/fonts</dir>` +
      `<cachedir>${path.join(unpackedDirectory, 'font-cache')}</cachedir>${aliases}</fontconfig>`,
  );
  return { FONTCONFIG_FILE: file };
}

/** Where a Chromium is, or null when this machine has none. */
async function findChromium(): Promise<string | null> {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return given;
  return (await unpackChromium()) ?? systemPrograms.find((program) => existsSync(program)) ?? null;
}

/** Starts a browser; throws with a clear sentence when there is none. Whoever starts it closes it. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === null) throw new Error('No Chromium was found. Set CHROMIUM_PATH to one.');
  const environment = Object.entries({ ...process.env, ...(await fontEnvironment()) });
  const defined = environment.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return chromium.launch({ executablePath, headless: true, args: quietFlags, env: Object.fromEntries(defined) });
}
