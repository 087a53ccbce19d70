/**
 * Turns an uploaded file into a picture that is safe to show to everybody: decoded, made small, stripped of everything that
 * is not picture (places, cameras, comments, profiles, scripts), and written anew. Nothing of the file itself is kept.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';

import { InvalidInput } from '#app/lib/errors.ts';

export type UploadedPicture = {
  /** SHA-256 of `content`, in hex. */
  hash: string;
  /** A PNG: sRGB, eight bits a channel, one frame. */
  content: Buffer;
  width: number;
  height: number;
};

export type PictureProblem = 'too-heavy' | 'not-a-picture' | 'too-many-pixels' | 'too-small' | 'moves' | 'damaged';

export type PictureRules = {
  bytesMax: number;
  pixelsMax: number;
  widthMin: number;
  heightMin: number;
  /** What it becomes: `inside` is never enlarged, `cover` is exactly this and loses its edges. */
  fit: { kind: 'inside' | 'cover'; width: number; height: number };
  refuse: (problem: PictureProblem, cause?: unknown) => InvalidInput;
};

const decodeTimeoutSeconds = 10;
const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');
const jpegSignature = Buffer.from('ffd8ff', 'hex');

/** By the first bytes: names and types are only claims, and no other decoder shall ever see the file. */
function isPicture(file: Buffer): boolean {
  const isWebp = file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP';
  return isWebp || [pngSignature, jpegSignature].some((sign) => file.subarray(0, sign.length).equals(sign));
}

/** The picture in a file; the same file gives the same bytes. Throws what `refuse` makes of the problem. */
export async function readPicture(file: Buffer, rules: PictureRules): Promise<UploadedPicture> {
  if (file.length > rules.bytesMax) throw rules.refuse('too-heavy');
  if (!isPicture(file)) throw rules.refuse('not-a-picture');
  try {
    const { data, info } = await decode(file, rules);
    const hash = createHash('sha256').update(data).digest('hex');
    return { hash, content: data, width: info.width, height: info.height };
  } catch (cause) {
    if (cause instanceof InvalidInput) throw cause;
    const isFlood = cause instanceof Error && cause.message.includes('exceeds pixel limit');
    throw rules.refuse(isFlood ? 'too-many-pixels' : 'damaged', cause);
  }
}

async function decode(file: Buffer, rules: PictureRules) {
  const picture = sharp(file, { limitInputPixels: rules.pixelsMax, failOn: 'error', animated: false });
  const { autoOrient, pages = 1 } = await picture.metadata();
  if (pages > 1) throw rules.refuse('moves');
  if (autoOrient.width < rules.widthMin || autoOrient.height < rules.heightMin) throw rules.refuse('too-small');
  const { kind, width, height } = rules.fit;
  return (
    picture
      // Photographs say which side is up in the data that is stripped.
      .autoOrient()
      .resize({ width, height, fit: kind, withoutEnlargement: kind === 'inside' })
      .toColourspace('srgb')
      .png({ compressionLevel: 9 })
      .timeout({ seconds: decodeTimeoutSeconds })
      .toBuffer({ resolveWithObject: true })
  );
}
