/**
 * Writes pass.json, with the card package's own validation as the last word on every single pass. It depends on values
 * as well as on names and types (an empty text is refused where a full one is taken), so no verdict is kept for the next.
 */
import { PassType, PKPass } from 'passkit-generator';
import type { ApplePosterStyle, AppleStyle } from '#app/domain/cards/apple-fields.ts';
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
 * field is validated twice, which costs twice the time and says the same. It drops these lists when they come with the texts.
 */
function asAccepted(passJson: ApplePass): PKPass['props'] {
  const { barcodes, locations, relevantDates, featuredActions, storeCard, posterGeneric, ...texts } = passJson;
  const pass = new PKPass({}, undefined, texts);
  pass.setBarcodes(...barcodes);
  if (locations !== undefined) pass.setLocations(...locations);
  if (relevantDates !== undefined) pass.setRelevantDates(relevantDates);
  if (featuredActions !== undefined) pass.featuredActions = featuredActions;
  pass.types.push(classicType(storeCard));
  if (posterGeneric !== undefined) pass.types.push(posterType(posterGeneric));
  return pass.props;
}

function classicType(fields: AppleStyle): PassType<'storeCard'> {
  const type = new PassType('storeCard');
  pushFields(type, fields);
  return type;
}

function posterType(fields: ApplePosterStyle): PassType<'posterGeneric'> {
  const type = new PassType('posterGeneric');
  pushFields(type, fields);
  type.footerFields.push(...fields.footerFields);
  return type;
}

function pushFields(type: PassType<'storeCard'> | PassType<'posterGeneric'>, fields: AppleStyle): void {
  type.headerFields.push(...fields.headerFields);
  type.primaryFields.push(...fields.primaryFields);
  type.secondaryFields.push(...fields.secondaryFields);
  type.auxiliaryFields.push(...fields.auxiliaryFields);
  type.backFields.push(...fields.backFields);
}
