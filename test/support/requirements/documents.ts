/** The promises, as `docs/requirements.json` keeps them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

const requirementSchema = z.strictObject({
  id: z.string().regex(/^[LKWFC]\d\d$/),
  /** The promise in our words, as the trust page shows it. */
  claim: z.string().min(10),
  status: z.enum(['kept', 'partly', 'not yet']),
  /** `file > name of the test`. */
  tests: z.array(z.string().regex(/^(test|extensions)\/\S+ > .+$/)),
  /** What is not done; null where nothing is. */
  missing: z.string().min(3).nullable(),
});

export type Requirement = z.infer<typeof requirementSchema>;

const counts = { L: 24, K: 11, W: 30, F: 46, C: 13 };

/** Every id there must be, in order. */
function expectedIds(): string[] {
  return Object.entries(counts).flatMap(([area, count]) =>
    Array.from({ length: count }, (_, index) => `${area}${String(index + 1).padStart(2, '0')}`),
  );
}

/** All promises. Throws when the file is malformed, leaves one out, or names one twice. */
export function readRequirements(): Requirement[] {
  const file = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'requirements.json');
  const requirements = z.array(requirementSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
  const ids = requirements.map(({ id }) => id).join(' ');
  if (ids !== expectedIds().join(' '))
    throw new Error('docs/requirements.json does not hold every promise once, in order');
  return requirements;
}

/** The file and the name of a test a promise names. */
export function testOf(reference: string): { file: string; name: string } {
  const [file = '', ...rest] = reference.split(' > ');
  return { file, name: rest.join(' > ') };
}
