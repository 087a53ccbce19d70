/**
 * What a guest's receipt carries, so that the sale can still be counted for whoever joins later: the order's id and a tag
 * that only the shop can make, in characters that people do not mix up, with one that tells mistyping.
 *
 * Layout: the id in base 32, six characters of tag (30 bits), one check character; in groups of four.
 */

/** Crockford's: digits and letters without I, L, O and U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const lookAlikes: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1', U: 'V' };
const separators = /[\s\-–—._]/g;
const tagLength = 6;
const idLengthMax = 14;
const groupLength = 4;
/** Longer than any code with its separators. */
const textLengthMax = 64;

/** How long after the sale it can be claimed. */
export const claimWindowMs = 30 * 24 * 3_600_000;

export type ClaimCode = { orderId: string; tag: string };

/** Computes a MAC of at least 4 bytes over a text. */
export type MacOf = (text: string) => Uint8Array;

/** Writes the code of an order. `orderId` is Shopify's number, `processedAt` the time of the sale in ISO 8601 UTC. */
export function formatClaimCode(order: { orderId: string; processedAt: string }, macOf: MacOf): string {
  const body = `${writeNumber(BigInt(order.orderId))}${claimTag(order, macOf)}`;
  const code = `${body}${checkCharacter(body)}`;
  const groups: string[] = [];
  for (let start = 0; start < code.length; start += groupLength) groups.push(code.slice(start, start + groupLength));
  return groups.join('-');
}

/**
 * Reads a code as people type it: in any case, with or without separators, and with the letters they mistake for digits.
 * Null when it is none, or mistyped. The tag is *not* checked here: compare it in constant time.
 */
export function parseClaimCode(text: string): ClaimCode | null {
  if (text.length > textLengthMax) return null;
  const typed = text.toUpperCase().replace(separators, '');
  const code = Array.from(typed, (character) => lookAlikes[character] ?? character).join('');
  const idLength = code.length - tagLength - 1;
  if (idLength < 1 || idLength > idLengthMax) return null;
  if (Array.from(code).some((character) => !alphabet.includes(character))) return null;
  if (checkCharacter(code.slice(0, -1)) !== code.at(-1)) return null;
  const orderId = readNumber(code.slice(0, idLength));
  return { orderId: String(orderId), tag: code.slice(idLength, -1) };
}

/** The tag of an order's code. */
export function claimTag(order: { orderId: string; processedAt: string }, macOf: MacOf): string {
  let bits = 0n;
  for (const byte of macOf(`${order.orderId}/${order.processedAt}`).subarray(0, 4)) bits = (bits << 8n) | BigInt(byte);
  return writeNumber(bits >> 2n).padStart(tagLength, '0');
}

function writeNumber(value: bigint): string {
  let text = '';
  for (let left = value; left > 0n || text === ''; left >>= 5n) text = `${alphabet.charAt(Number(left & 31n))}${text}`;
  return text;
}

function readNumber(text: string): bigint {
  let value = 0n;
  for (const character of text) value = (value << 5n) | BigInt(alphabet.indexOf(character));
  return value;
}

/** A sum in the field of 32 elements: it tells every single wrong character, and every two neighbours that changed places. */
function checkCharacter(body: string): string {
  let sum = 0;
  for (const character of body) sum = timesGenerator(sum) ^ alphabet.indexOf(character);
  return alphabet.charAt(timesGenerator(sum));
}

/** x times the field's generator, modulo x⁵ + x² + 1. */
function timesGenerator(value: number): number {
  const shifted = value << 1;
  return shifted & 32 ? shifted ^ 37 : shifted;
}
