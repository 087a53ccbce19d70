/**
 * Renders the pictures of a card. Drawing is vector work without fonts, so the same design and state give the same
 * bytes on every machine; small palettes keep a pass light.
 */
import { Resvg } from '@resvg/resvg-js';
import sharp, { type OverlayOptions } from 'sharp';

import { largeTextContrastMin, parseHexColor, readableColor, type Rgb } from '#app/domain/cards/color.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { veilShare } from '#app/domain/cards/picture-veil.ts';
import {
  type Canvas,
  inkOf,
  logoSvg,
  type Look,
  markSvg,
  type StampState,
  stampsSvg,
  stampStripSvg,
} from '#app/domain/cards/stamp-svg.ts';
import { encodeDrawing, encodeWithin, type Pixels } from '#app/gateways/palette-png.ts';
import { invariant } from '#app/lib/errors.ts';

export type Scale = 1 | 2 | 3;

const stripPoints: Canvas = { width: 375, height: 144 };
const heroPixels: Canvas = { width: 1032, height: 336 };
const iconPoints = 29;
const logoPoints = { width: 160, height: 50 };
const googleLogoPixels = 660;
/** A square of this side stays clear of the edge of the circle. */
const googleLogoRoomPixels = 436;
const colours = 128;
/** Together with the icons and logos these stay below what Wallet takes of a pass. */
const stripBytesMax: Record<Scale, number> = { 1: 40_000, 2: 100_000, 3: 190_000 };
const heroBytesMax = 400_000;
/** Behind stamps a picture is always dimmed a little, so that it stays the ground. */
const veilBehindStamps = 0.35;

/** What is drawn on a strip: stamps, a picture, or stamps on a picture. */
export type StripDrawing = {
  look: Look & Pick<CardDesign, 'foregroundColor'>;
  stamps: StampState | null;
  picture: Buffer | null;
};

/** Apple's strip: 375 × 144 points at the scale. Without stamps, Wallet writes the balance over it: that stays readable. */
export function renderStrip(drawing: StripDrawing, scale: Scale): Promise<Buffer> {
  const canvas = { width: stripPoints.width * scale, height: stripPoints.height * scale };
  return renderBand(drawing, { canvas, bytesMax: stripBytesMax[scale], isWrittenOver: true });
}

/** Google's hero image: 1032 × 336 pixels. */
export function renderHero(drawing: StripDrawing): Promise<Buffer> {
  return renderBand(drawing, { canvas: heroPixels, bytesMax: heroBytesMax, isWrittenOver: false });
}

type Band = { canvas: Canvas; bytesMax: number; isWrittenOver: boolean };

async function renderBand({ look, stamps, picture }: StripDrawing, band: Band): Promise<Buffer> {
  const { canvas, bytesMax } = band;
  if (picture === null) {
    invariant(stamps !== null, 'a strip shows stamps or a picture');
    return encodeDrawing(drawPixels(stampStripSvg(look, stamps, canvas)));
  }
  const fitted = await sharp(picture)
    .resize({ ...canvas, fit: 'cover' })
    .ensureAlpha()
    .flatten({ background: look.backgroundColor })
    .toBuffer();
  const layers: OverlayOptions[] = [];
  const share = await shareOfVeil(fitted, { look, stamps, picture }, band);
  const { red: r, green: g, blue: b } = parseHexColor(look.backgroundColor);
  if (share > 0) layers.push({ input: { create: { ...canvas, channels: 4, background: { r, g, b, alpha: share } } } });
  if (stamps !== null) {
    const { data } = drawPixels(stampsSvg(look, stamps, canvas));
    const raw = { ...canvas, channels: 4 as const, premultiplied: true };
    layers.push({ input: await sharp(data, { raw }).png({ compressionLevel: 1 }).toBuffer() });
  }
  const data = await sharp(fitted).composite(layers).ensureAlpha().raw().toBuffer();
  return encodeWithin({ data, ...canvas, isPremultiplied: false }, bytesMax);
}

const sampleSize = { width: 50, height: 19 };

async function shareOfVeil(fitted: Buffer, { look, stamps }: StripDrawing, band: Band): Promise<number> {
  if (stamps === null && !band.isWrittenOver) return 0;
  const raw = await sharp(fitted)
    .resize({ ...sampleSize, fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer();
  const samples = Array.from({ length: raw.length / 3 }, (_, index): Rgb => {
    const [red = 0, green = 0, blue = 0] = raw.subarray(index * 3, index * 3 + 3);
    return { red, green, blue };
  });
  const { backgroundColor: color, foregroundColor } = look;
  const contrastMin = largeTextContrastMin;
  return stamps === null
    ? veilShare(samples, { color, ink: readableColor(foregroundColor, color, contrastMin), contrastMin, shareMin: 0 })
    : veilShare(samples, { color, ink: inkOf(look), contrastMin, shareMin: veilBehindStamps });
}

/** Apple's icon: 29 points square, shown beside notifications. */
export function renderIcon(look: Look, scale: Scale): Promise<Buffer> {
  return rasterize(markSvg(look, iconPoints * scale, { margin: 0.14, cornerShare: 0.22 }));
}

/** Apple's logo when none was uploaded: a badge of 50 points. */
export function renderLogo(look: Look, scale: Scale): Promise<Buffer> {
  return rasterize(logoSvg(look, logoPoints.height * scale));
}

/** Google's programme logo: 660 pixels square, with room for the circle that Google cuts. */
export function renderGoogleLogo(look: Look): Promise<Buffer> {
  return rasterize(markSvg(look, googleLogoPixels, { margin: 0.24, cornerShare: 0 }));
}

/** Google's programme logo with an uploaded picture, on the colour of the card and inside the circle. */
export async function renderUploadedGoogleLogo({ backgroundColor }: Look, logo: Buffer): Promise<Buffer> {
  const room = googleLogoRoomPixels;
  const input = await sharp(logo).resize({ width: room, height: room, fit: 'inside' }).png().toBuffer();
  const side = googleLogoPixels;
  return sharp({ create: { width: side, height: side, channels: 4, background: backgroundColor } })
    .composite([{ input, gravity: 'centre' }])
    .png({ palette: true, colours })
    .toBuffer();
}

/** An uploaded logo, fitted into 160 × 50 points at the three scales; each is an exact multiple of the first. */
export async function fitLogo(logo: Buffer, scale: Scale): Promise<Buffer> {
  const { width, height } = await sharp(logo).metadata();
  const ratio = Math.min(logoPoints.width / width, logoPoints.height / height);
  const size = { width: Math.max(1, Math.floor(width * ratio)), height: Math.max(1, Math.floor(height * ratio)) };
  return sharp(logo)
    .resize(size.width * scale, size.height * scale, { fit: 'fill' })
    .png({ palette: true, colours })
    .toBuffer();
}

function drawPixels(svg: string): Pixels {
  const { pixels, width, height } = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
  return { data: pixels, width, height, isPremultiplied: true };
}

function rasterize(svg: string): Promise<Buffer> {
  return encodeDrawing(drawPixels(svg));
}
