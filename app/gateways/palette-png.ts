/** Writes pictures as PNGs of few colours, and no heavier than they may be. */
import sharp, { type Sharp } from 'sharp';

export type Pixels = { data: Buffer; width: number; height: number; isPremultiplied: boolean };

type Attempt = { colours: number; effort: number; blurSigma: number | null; dither: number };

/** Flat drawings: few colours are enough, and worth finding well. */
const flat: Attempt = { colours: 128, effort: 7, blurSigma: null, dither: 0.6 };

/** Each lighter than the one before; the last makes any picture a few kilobytes. */
const attempts: Attempt[] = [
  { colours: 128, effort: 4, blurSigma: null, dither: 0.6 },
  { colours: 64, effort: 4, blurSigma: null, dither: 0 },
  { colours: 32, effort: 4, blurSigma: 1, dither: 0 },
  { colours: 24, effort: 4, blurSigma: 2.5, dither: 0 },
  { colours: 16, effort: 4, blurSigma: 6, dither: 0 },
  { colours: 8, effort: 4, blurSigma: 20, dither: 0 },
];

/** A PNG of a drawing. The same pixels give the same bytes. */
export function encodeDrawing(pixels: Pixels): Promise<Buffer> {
  return encode(open(pixels), flat);
}

/**
 * A PNG of a photograph: at most `bytesMax`, with fewer colours and less detail the more there is to it. The same pixels give
 * the same bytes.
 */
export async function encodeWithin(pixels: Pixels, bytesMax: number): Promise<Buffer> {
  const first = await findAttempt(pixels, bytesMax);
  let smallest = await encode(open(pixels), attempts[first] ?? flat);
  for (const attempt of attempts.slice(first + 1)) {
    if (smallest.length <= bytesMax) break;
    const lighter = await encode(open(pixels), attempt);
    if (lighter.length < smallest.length) smallest = lighter;
  }
  return smallest;
}

/** The quarter in the middle tells for a quarter of the work what the whole will weigh. */
async function findAttempt(pixels: Pixels, bytesMax: number): Promise<number> {
  const [width, height] = [Math.ceil(pixels.width / 2), Math.ceil(pixels.height / 2)];
  const [left, top] = [Math.floor(pixels.width / 4), Math.floor(pixels.height / 4)];
  for (const [index, attempt] of attempts.entries()) {
    const sample = await encode(open(pixels).extract({ left, top, width, height }), { ...attempt, effort: 1 });
    if (sample.length * 4 <= bytesMax) return index;
  }
  return attempts.length - 1;
}

function open({ data, width, height, isPremultiplied: premultiplied }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 4, premultiplied } });
}

function encode(picture: Sharp, { blurSigma, colours, effort, dither }: Attempt): Promise<Buffer> {
  const shown = blurSigma === null ? picture : picture.blur(blurSigma);
  return shown.png({ palette: true, colours, effort, dither }).toBuffer();
}
