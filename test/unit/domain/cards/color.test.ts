import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrastOf, formatHexColor, mixColors, parseHexColor, readableColor } from '#app/domain/cards/color.ts';

const colors = fc.record({ red: fc.nat(255), green: fc.nat(255), blue: fc.nat(255) });

describe('colours', () => {
  it('survive being written and read', () => {
    fc.assert(
      fc.property(colors, (color) => {
        expect(parseHexColor(formatHexColor(color))).toEqual(color);
      }),
    );
  });

  it('have a contrast from 1 to 21, whichever comes first', () => {
    expect(contrastOf(parseHexColor('#000000'), parseHexColor('#ffffff'))).toBeCloseTo(21);
    expect(contrastOf(parseHexColor('#777777'), parseHexColor('#ffffff'))).toBeCloseTo(4.48, 2);
    fc.assert(
      fc.property(colors, colors, (a, b) => {
        expect(contrastOf(a, b)).toBe(contrastOf(b, a));
      }),
    );
  });

  it('can always be made readable', () => {
    fc.assert(
      fc.property(colors, colors, (wished, background) => {
        const ground = formatHexColor(background);
        const readable = readableColor(formatHexColor(wished), ground, 4.5);
        expect(contrastOf(parseHexColor(readable), background)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('mix by the share that is asked for', () => {
    expect(mixColors('#000000', '#ffffff', 0)).toBe('#000000');
    expect(mixColors('#000000', '#ffffff', 0.5)).toBe('#808080');
    expect(mixColors('#000000', '#ffffff', 1)).toBe('#ffffff');
  });
});
