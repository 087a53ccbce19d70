import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  contrastOf,
  mixColors,
  formatHexColor,
  parseHexColor,
  readableColor,
  type Rgb,
} from '#app/domain/cards/color.ts';
import { veilShare } from '#app/domain/cards/picture-veil.ts';

const part = fc.integer({ min: 0, max: 255 });
const color: fc.Arbitrary<Rgb> = fc.record({ red: part, green: part, blue: part });
const contrastMin = 3;

describe('the veil over a picture', () => {
  it('lets what is drawn on it be seen against every sample of any picture', () => {
    fc.assert(
      fc.property(fc.array(color, { minLength: 1, maxLength: 40 }), color, color, (samples, ground, wished) => {
        const veil = formatHexColor(ground);
        const ink = readableColor(formatHexColor(wished), veil, contrastMin);
        const share = veilShare(samples, { color: veil, ink, contrastMin, shareMin: 0 });
        for (const sample of samples) {
          const shown = parseHexColor(mixColors(formatHexColor(sample), veil, share));
          expect(contrastOf(shown, parseHexColor(ink))).toBeGreaterThanOrEqual(contrastMin);
        }
      }),
    );
  });

  it('is no thicker than it has to be, and never thinner than asked', () => {
    const dark = { color: '#000000', ink: '#ffffff', contrastMin };
    expect(veilShare([parseHexColor('#202020')], { ...dark, shareMin: 0 })).toBe(0);
    expect(veilShare([parseHexColor('#202020')], { ...dark, shareMin: 0.35 })).toBe(0.35);
    const share = veilShare([parseHexColor('#ffffff')], { ...dark, shareMin: 0 });
    const before = parseHexColor(mixColors('#ffffff', '#000000', share - 0.05));
    expect(contrastOf(before, parseHexColor('#ffffff'))).toBeLessThan(contrastMin);
    expect(share).toBeLessThan(0.6);
  });
});
