/** What we promise, and how each promise stands: `docs/requirements.json`, which the checks hold against the tests. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

const promiseSchema = z.object({
  id: z.string(),
  claim: z.string(),
  status: z.enum(['kept', 'partly', 'not yet']),
  tests: z.array(z.string()),
  missing: z.string().nullable(),
});

export type KnownPromise = z.infer<typeof promiseSchema>;

let known: KnownPromise[] | undefined;

/** All promises, in the order of their ids. */
export function promises(): KnownPromise[] {
  known ??= z
    .array(promiseSchema)
    .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'requirements.json'), 'utf8')));
  return known;
}
