/**
 * `npm run simulate -- --seed S --steps N [--count C]`: plays C lives out against the whole system, from seed S on; see
 * simulation.ts. The suite plays seeds 1 to 200. Exit status 1 when a seed left something wrong.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { simulateVariables } from '#test/simulate/simulate-variables.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '40' },
    count: { type: 'string', default: '1' },
  },
});
if (!Object.values(values).every((value) => /^\d{1,9}$/.test(value))) {
  process.stderr.write('Usage: npm run simulate -- --seed <number> --steps <number> [--count <number>]\n');
  process.exit(2);
}
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'integration', 'test/integration/whole-system-one.test.ts'],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      [simulateVariables.seed]: values.seed,
      [simulateVariables.steps]: values.steps,
      [simulateVariables.count]: values.count,
    },
  },
);
process.exitCode = status ?? 1;
