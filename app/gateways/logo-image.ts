/** Turns an uploaded file into a logo. */
import { type LogoProblem, logoProblems, logoRules } from '#app/domain/cards/logo-rules.ts';
import { type PictureProblem, readPicture, type UploadedPicture } from '#app/gateways/uploaded-picture.ts';
import { InvalidInput } from '#app/lib/errors.ts';

function refuse(problem: PictureProblem, cause?: unknown): InvalidInput {
  const code: LogoProblem = `logo-${problem}`;
  return new InvalidInput(code, `An uploaded logo was refused: ${problem}`, {
    publicMessage: logoProblems[code],
    issues: [{ path: 'logo', message: logoProblems[code] }],
    cause,
  });
}

/** The logo in a file, a PNG of at most 960 × 300. Throws `InvalidInput` with words for the merchant. */
export async function readLogoImage(file: Buffer): Promise<UploadedPicture> {
  const { bytesMax, pixelsMax, width, height } = logoRules;
  const fit = { kind: 'inside' as const, width, height };
  return readPicture(file, { bytesMax, pixelsMax, widthMin: 1, heightMin: 1, fit, refuse });
}
