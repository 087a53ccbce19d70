/** What an uploaded logo may be, and the words for a picture that is none. The page says them before anything is sent. */

export const logoRules = {
  bytesMax: 2 * 1024 * 1024,
  /** Small files can unfold into pictures that fill the memory. */
  pixelsMax: 20_000_000,
  /** The stored picture fits into this; Apple's space for it has the same shape. */
  width: 960,
  height: 300,
  mediaTypes: ['image/png', 'image/jpeg', 'image/webp'],
} as const;

export const logoProblems = {
  'logo-too-heavy': 'This file is larger than 2 MB. Export a smaller picture and try again.',
  'logo-not-a-picture': 'This is not a PNG, JPEG or WebP picture. Choose another file.',
  'logo-too-many-pixels': 'This picture has more than 20 million pixels. Export a smaller one and try again.',
  'logo-too-small': 'This picture has no size. Export it again or choose another one.',
  'logo-moves': 'This picture moves. A card shows still pictures only; export a single frame.',
  'logo-damaged': 'This picture cannot be read; the file seems to be damaged. Export it again or choose another one.',
} as const;

export type LogoProblem = keyof typeof logoProblems;

/** What keeps a chosen file from being uploaded, as far as its size and type tell; null when it may be tried. */
export function logoFileProblem(file: { size: number; type: string }): LogoProblem | null {
  if (file.size > logoRules.bytesMax) return 'logo-too-heavy';
  return logoRules.mediaTypes.some((type) => type === file.type) ? null : 'logo-not-a-picture';
}
