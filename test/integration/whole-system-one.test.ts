/** Lives played out against the whole system, with faults: test/simulate/simulation.ts says how. */
import { expect, test } from 'vitest';

import { playSeeds, playTimeoutMs } from '#test/simulate/play-seeds.ts';

test(
  'whatever is doubled, lost, late or killed: in the end everything is as the oracle says',
  async () => {
    expect(await playSeeds(1, 100)).toEqual({ failures: [], isHarmless: false });
  },
  playTimeoutMs,
);
