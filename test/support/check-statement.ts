/** `npm run verify -- evidence` the way somebody runs it who has a statement, our public keys, and no database. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { evidencePublicKeys } from '#app/lib/evidence.ts';

const commandFile = path.join(import.meta.dirname, '..', '..', 'workers', 'verify.ts');

/** What the command says of a statement, with its exit status. */
export async function checkStatement(content: unknown): Promise<Record<string, unknown>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'stampwell-statement-'));
  const [statement, keys] = [path.join(directory, 'statement.json'), path.join(directory, 'keys.json')];
  await writeFile(statement, JSON.stringify(content));
  await writeFile(keys, JSON.stringify({ keys: evidencePublicKeys() }));
  const words = ['--disable-warning=ExperimentalWarning', commandFile, 'evidence', statement, '--keys', keys];
  const child = spawn(process.execPath, words, {
    env: { NODE_ENV: 'test', PATH: process.env['PATH'], LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const [code] = await once(child, 'close');
  await rm(directory, { recursive: true });
  const { ok, kind } = JSON.parse(output) as Record<string, unknown>;
  return { code, ok, kind };
}
