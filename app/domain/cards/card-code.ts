/**
 * What the till scans: `L1.<id>.<tag>`. It says who, never what they may have: scanning it authorises nothing.
 * The tag lets a forged code be refused without a database read. The MAC itself is computed by the caller.
 */

const cardCodePattern = /^(L1\.([A-Za-z0-9_-]{22}))\.([A-Z2-7]{10})$/;
const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const tagLength = 10;

/** Computes a MAC of at least 7 bytes over a text. */
export type MacOf = (text: string) => Uint8Array;

export type CardCode = {
  cardId: string;
  tag: string;
  /** The part the tag covers. */
  identity: string;
};

/** Writes the code of a card. `cardId` is 128 random bits as 22 base64url characters. */
export function formatCardCode(cardId: string, macOf: MacOf): string {
  const identity = `L1.${cardId}`;
  return `${identity}.${cardCodeTag(macOf(identity))}`;
}

/** Reads a scanned text; null when it is not a card of ours. The tag is *not* checked here: compare it in constant time. */
export function parseCardCode(text: string): CardCode | null {
  const [, identity, cardId, tag] = cardCodePattern.exec(text) ?? [];
  return identity && cardId && tag ? { cardId, tag, identity } : null;
}

/** The first 50 bits of a MAC as ten base32 characters. */
export function cardCodeTag(mac: Uint8Array): string {
  let bits = 0n;
  for (const byte of mac.subarray(0, 7)) bits = (bits << 8n) | BigInt(byte);
  bits >>= 6n;
  let tag = '';
  for (let index = tagLength - 1; index >= 0; index -= 1)
    tag += base32Alphabet.charAt(Number((bits >> BigInt(index * 5)) & 31n));
  return tag;
}
