/** What an uploaded picture for the strip may be, and the words for one that is none. Shown before anything is sent. */

export const stripRules = {
  bytesMax: 8 * 1024 * 1024,
  /** Small files can unfold into pictures that fill the memory. */
  pixelsMax: 40_000_000,
  /** The stored picture is exactly this: Apple's strip at its largest. The middle of a picture of another shape is kept. */
  width: 1125,
  height: 432,
  /** Smaller ones would be blurred on every phone. */
  widthMin: 750,
  heightMin: 288,
  mediaTypes: ['image/png', 'image/jpeg', 'image/webp'],
} as const;

export const stripProblems = {
  'strip-too-heavy': 'This file is larger than 8 MB. Export a smaller picture and try again.',
  'strip-not-a-picture': 'This is not a PNG, JPEG or WebP picture. Choose another file.',
  'strip-too-many-pixels': 'This picture has more than 40 million pixels. Export a smaller one and try again.',
  'strip-too-small': 'This picture is too small. It must be at least 750 × 288 pixels; 1125 × 432 is best.',
  'strip-moves': 'This picture moves. A card shows still pictures only; export a single frame.',
  'strip-damaged': 'This picture cannot be read; the file seems to be damaged. Export it again or choose another one.',
} as const;

export type StripProblem = keyof typeof stripProblems;

/** What keeps a chosen file from being uploaded, as far as its size and type tell; null when it may be tried. */
export function stripFileProblem(file: { size: number; type: string }): StripProblem | null {
  if (file.size > stripRules.bytesMax) return 'strip-too-heavy';
  return stripRules.mediaTypes.some((type) => type === file.type) ? null : 'strip-not-a-picture';
}
