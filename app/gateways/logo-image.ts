/**
 * Turns an uploaded file into a logo that is safe to show to everybody: decoded, made small, stripped of everything that is
 * not picture (places, cameras, comments, scripts), and written anew. Nothing of the file itself is kept.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';

import { type LogoProblem, logoProblems, logoRules } from '#app/domain/cards/logo-rules.ts';
import { InvalidInput } from '#app/lib/errors.ts';

export type LogoImage = {
  /** SHA-256 of `content`, in hex. */
  hash: string;
  /** A PNG of at most 960 × 300 pixels. */
  content: Buffer;
  width: number;
  height: number;
};

const decodeTimeoutSeconds = 10;
const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');
const jpegSignature = Buffer.from('ffd8ff', 'hex');

/** By the first bytes: names and types are only claims, and no other decoder shall ever see the file. */
function isPicture(file: Buffer): boolean {
  const isWebp = file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP';
  return isWebp || [pngSignature, jpegSignature].some((sign) => file.subarray(0, sign.length).equals(sign));
}

function refusal(problem: LogoProblem, cause?: unknown): InvalidInput {
  return new InvalidInput(problem, `An uploaded logo was refused: ${problem}`, {
    publicMessage: logoProblems[problem],
    cause,
  });
}

/** The logo in a file; the same file gives the same bytes. Throws `InvalidInput` with words for the merchant. */
export async function readLogoImage(file: Buffer): Promise<LogoImage> {
  if (file.length > logoRules.bytesMax) throw refusal('logo-too-heavy');
  if (!isPicture(file)) throw refusal('logo-not-a-picture');
  try {
    const { data, info } = await sharp(file, {
      limitInputPixels: logoRules.pixelsMax,
      failOn: 'error',
      animated: false,
    })
      // Photographs say which side is up in the data that is stripped.
      .autoOrient()
      .resize({ width: logoRules.width, height: logoRules.height, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .png({ compressionLevel: 9 })
      .timeout({ seconds: decodeTimeoutSeconds })
      .toBuffer({ resolveWithObject: true });
    const hash = createHash('sha256').update(data).digest('hex');
    return { hash, content: data, width: info.width, height: info.height };
  } catch (cause) {
    const isFlood = cause instanceof Error && cause.message.includes('exceeds pixel limit');
    throw refusal(isFlood ? 'logo-too-many-pixels' : 'logo-damaged', cause);
  }
}
