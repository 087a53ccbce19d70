/** Renders what a poster pass needs beside the pictures of a store card: the artwork behind it, and a smaller logo. */
import { Resvg } from '@resvg/resvg-js';
import sharp from 'sharp';
import { posterSvg } from '#app/domain/cards/poster-svg.ts';
import type { Look } from '#app/domain/cards/stamp-svg.ts';
import { encodeWithin } from '#app/gateways/palette-png.ts';
import type { Scale } from '#app/gateways/strip-image.ts';

const artworkPoints = { width: 358, height: 448 };
const logoPoints = { width: 126, height: 30 };
/** Beside a strip and icons, a pass stays below what Wallet takes. */
const artworkBytesMax: Record<Scale, number> = { 1: 20_000, 2: 40_000, 3: 70_000 };
const colours = 128;

/** Apple's artwork: 358 × 448 points at the scale. */
export function renderArtwork(look: Look, scale: Scale): Promise<Buffer> {
  const canvas = { width: artworkPoints.width * scale, height: artworkPoints.height * scale };
  const { pixels, width, height } = new Resvg(posterSvg(look, canvas), { font: { loadSystemFonts: false } }).render();
  return encodeWithin({ data: pixels, width, height, isPremultiplied: true }, artworkBytesMax[scale]);
}

/** The logo of the card, fitted into 126 × 30 points at the scale; each is an exact multiple of the first. */
export async function fitPrimaryLogo(logo: Buffer, scale: Scale): Promise<Buffer> {
  const { width, height } = await sharp(logo).metadata();
  const ratio = Math.min(logoPoints.width / width, logoPoints.height / height);
  const size = { width: Math.max(1, Math.floor(width * ratio)), height: Math.max(1, Math.floor(height * ratio)) };
  return sharp(logo)
    .resize(size.width * scale, size.height * scale, { fit: 'fill' })
    .png({ palette: true, colours })
    .toBuffer();
}
