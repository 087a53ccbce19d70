/** How much of the card's colour must lie over a picture so that what is drawn on it can be seen, whatever the picture. */
import { contrastOf, mixColors, formatHexColor, parseHexColor, type Rgb } from '#app/domain/cards/color.ts';

export type Veil = {
  /** `#rrggbb` each: what is laid over the picture, and what is drawn on both. */
  color: string;
  ink: string;
  contrastMin: number;
  /** The least share to lay on, even where the picture would do without. */
  shareMin: number;
};

const steps = 20;

/**
 * The smallest share (0 … 1) of the veil at which every sample of the picture stands apart from the ink. All of it when none
 * does: what is seen then is the card's own colour, on which the ink was chosen to be readable.
 */
export function veilShare(samples: readonly Rgb[], veil: Veil): number {
  const ink = parseHexColor(veil.ink);
  const colors = [...new Set(samples.map(formatHexColor))];
  for (let step = 0; step < steps; step += 1) {
    const share = step / steps;
    if (share < veil.shareMin) continue;
    const isClear = colors.every(
      (color) => contrastOf(parseHexColor(mixColors(color, veil.color, share)), ink) >= veil.contrastMin,
    );
    if (isClear) return share;
  }
  return 1;
}
