/**
 * Envelope encryption. A key-encryption key (KEK, versioned, from the environment or a key management service) never
 * touches data: per shop a wrapping key is derived from it, which wraps the shop's keys (`lib/shop-keys.ts`). Its data key
 * seals fields. The associated data names shop, table, column and row, so a ciphertext moved elsewhere does not open.
 * Destroying the wrapped keys shreds everything the shop had sealed.
 *
 * A data key belongs to one algorithm for good: a rotation replaces both, and what is sealed tells by the version of its
 * key how to open it.
 *
 * Sealed layout: 2 (1 byte) ‖ version of the data key (2) ‖ nonce (12) ‖ tag (16) ‖ ciphertext.
 * Values from before data keys had versions begin with 1 and no version: they are of the first.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

import { invariant } from '#app/lib/errors.ts';

const firstLayout = 1;
const versionedLayout = 2;
const firstVersion = 1;
const nonceBytes = 12;
const tagBytes = 16;
const boxBytes = nonceBytes + tagBytes;

export type KeyEncryptionKey = { id: string; bytes: Buffer };

/** Authenticated encryption with keys of 256 bits, nonces of 96 and tags of 128: each can take the place of another. */
export const sealingAlgorithms = ['aes-256-gcm', 'chacha20-poly1305'] as const;
export type SealingAlgorithm = (typeof sealingAlgorithms)[number];
export type SealingKey = { key: Buffer; algorithm: SealingAlgorithm };

export type VersionedKey = { version: number; key: Buffer };
export type DataKey = VersionedKey & SealingKey;
/** `validUntil`: null for the one that signs; of an earlier one, how long its links still open. */
export type LinkKey = VersionedKey & { validUntil: Date | null };

/** A shop's unwrapped keys. Lives in memory only. */
export type ShopKeys = {
  shopId: string;
  /** Seal fields: the first one seals, all of them open. More than one only while a rotation goes on. */
  dataKeys: readonly DataKey[];
  /** Key blind indexes: one beside each data key, in the same order. */
  indexKeys: readonly VersionedKey[];
  /** Sign links: the first one signs. */
  linkKeys: readonly LinkKey[];
  /** Marks what is out in the world and cannot be called back (pass tokens, card codes): it stays as it is. */
  markKey: Buffer;
  /** Keys the fingerprints of those erased. It stays: nobody knows any more what a fingerprint was made of. */
  tombstoneKey: Buffer;
};

/** Where a sealed value lives; any other place cannot open it. */
export type Place = { table: string; column: string; row: string };

function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  invariant(item !== undefined, 'a shop has a key of every kind');
  return item;
}

/** A key for one purpose, from which nothing of the other purposes can be told. */
export function deriveKey(key: Buffer, salt: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `stampwell/${purpose}`, 32));
}

const authTagLength = tagBytes;

const cipherOf = ({ key, algorithm }: SealingKey, nonce: Buffer) =>
  algorithm === 'aes-256-gcm'
    ? createCipheriv('aes-256-gcm', key, nonce, { authTagLength })
    : createCipheriv('chacha20-poly1305', key, nonce, { authTagLength });

const decipherOf = ({ key, algorithm }: SealingKey, nonce: Buffer) =>
  algorithm === 'aes-256-gcm'
    ? createDecipheriv('aes-256-gcm', key, nonce, { authTagLength })
    : createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength });

/** Nonce, tag and ciphertext under a key; the associated data must be named again to open it. */
export function encryptBox(key: SealingKey, plaintext: Buffer, associated: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = cipherOf(key, nonce);
  cipher.setAAD(Buffer.from(associated), { plaintextLength: plaintext.length });
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Opens what `encryptBox` made; throws for another key or algorithm, other associated data or any changed byte. */
export function decryptBox(key: SealingKey, box: Buffer, associated: string): Buffer {
  invariant(box.length >= boxBytes, 'not a sealed value');
  const decipher = decipherOf(key, box.subarray(0, nonceBytes));
  decipher.setAAD(Buffer.from(associated), { plaintextLength: box.length - boxBytes });
  decipher.setAuthTag(box.subarray(nonceBytes, boxBytes));
  return Buffer.concat([decipher.update(box.subarray(boxBytes)), decipher.final()]);
}

const placeText = (keys: ShopKeys, place: Place) => `${keys.shopId}/${place.table}/${place.column}/${place.row}`;

/** How every value begins that is sealed under this version of a data key. */
export function sealedPrefix(version: number): Buffer {
  const prefix = Buffer.alloc(3, versionedLayout);
  prefix.writeUInt16BE(version, 1);
  return prefix;
}

/** Seals a text for one place under the newest data key. */
export function seal(keys: ShopKeys, place: Place, plaintext: string): Buffer {
  const key = first(keys.dataKeys);
  const box = encryptBox(key, Buffer.from(plaintext, 'utf8'), placeText(keys, place));
  return Buffer.concat([sealedPrefix(key.version), box]);
}

/** Opens what `seal` made for the same place; throws for any other, and once the data key it was sealed under is gone. */
export function unseal(keys: ShopKeys, place: Place, sealed: Buffer): string {
  const isVersioned = sealed[0] === versionedLayout && sealed.length > 3;
  invariant(isVersioned || sealed[0] === firstLayout, 'not a sealed value');
  const version = isVersioned ? sealed.readUInt16BE(1) : firstVersion;
  const found = keys.dataKeys.find((candidate) => candidate.version === version);
  invariant(found !== undefined, `version ${version} of the data key is not there`);
  return decryptBox(found, sealed.subarray(isVersioned ? 3 : 1), placeText(keys, place)).toString('utf8');
}

export type IndexPurpose = 'email' | 'phone';

const indexOf = (key: Buffer, purpose: string, text: string) =>
  createHmac('sha256', key).update(`${purpose}\u0000${text}`).digest();

/** A keyed blind index to store: equal texts of one shop and purpose give equal ones, and nothing else can be told from it. */
export function blindIndex(keys: ShopKeys, purpose: IndexPurpose, text: string): Buffer {
  return indexOf(first(keys.indexKeys).key, purpose, text);
}

/** Every blind index a text may be stored under: while a rotation goes on, rows have the old one or the new one. */
export function blindIndexes(keys: ShopKeys, purpose: IndexPurpose, text: string): Buffer[] {
  return keys.indexKeys.map(({ key }) => indexOf(key, purpose, text));
}

/** The fingerprint of somebody erased. It never changes. */
export function tombstoneIndex(keys: ShopKeys, text: string): Buffer {
  return indexOf(keys.tombstoneKey, 'tombstone', text);
}

/** Marks a text for one purpose: what is out in the world and must stay genuine whatever rotates. */
export function sign(keys: ShopKeys, purpose: string, text: string): Buffer {
  return indexOf(keys.markKey, purpose, text);
}

/** Signs what a link says with one of the shop's link keys. */
export function signLink({ key }: LinkKey, purpose: string, text: string): Buffer {
  return indexOf(key, purpose, text);
}

/** A secret of one thing of the shop, to be given away: nothing of the shop's other keys can be told from it. */
export function secretOf(keys: ShopKeys, wanted: { purpose: string; id: string; bytes: number }): Buffer {
  return Buffer.from(hkdfSync('sha256', keys.markKey, wanted.id, `stampwell/${wanted.purpose}`, wanted.bytes));
}

/** Compares two byte strings in constant time; unequal lengths are unequal. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
