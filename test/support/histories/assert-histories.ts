/**
 * Runs a property over random histories. The suite asks about the same histories every time, so that a build that was
 * right stays right; `npm run test:history` asks about others, and about the one that failed.
 */
import * as fc from 'fast-check';
import { expect, vi } from 'vitest';

const suiteSeed = 20_260_301;

/** Environment by which `npm run test:history` says which histories; see replay.ts. */
export const replayVariables = { seed: 'HISTORY_SEED', path: 'HISTORY_PATH', times: 'HISTORY_TIMES' } as const;

// Ten times as many still end within this.
vi.setConfig({ testTimeout: 900_000 });

/** Holds the property against so many random histories; a failure says by which command it comes again. */
export function assertHistories<Values extends [unknown, ...unknown[]]>(
  histories: number,
  property: fc.IPropertyWithHooks<Values>,
): void {
  const seed = Number(process.env[replayVariables.seed] ?? suiteSeed);
  const path = process.env[replayVariables.path] ?? '';
  const times = Number(process.env[replayVariables.times] ?? 1);
  const name = expect.getState().currentTestName ?? '';
  fc.assert(property, {
    seed,
    path,
    numRuns: Math.ceil(histories * times),
    reporter: (details) => {
      if (!details.failed) return;
      // The first part names the history; how it is made smaller follows from it.
      const [history = ''] = (details.counterexamplePath ?? '').split(':');
      const again = `npm run test:history -- --seed ${details.seed} --path ${history} --only ${JSON.stringify(name)}`;
      throw new Error(`Again with: ${again}\n${fc.defaultReportMessage(details)}`);
    },
  });
}
