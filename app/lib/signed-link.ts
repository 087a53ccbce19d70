/**
 * Links for shoppers: who and until when, signed with a key of the shop. No table is needed to check one, and a changed
 * character makes it invalid.
 *
 * A link may be of a generation: once the subject has moved on to the next, links of the one before are no longer genuine.
 * The generation is signed and not written, so a link does not grow by it.
 *
 * The key that signed is named by its version: while a new one takes over, links of the one before still open.
 *
 * Layout before base64url: version of the key (1 byte) ‖ shop id (16) ‖ subject id (16) ‖ expiry in unix seconds (4) ‖ HMAC-SHA256 (32).
 * That is 69 bytes, which base64url writes in 92 characters without a single spare bit.
 */
import { now } from '#app/lib/clock.ts';
import { invariant } from '#app/lib/errors.ts';
import { equalBytes, type LinkKey, type ShopKeys, signLink } from '#app/lib/sealed-box.ts';

const bodyBytes = 37;
const macBytes = 32;

export type LinkPurpose = 'card' | 'preferences' | 'card-test' | 'confirm' | 'unsubscribe' | 'download';
export type LinkClaims = { shopId: string; subjectId: string; expiresAt: Date };

const uuidToBytes = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex');

function bytesToUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Makes the token of a link. */
export function createLinkToken(
  keys: ShopKeys,
  purpose: LinkPurpose,
  link: { subjectId: string; expiresAt: Date; generation: number },
): string {
  const body = Buffer.alloc(bodyBytes);
  const [key] = keys.linkKeys;
  invariant(key !== undefined, 'a shop has a link key');
  body.writeUInt8(key.version, 0);
  uuidToBytes(keys.shopId).copy(body, 1);
  uuidToBytes(link.subjectId).copy(body, 17);
  body.writeUInt32BE(Math.floor(link.expiresAt.getTime() / 1000), 33);
  return Buffer.concat([body, macOf(key, purpose, { body, generation: link.generation })]).toString('base64url');
}

/** The first generation is signed as links were before there were any. */
function macOf(key: LinkKey, purpose: LinkPurpose, signed: { body: Buffer; generation: number }): Buffer {
  const suffix = signed.generation === 0 ? '' : `#${signed.generation}`;
  return signLink(key, `link/${purpose}`, `${signed.body.toString('hex')}${suffix}`);
}

/** Reads what a token claims, unverified: it tells which shop's key to verify with. Null when it is not a token. */
export function readLinkClaims(token: string): LinkClaims | null {
  const bytes = Buffer.from(token, 'base64url');
  // Decoding is lenient; only the one canonical spelling counts.
  if (bytes.length !== bodyBytes + macBytes || bytes.toString('base64url') !== token || bytes[0] === 0) return null;
  return {
    shopId: bytesToUuid(bytes.subarray(1, 17)),
    subjectId: bytesToUuid(bytes.subarray(17, 33)),
    expiresAt: new Date(bytes.readUInt32BE(33) * 1000),
  };
}

/**
 * Whether the shop signed this token for this purpose and generation, with a key whose links still open. Expiry of the
 * link itself is the caller's to check.
 */
export function isLinkSigned(
  keys: ShopKeys,
  purpose: LinkPurpose,
  { token, generation }: { token: string; generation: number },
): boolean {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== bodyBytes + macBytes) return false;
  const key = keys.linkKeys.find(({ version }) => version === bytes[0]);
  if (key === undefined || (key.validUntil !== null && key.validUntil <= now())) return false;
  const expected = macOf(key, purpose, { body: bytes.subarray(0, bodyBytes), generation });
  return equalBytes(expected, bytes.subarray(bodyBytes));
}
