/** The attacks that are tried with every change, by number: `docs/experiments.json`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

const experimentSchema = z.strictObject({
  number: z.int().positive(),
  /** What its tests show, in a sentence. */
  shows: z.string().min(10),
  /** `file > name of the test`. */
  tests: z.array(z.string().regex(/^(test|extensions)\/\S+ > .+$/)).min(1),
});

export type Experiment = z.infer<typeof experimentSchema>;

/** Those that touch data protection, access and keys. */
const numbers = [9, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 34, 35, 36, 38];

/** All experiments. Throws when the file is malformed, leaves one out, or names one twice. */
export function readExperiments(): Experiment[] {
  const file = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'experiments.json');
  const experiments = z.array(experimentSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
  if (experiments.map(({ number }) => number).join(' ') !== numbers.join(' '))
    throw new Error('docs/experiments.json does not hold every experiment once, in order');
  return experiments;
}
