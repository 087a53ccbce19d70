/**
 * Envelope encryption. A key-encryption key (KEK, versioned, from the environment) never touches data: per shop a
 * wrapping key is derived from it, which wraps the shop's random data key; the data key seals fields with
 * AES-256-GCM. The associated data names shop, table, column and row, so a ciphertext moved elsewhere does not open.
 * Destroying the wrapped data key shreds everything the shop had sealed.
 *
 * Sealed layout: version (1 byte) ‖ nonce (12) ‖ tag (16) ‖ ciphertext.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + nonceBytes + tagBytes;

export type KeyEncryptionKey = { id: string; bytes: Buffer };

/** A shop's unwrapped keys. Lives in memory only. */
export type ShopKeys = {
  shopId: string;
  /** Seals fields. */
  dataKey: Buffer;
  /** Keys blind indexes; derived from the data key. */
  indexKey: Buffer;
  /** Signs links, card codes and pass tokens; derived from the data key. */
  linkKey: Buffer;
};

/** Where a sealed value lives; any other place cannot open it. */
export type Place = { table: string; column: string; row: string };

function derive(key: Buffer, salt: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `stampwell/${purpose}`, 32));
}

function encrypt(key: Buffer, plaintext: Buffer, associated: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associated));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([version]), nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, sealed: Buffer, associated: string): Buffer {
  if (sealed.length < headerBytes || sealed[0] !== version) throw new Error('Broken invariant: not a sealed value');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceBytes));
  decipher.setAAD(Buffer.from(associated));
  decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headerBytes));
  return Buffer.concat([decipher.update(sealed.subarray(headerBytes)), decipher.final()]);
}

const wrapPlace = (shopId: string, kekId: string) => `shop/${shopId}/data-key/${kekId}`;

/** Makes a new random data key for a shop, wrapped under the newest KEK. */
export function createWrappedDataKey(kek: KeyEncryptionKey, shopId: string): Buffer {
  const dataKey = randomBytes(32);
  return encrypt(derive(kek.bytes, shopId, 'wrap'), dataKey, wrapPlace(shopId, kek.id));
}

/** Unwraps a shop's data key and derives its siblings. Throws when the KEK or the shop is not the one that wrapped it. */
export function unwrapShopKeys(kek: KeyEncryptionKey, shopId: string, wrapped: Buffer): ShopKeys {
  const dataKey = decrypt(derive(kek.bytes, shopId, 'wrap'), wrapped, wrapPlace(shopId, kek.id));
  return {
    shopId,
    dataKey,
    indexKey: derive(dataKey, shopId, 'blind-index'),
    linkKey: derive(dataKey, shopId, 'links'),
  };
}

const placeText = (keys: ShopKeys, place: Place) => `${keys.shopId}/${place.table}/${place.column}/${place.row}`;

/** Seals a text for one place. */
export function seal(keys: ShopKeys, place: Place, plaintext: string): Buffer {
  return encrypt(keys.dataKey, Buffer.from(plaintext, 'utf8'), placeText(keys, place));
}

/** Opens what `seal` made for the same place; throws for any other. */
export function unseal(keys: ShopKeys, place: Place, sealed: Buffer): string {
  return decrypt(keys.dataKey, sealed, placeText(keys, place)).toString('utf8');
}

/** A keyed blind index: equal texts of one shop and purpose give equal indexes, and nothing else can be told from them. */
export function blindIndex(keys: ShopKeys, purpose: 'email' | 'phone' | 'tombstone', text: string): Buffer {
  return createHmac('sha256', keys.indexKey).update(`${purpose}\u0000${text}`).digest();
}

/** Signs a text for one purpose with the shop's link key. */
export function sign(keys: ShopKeys, purpose: string, text: string): Buffer {
  return createHmac('sha256', keys.linkKey).update(`${purpose}\u0000${text}`).digest();
}

/** A secret of one thing of the shop, to be given away: nothing of the shop's other keys can be told from it. */
export function secretOf(keys: ShopKeys, wanted: { purpose: string; id: string; bytes: number }): Buffer {
  return Buffer.from(hkdfSync('sha256', keys.linkKey, wanted.id, `stampwell/${wanted.purpose}`, wanted.bytes));
}

/** Compares two byte strings in constant time; unequal lengths are unequal. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
