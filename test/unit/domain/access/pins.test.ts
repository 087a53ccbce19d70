import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { leakedPins } from '#app/domain/access/leaked-pins.ts';
import { pinProblem, waitAfterFailures } from '#app/domain/access/pins.ts';

describe('a PIN', () => {
  it.each(['482915', '7041823650', '70418236', '7306194'])('W11 %s is good enough', (pin) =>
    expect(pinProblem(pin)).toBeNull(),
  );

  it.each(['', '48291', '48291500000', '123456', '3456789', '987654', '111111', '121212', '482 915', '４８２９１５'])(
    'W11 %j is not',
    (pin) => expect(pinProblem(pin)).not.toBeNull(),
  );

  it('that is frequent is refused: dates, repeats, rows, ways over the number pad, and what is known from leaks', () => {
    const shapes = {
      dates: ['010190', '900101', '311299', '123188', '01011990', '19900101', '12312024', '20240229'],
      repeats: ['123123', '112233', '520520', '123321', '12341234', '777888', '1231231231', '69696969'],
      rows: ['123789', '789456', '147258', '159753', '123400', '000012', '1234567890', '0987654321', '987651'],
      turns: ['142536', '102030', '010203', '192837', '1029384756'],
      ways: ['147896', '258963', '12369874', '123654'],
      known: ['112358', '314159', '5201314', '1314520', '7758521', '8675309', '4815162342', '31415926'],
    };
    for (const [shape, pins] of Object.entries(shapes))
      for (const pin of pins) expect([shape, pin, pinProblem(pin)]).toEqual([shape, pin, expect.any(String)]);
    expect(leakedPins.size).toBeGreaterThan(400);
    for (const pin of leakedPins) expect([pin, pinProblem(pin)]).toEqual([pin, expect.stringMatching('easy to guess')]);
  });

  it('is one of thousands that are refused, and yet most others are good', () => {
    const tried = Array.from({ length: 100_000 }, (_, index) => String(index * 10 + 7).padStart(6, '0'));
    const refused = tried.filter((pin) => pinProblem(pin) !== null).length;
    expect(refused).toBeGreaterThan(3_000);
    expect(refused).toBeLessThan(tried.length / 6);
  });
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
