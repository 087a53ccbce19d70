/**
 * `npm run test:history`: the engine's properties over other histories than the suite's, or over the one that failed.
 *
 *   npm run test:history -- --seed 42 --times 10        ten times as many, from this seed
 *   npm run test:history -- --seed 42 --path 17:3 --only "name of the test"
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, path: { type: 'string' }, times: { type: 'string' }, only: { type: 'string' } },
});
const seed = values.seed ?? String(Date.now() % 2_147_483_647);
process.stdout.write(`Histories from seed ${seed}\n`);
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'unit',
    'test/unit/domain/engine',
    ...(values.only === undefined ? [] : ['--testNamePattern', literally(values.only)]),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      HISTORY_SEED: seed,
      HISTORY_PATH: values.path ?? '',
      HISTORY_TIMES: values.times ?? '1',
    },
  },
);
process.exitCode = status ?? 1;

/** A pattern for exactly this text. */
function literally(text: string): string {
  return `${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`;
}
