/** Turns an uploaded file into the picture of a card's strip. */
import { type StripProblem, stripProblems, stripRules } from '#app/domain/cards/strip-rules.ts';
import { type PictureProblem, readPicture, type UploadedPicture } from '#app/gateways/uploaded-picture.ts';
import { InvalidInput } from '#app/lib/errors.ts';

function refuse(problem: PictureProblem, cause?: unknown): InvalidInput {
  const code: StripProblem = `strip-${problem}`;
  return new InvalidInput(code, `An uploaded strip picture was refused: ${problem}`, {
    publicMessage: stripProblems[code],
    issues: [{ path: 'strip', message: stripProblems[code] }],
    cause,
  });
}

/** The picture in a file, a PNG of exactly 1125 × 432. Throws `InvalidInput` with words for the merchant. */
export async function readStripPicture(file: Buffer): Promise<UploadedPicture> {
  const { width, height, ...rules } = stripRules;
  return readPicture(file, { ...rules, fit: { kind: 'cover', width, height }, refuse });
}
