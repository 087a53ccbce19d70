/**
 * Renders the pictures of a card. Drawing is vector work without fonts, so the same design and state give the same
 * bytes on every machine; small palettes keep a pass light.
 */
import { Resvg } from '@resvg/resvg-js';
import sharp from 'sharp';
import {
  type Canvas,
  logoSvg,
  type Look,
  markSvg,
  type StampState,
  stampStripSvg,
} from '#app/domain/cards/stamp-svg.ts';

export type Scale = 1 | 2 | 3;

const stripPoints: Canvas = { width: 375, height: 144 };
const heroPixels: Canvas = { width: 1032, height: 336 };
const iconPoints = 29;
const logoPoints = { width: 160, height: 50 };
const googleLogoPixels = 660;
/** A square of this side stays clear of the edge of the circle. */
const googleLogoRoomPixels = 436;
const colours = 128;

/** Apple's strip: 375 × 144 points at the scale. */
export function renderStrip(look: Look, state: StampState, scale: Scale): Promise<Buffer> {
  const canvas = { width: stripPoints.width * scale, height: stripPoints.height * scale };
  return rasterize(stampStripSvg(look, state, canvas));
}

/** Google's hero image: 1032 × 336 pixels. */
export function renderHero(look: Look, state: StampState): Promise<Buffer> {
  return rasterize(stampStripSvg(look, state, heroPixels));
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

function rasterize(svg: string): Promise<Buffer> {
  const image = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
  return sharp(image.pixels, {
    raw: { width: image.width, height: image.height, channels: 4, premultiplied: true },
  })
    .png({ palette: true, colours, effort: 7, dither: 0.6 })
    .toBuffer();
}
