import { writeSync } from 'node:fs';

import type { Reporter, TestModule } from 'vitest/node';

import { addResults, type TestResults } from '#test/support/requirements/results.ts';

/** How each test ended, by file. Of tests that share a name the worse counts. */
function resultsOf(modules: readonly TestModule[], ranAt: number): TestResults {
  const results: TestResults = {};
  for (const module of modules) {
    const tests: TestResults[string]['tests'] = {};
    for (const test of module.children.allTests())
      tests[test.name] = test.result().state === 'passed' && tests[test.name] !== 'failed' ? 'passed' : 'failed';
    results[module.relativeModuleId] = { ranAt, tests };
  }
  return results;
}

/**
 * Ends a run with the line `N passed, N failed`, whatever else is printed on the way out. A file that does not load and an
 * error outside any test count as a failure each.
 */
export function tallyReporter(): Reporter {
  let passed = 0;
  let failed = 0;
  const startedAt = Date.now();
  return {
    onInit() {
      process.once('exit', (code) => {
        // A run that ends badly before or beside its tests must not look clean.
        if (code !== 0 && failed === 0) failed = 1;
        writeSync(1, `${passed} passed, ${failed} failed\n`);
      });
    },
    onTestRunEnd(modules, unhandledErrors) {
      addResults(resultsOf(modules, startedAt));
      const states = modules.flatMap((module) => [...module.children.allTests()]).map((test) => test.result().state);
      const failedOutside = modules.filter((module) => module.errors().length > 0).length + unhandledErrors.length;
      passed = states.filter((state) => state === 'passed').length;
      failed = states.filter((state) => state === 'failed').length + failedOutside;
    },
  };
}
