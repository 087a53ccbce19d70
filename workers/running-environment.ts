/** The system that runs from this checkout leaves a note: a command that was given no variables means that one. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { dataDirectory } from '#app/lib/data-directory.ts';

const noteSchema = z.object({ pid: z.number().int(), environment: z.record(z.string(), z.string()) });

/** Takes on its variables where none of ours are set. A note whose process is gone counts for nothing. */
export function adoptRunningEnvironment(): void {
  if (process.env['KEY_ENCRYPTION_KEYS'] || process.env['SHOPIFY_API_KEY']) return;
  try {
    const note = noteSchema.parse(JSON.parse(readFileSync(path.join(dataDirectory(), 'running.json'), 'utf8')));
    process.kill(note.pid, 0);
    for (const [name, value] of Object.entries(note.environment)) process.env[name] ??= value;
  } catch {
    // Nothing runs here: what is missing is said by whoever reads the variables.
  }
}
