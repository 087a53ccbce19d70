/**
 * `npm run requirements`: whether every promise that is called kept has tests, and whether they pass. Results of the last
 * run count while nothing has changed since; files without are run now. The last line says how many promises stand how.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { readRequirements, type Requirement, testOf } from '#test/support/requirements/documents.ts';
import { filesToRun, readResults, type TestResults } from '#test/support/requirements/results.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const isJson = process.argv.includes('--json');

type Verdict = Requirement & { problems: string[] };

function problemsOf({ status, tests, missing }: Requirement, results: TestResults): string[] {
  if (status !== 'kept') return missing === null ? ['says nothing of what is missing'] : [];
  const failing = tests.filter((reference) => {
    const { file, name } = testOf(reference);
    return results[file]?.tests[name] !== 'passed';
  });
  return [
    ...(tests.length === 0 ? ['names no test'] : []),
    ...(missing === null ? [] : ['is called kept, and yet something is missing']),
    ...failing.map((reference) => `no passing test: ${reference}`),
  ];
}

/** Runs test files; their results are on record afterwards. What vitest prints goes to the error stream, so that ours stays readable. */
function runTests(files: string[]): void {
  if (files.length === 0) return;
  process.stderr.write(`Running ${files.length} test files, whose results are missing or old.\n`);
  spawnSync(process.execPath, [path.join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...files], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
  });
}

function verdicts(): Verdict[] {
  const requirements = readRequirements();
  const files = [...new Set(requirements.flatMap(({ tests }) => tests.map((reference) => testOf(reference).file)))];
  runTests(filesToRun(files, readResults()));
  const results = readResults();
  return requirements.map((requirement) => ({ ...requirement, problems: problemsOf(requirement, results) }));
}

const all = verdicts();
const count = (status: Requirement['status']) => all.filter((verdict) => verdict.status === status).length;

if (isJson) process.stdout.write(`${JSON.stringify(all)}\n`);
else
  for (const { id, status, claim, missing, problems } of all) {
    process.stdout.write(`${id}  ${status.padEnd(7)}  ${claim}\n`);
    if (missing !== null) process.stdout.write(`              missing: ${missing}\n`);
    for (const problem of problems) process.stdout.write(`              PROBLEM: ${problem}\n`);
  }
process.stdout.write(`${JSON.stringify({ kept: count('kept'), partly: count('partly'), notYet: count('not yet') })}\n`);
process.exitCode = all.some(({ problems }) => problems.length > 0) ? 1 : 0;
