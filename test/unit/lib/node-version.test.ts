import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const check = path.join(root, 'app', 'lib', 'node-version.mjs');

/** Runs the check in a process that takes itself for another version. */
function startOn(version: string) {
  const claim = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  const preload = `data:text/javascript,${encodeURIComponent(claim)}`;
  return spawnSync(
    process.execPath,
    ['--import', preload, '--import', check, '--eval', 'process.stdout.write("started")'],
    {
      encoding: 'utf8',
    },
  );
}

describe('the check of the Node version', () => {
  it.each(['18.20.0', '20.20.2', '22.17.9'])('refuses %s with a sentence that says what to do', (version) => {
    const { status, stdout, stderr } = startOn(version);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`Stampwell needs Node 22.18 or newer; this is ${version}.`);
    expect(stderr).toContain('npm run');
  });

  it.each(['22.18.0', '22.23.2', '24.0.0'])('lets %s start', (version) => {
    expect(startOn(version)).toMatchObject({ status: 0, stdout: 'started', stderr: '' });
  });

  it('stands before every entry point that npm scripts start with Node', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));
    const started = Object.values(scripts).filter((command) => command.startsWith('node '));
    expect(started.length).toBeGreaterThan(5);
    for (const command of started) expect(command).toContain('--import ./app/lib/node-version.mjs');
  });
});
