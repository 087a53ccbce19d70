/**
 * `npm run weaknesses`: compares the parts that run in production with the registry's list of known weaknesses. Ends with 0
 * when none is there or each is within its time, with 1 when one is not, and with 2 when nothing could be compared.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { askNpm } from '#workers/ask-npm.ts';
import { readNoted, weaknessesIn } from '#workers/known-weaknesses.ts';

const read = (file: string) => readFile(path.join(import.meta.dirname, '..', file), 'utf8');

const [{ output }, lockfile, noted] = await Promise.all([
  askNpm(['audit', '--json', '--package-lock-only']),
  read('package-lock.json'),
  read('docs/known-weaknesses.json'),
]);
const weaknesses = weaknessesIn(output, { lockfile, noted: readNoted(noted), at: new Date() });
const isCompared = weaknesses !== null;
const isFine = isCompared && weaknesses.every(({ isOverdue }) => !isOverdue);
const reason = isCompared ? {} : { reason: 'The registry gave no list of weaknesses: nothing was compared.' };
process.stdout.write(`${JSON.stringify({ ok: isFine, isCompared, ...reason, weaknesses: weaknesses ?? [] })}\n`);
process.exitCode = isFine ? 0 : isCompared ? 1 : 2;
