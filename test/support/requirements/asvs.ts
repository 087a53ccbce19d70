/** OWASP ASVS 5.0, levels 1 and 2, item by item: `docs/asvs.json`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

const itemSchema = z.strictObject({
  id: z.string().regex(/^\d+\.\d+\.\d+$/),
  level: z.union([z.literal(1), z.literal(2)]),
  /** What it asks, in a few words of ours. */
  asks: z.string().min(5),
  /** Why it does not apply; null where it does. */
  notApplicable: z.string().min(5).nullable(),
  /** `file > name of the test`. */
  tests: z.array(z.string().regex(/^(test|extensions)\/\S+ > .+$/)),
  /** What is missing where no test shows it. */
  gap: z.string().min(5).nullable(),
});

export type AsvsItem = z.infer<typeof itemSchema>;

/** Items of levels 1 and 2 in version 5.0.0. */
const itemsCount = 253;
const shareMin = 0.9;

/** All items. Throws when one stands twice, or says neither why it does not apply, nor what shows it, nor what is missing. */
export function readAsvs(): AsvsItem[] {
  const file = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'asvs.json');
  const items = z.array(itemSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
  if (new Set(items.map(({ id }) => id)).size !== items.length) throw new Error('docs/asvs.json names an item twice');
  const silent = items.filter(
    ({ notApplicable, tests, gap }) =>
      [notApplicable !== null, tests.length > 0, gap !== null].filter(Boolean).length !== 1,
  );
  if (silent.length > 0)
    throw new Error(`docs/asvs.json says nothing, or two things, of ${silent.map(({ id }) => id).join(', ')}`);
  return items;
}

/** What is wrong with the list as a whole: too few items, or too few of them shown. */
export function asvsProblems(items: AsvsItem[]): string[] {
  const applicable = items.filter(({ notApplicable }) => notApplicable === null);
  const shown = applicable.filter(({ tests }) => tests.length > 0);
  const share = shown.length / applicable.length;
  return [
    ...(items.length === itemsCount ? [] : [`there are ${itemsCount} items, and ${items.length} are listed`]),
    ...(share >= shareMin ? [] : [`${shown.length} of ${applicable.length} applicable items are shown by a test`]),
  ];
}
