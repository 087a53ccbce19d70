/**
 * `npm run requirements`: whether every promise that is called kept has tests, and every item of OWASP ASVS that is called
 * shown, and whether they pass; and those of every experiment. Results of the last run count while nothing has changed since;
 * files without are run now. The last line says how many promises stand how, the one before it how many items.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { type AsvsItem, asvsProblems, readAsvs } from '#test/support/requirements/asvs.ts';
import { readExperiments } from '#test/support/requirements/experiments.ts';
import { readRequirements, type Requirement, testOf } from '#test/support/requirements/documents.ts';
import { filesToRun, readResults, type TestResults } from '#test/support/requirements/results.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const isJson = process.argv.includes('--json');

type Verdict = Requirement & { problems: string[] };

function problemsOf({ status, tests, missing }: Requirement, results: TestResults): string[] {
  if (status !== 'kept') return missing === null ? ['says nothing of what is missing'] : [];
  return [
    ...(tests.length === 0 ? ['names no test'] : []),
    ...(missing === null ? [] : ['is called kept, and yet something is missing']),
    ...notPassing(tests, results),
  ];
}

/** A problem for each test that did not pass, or is not there. */
function notPassing(tests: string[], results: TestResults): string[] {
  const failing = tests.filter((reference) => {
    const { file, name } = testOf(reference);
    return results[file]?.tests[name] !== 'passed';
  });
  return failing.map((reference) => `no passing test: ${reference}`);
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

type AsvsVerdict = { figures: string; problems: string[] };

/** How the items of ASVS stand; an item counts as shown when all its tests passed. */
function asvsVerdict(items: AsvsItem[], results: TestResults): AsvsVerdict {
  const judged = items.map((item) => ({ ...item, problems: notPassing(item.tests, results) }));
  const applicable = judged.filter(({ notApplicable }) => notApplicable === null);
  const shown = applicable.filter(({ tests, problems }) => tests.length > 0 && problems.length === 0);
  const gaps = applicable.filter(({ gap }) => gap !== null);
  return {
    figures:
      `ASVS 5.0 L1+L2: ${shown.length} of ${applicable.length} applicable items shown by passing tests, ` +
      `${gaps.length} gaps, ${items.length - applicable.length} not applicable`,
    problems: [
      ...asvsProblems(items),
      ...judged.flatMap(({ id, problems }) => problems.map((problem) => `${id}: ${problem}`)),
    ],
  };
}

function verdicts(): { promises: Verdict[]; asvs: AsvsVerdict; experiments: string[] } {
  const requirements = readRequirements();
  const items = readAsvs();
  const experiments = readExperiments();
  const named = [...requirements, ...items, ...experiments].flatMap(({ tests }) => tests);
  const files = [...new Set(named.map((reference) => testOf(reference).file))];
  runTests(filesToRun(files, readResults()));
  const results = readResults();
  const promises = requirements.map((requirement) => ({ ...requirement, problems: problemsOf(requirement, results) }));
  const failing = experiments.flatMap(({ number, tests }) =>
    notPassing(tests, results).map((problem) => `experiment ${number}  PROBLEM: ${problem}`),
  );
  return { promises, asvs: asvsVerdict(items, results), experiments: failing };
}

const { promises, asvs, experiments } = verdicts();
const count = (status: Requirement['status']) => promises.filter((verdict) => verdict.status === status).length;

if (isJson) process.stdout.write(`${JSON.stringify(promises)}\n`);
else
  for (const { id, status, claim, missing, problems } of promises) {
    process.stdout.write(`${id}  ${status.padEnd(7)}  ${claim}\n`);
    if (missing !== null) process.stdout.write(`              missing: ${missing}\n`);
    for (const problem of problems) process.stdout.write(`              PROBLEM: ${problem}\n`);
  }
// Whoever reads JSON gets the promises, and the last line, alone.
const told = isJson ? process.stderr : process.stdout;
for (const problem of asvs.problems) told.write(`ASVS  PROBLEM: ${problem}\n`);
for (const problem of experiments) told.write(`${problem}\n`);
told.write(`${asvs.figures}\n`);
process.stdout.write(`${JSON.stringify({ kept: count('kept'), partly: count('partly'), notYet: count('not yet') })}\n`);
const isProblem = asvs.problems.length + experiments.length > 0 || promises.some(({ problems }) => problems.length > 0);
process.exitCode = isProblem ? 1 : 0;
