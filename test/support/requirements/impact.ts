/**
 * `npm run impact [-- --json]`: the privacy impact assessment of this version, with the results of the tests that ran last; run
 * `npm test` before. Prints a document in Markdown, or the same as JSON.
 */
import { globSync } from 'node:fs';
import path from 'node:path';

import { assessImpact, impactDocument, type TestTally } from '#app/domain/privacy/impact-assessment.ts';
import { ownSubProcessors } from '#app/domain/privacy/sub-processors.ts';
import { readRequirements, testOf } from '#test/support/requirements/documents.ts';
import { filesToRun, readResults, type TestResults } from '#test/support/requirements/results.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

type Ending = keyof TestTally;

function tallyOf(endings: Ending[]): TestTally {
  const count = (ending: Ending) => endings.filter((one) => one === ending).length;
  return { passed: count('passed'), failed: count('failed'), notRun: count('notRun') };
}

/** Results that are older than the code say nothing of it. */
function freshResults(files: string[]): TestResults {
  const known = readResults();
  const outdated = new Set(filesToRun(files, known));
  return Object.fromEntries(Object.entries(known).filter(([file]) => !outdated.has(file)));
}

const requirements = readRequirements();
const attackFiles = globSync('test/attack/*.test.ts', { cwd: root });
const citedFiles = requirements.flatMap(({ tests }) => tests.map((reference) => testOf(reference).file));
const results = freshResults([...new Set([...citedFiles, ...attackFiles])]);

const assessment = assessImpact({
  at: new Date(),
  measures: requirements.map(({ id, claim, status, missing, tests }) => ({
    id,
    claim,
    status,
    missing,
    tests: tallyOf(
      tests.map((reference) => {
        const { file, name } = testOf(reference);
        return results[file]?.tests[name] ?? 'notRun';
      }),
    ),
  })),
  attacks: tallyOf(attackFiles.flatMap((file): Ending[] => Object.values(results[file]?.tests ?? { none: 'notRun' }))),
  subProcessors: ownSubProcessors,
});

const isJson = process.argv.includes('--json');
process.stdout.write(`${isJson ? JSON.stringify(assessment, null, 2) : impactDocument(assessment)}\n`);
