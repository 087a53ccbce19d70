/** Save links: signed addresses that put a card into Google Wallet when the shopper opens them. */
import { importPKCS8, SignJWT } from 'jose';

import { type GoogleLoyaltyObject, inOneLanguage } from '#app/domain/cards/google-pass.ts';
import { InvalidInput, invariant } from '#app/lib/errors.ts';

export type SaveLinkIssuer = {
  serviceAccount: { clientEmail: string; privateKeyPem: string };
  /** Sites that may show the save button. */
  origins: string[];
};

const saveUrl = 'https://pay.google.com/gp/v/save';
/** Longer links are cut by some browsers and messengers. */
const saveTokenLengthMax = 1_800;

async function signed({ serviceAccount, origins }: SaveLinkIssuer, loyaltyObjects: object[]): Promise<string> {
  const key = await importPKCS8(serviceAccount.privateKeyPem, 'RS256');
  return new SignJWT({ typ: 'savetowallet', origins, payload: { loyaltyObjects } })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(serviceAccount.clientEmail)
    .setAudience('google')
    .setIssuedAt()
    .sign(key);
}

/** The link for objects that Google has already. Throws `InvalidInput` when there are too many for one link. */
export async function saveLink(issuer: SaveLinkIssuer, objectIds: string[]): Promise<string> {
  invariant(objectIds.length > 0, 'a save link names at least one object');
  const token = await signed(
    issuer,
    objectIds.map((id) => ({ id })),
  );
  if (token.length > saveTokenLengthMax)
    throw new InvalidInput('google-save-link-length', 'Too many objects or origins for one save link');
  return `${saveUrl}/${token}`;
}

/**
 * The link that brings its object along, so that Google makes the card when it is saved. What does not fit is left out, least
 * important first. Throws `InvalidInput` when not even the least fits.
 */
export async function fullSaveLink(issuer: SaveLinkIssuer, loyaltyObject: GoogleLoyaltyObject): Promise<string> {
  for (const object of everLess(loyaltyObject)) {
    const token = await signed(issuer, [object]);
    if (token.length <= saveTokenLengthMax) return `${saveUrl}/${token}`;
  }
  throw new InvalidInput('google-save-link-length', 'An object does not fit into a save link');
}

/** The object with less and less: last comes what makes it a card of somebody. */
function everLess(object: GoogleLoyaltyObject): object[] {
  const whole = inOneLanguage(object);
  const { textModulesData: _texts, ...withoutTexts } = whole;
  const { linksModuleData: _links, ...withoutLinks } = withoutTexts;
  const { heroImage: _picture, secondaryLoyaltyPoints: _second, ...least } = withoutLinks;
  const { accountName: _name, ...nameless } = least;
  return [object, whole, withoutTexts, withoutLinks, least, nameless];
}
