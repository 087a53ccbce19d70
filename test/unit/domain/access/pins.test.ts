import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { pinProblem, waitAfterFailures } from '#app/domain/access/pins.ts';

describe('a PIN', () => {
  it.each(['482915', '7041823650', '112358'])('W11 %s is good enough', (pin) => expect(pinProblem(pin)).toBeNull());

  it.each(['', '48291', '48291500000', '123456', '3456789', '987654', '111111', '121212', '482 915', '４８２９１５'])(
    'W11 %j is not',
    (pin) => expect(pinProblem(pin)).not.toBeNull(),
  );
});

describe('waiting after wrong ones', () => {
  it('W15 starts after the free tries, grows with every one and ends at an hour', () => {
    const free = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), free, (failures, freeTries) => {
        const wait = waitAfterFailures(failures, freeTries);
        expect(wait === 0).toBe(failures < freeTries);
        expect(wait).toBeLessThanOrEqual(3_600_000);
        expect(waitAfterFailures(failures + 1, freeTries)).toBeGreaterThanOrEqual(wait);
      }),
    );
    expect([5, 6, 7].map((failures) => waitAfterFailures(failures, 5))).toEqual([30_000, 60_000, 120_000]);
  });
});
