/** Files somebody may upload as a logo: pictures, and what only looks like one. */
import { crc32, deflateSync } from 'node:zlib';

import sharp from 'sharp';
import type { Sharp } from 'sharp';

export type LogoPicture = { width: number; height: number; alpha?: number; isNoisy?: boolean };

/** A red picture, to be written in any format. Noise keeps it from being packed into a few bytes. */
export function logoPicture({ width, height, alpha = 1, isNoisy = false }: LogoPicture): Sharp {
  const background = { r: 200, g: 30, b: 60, alpha };
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
  return isNoisy
    ? sharp({ create: { width, height, channels: 3, background, noise } })
    : sharp({ create: { width, height, channels: 4, background } });
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

/** A sound PNG of a few kilobytes that claims `sidePx` × `sidePx` pixels. */
export function floodPng(sidePx: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(sidePx, 0);
  header.writeUInt32BE(sidePx, 4);
  header.writeUInt8(8, 8);
  const data = deflateSync(Buffer.alloc(1024 * 1024));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** A JPEG as printers want it. */
export function cmykJpeg(picture: LogoPicture): Promise<Buffer> {
  return logoPicture(picture).removeAlpha().toColourspace('cmyk').jpeg().toBuffer();
}

/** Three frames in one file. */
export async function movingWebp({ width, height }: LogoPicture): Promise<Buffer> {
  const frames = await Promise.all(
    ['#ff0000', '#00ff00', '#0000ff'].map((background) =>
      sharp({ create: { width, height, channels: 4, background } })
        .png()
        .toBuffer(),
    ),
  );
  return sharp(frames, { join: { animated: true } })
    .webp({ loop: 0, delay: frames.map(() => 100) })
    .toBuffer();
}
