/** Colours as `#rrggbb`, and whether one can be read on another (WCAG 2 relative luminance). */

export type Rgb = { red: number; green: number; blue: number };

/** Contrast that running text needs; the level AA of WCAG 2. */
export const textContrastMin = 4.5;
/** Contrast that large text and captions need. */
export const largeTextContrastMin = 3;

/** Reads `#rrggbb`. */
export function parseHexColor(hexColor: string): Rgb {
  const value = Number.parseInt(hexColor.slice(1), 16);
  return { red: value >> 16, green: (value >> 8) & 255, blue: value & 255 };
}

/** Writes `#rrggbb`; parts are rounded and kept within 0 … 255. */
export function formatHexColor(color: Rgb): string {
  return `#${[color.red, color.green, color.blue].map(hexPart).join('')}`;
}

function hexPart(value: number): string {
  return Math.round(Math.min(255, Math.max(0, value)))
    .toString(16)
    .padStart(2, '0');
}

/** Moves `from` towards `to` by `share` (0 … 1). */
export function mixColors(from: string, to: string, share: number): string {
  const [a, b] = [parseHexColor(from), parseHexColor(to)];
  return formatHexColor({
    red: a.red + (b.red - a.red) * share,
    green: a.green + (b.green - a.green) * share,
    blue: a.blue + (b.blue - a.blue) * share,
  });
}

/** From 0 (black) to 1 (white). */
export function luminanceOf(color: Rgb): number {
  return 0.2126 * linearPart(color.red) + 0.7152 * linearPart(color.green) + 0.0722 * linearPart(color.blue);
}

/** Undoes the gamma curve of sRGB. */
function linearPart(part: number): number {
  const share = part / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** From 1 (equal) to 21 (black on white). */
export function contrastOf(a: Rgb, b: Rgb): number {
  const [darker = 0, lighter = 0] = [luminanceOf(a), luminanceOf(b)].toSorted((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

/** The wished colour when it can be read on the background, else black or white, whichever reads better. */
export function readableColor(wished: string, background: string, contrastMin: number): string {
  const ground = parseHexColor(background);
  if (contrastOf(parseHexColor(wished), ground) >= contrastMin) return wished;
  const white = contrastOf({ red: 255, green: 255, blue: 255 }, ground);
  const black = contrastOf({ red: 0, green: 0, blue: 0 }, ground);
  return white >= black ? '#ffffff' : '#000000';
}
