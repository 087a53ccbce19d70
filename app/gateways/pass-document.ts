/**
 * Writes pass.json, with the card package's own validation as the last word on every single pass. It depends on values
 * as well as on names and types (an empty text is refused where a full one is taken), so no verdict is kept for the next.
 */
import { PassType, PKPass } from 'passkit-generator';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import { invariant } from '#app/lib/errors.ts';

/** The bytes of pass.json. Equal passes give equal bytes. A document that the card package refuses or changes is our bug. */
export function writePassDocument(passJson: ApplePass): Buffer {
  const text = JSON.stringify(passJson);
  invariant(JSON.stringify(asAccepted(passJson)) === text, 'the card package keeps pass.json as it was written');
  return Buffer.from(text);
}

/**
 * What the card package makes of a document. Handed over piece by piece, each value is validated once; as a file, every
 * field is validated twice, which costs twice the time and says the same.
 */
function asAccepted({ barcodes, storeCard, ...texts }: ApplePass): PKPass['props'] {
  const pass = new PKPass({}, undefined, texts);
  pass.setBarcodes(...barcodes);
  const card = new PassType('storeCard');
  card.headerFields.push(...storeCard.headerFields);
  card.primaryFields.push(...storeCard.primaryFields);
  card.secondaryFields.push(...storeCard.secondaryFields);
  card.auxiliaryFields.push(...storeCard.auxiliaryFields);
  card.backFields.push(...storeCard.backFields);
  pass.types.push(card);
  return pass.props;
}
