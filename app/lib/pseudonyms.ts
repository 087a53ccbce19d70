/**
 * Ids of members that differ from client to client: two integrators who lay their data side by side find no id in common.
 * A pseudonym is the id sealed under the client's key, so nothing is kept and we alone can open it.
 *
 * It must be the same every time, so its nonce is made of the id itself (a synthetic one, as in RFC 5297): the same nonce
 * never seals two ids. Layout: nonce (12) ‖ tag (16) ‖ the id (16), in base64url without padding: 59 characters.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

import { deriveKey } from '#app/lib/sealed-box.ts';

const nonceBytes = 12;
const tagBytes = 16;
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const pseudonymPattern = /^[A-Za-z0-9_-]{59}$/;
/** Has the form of an id, and is none: ours begin with the time they were made at. */
const nobody = '00000000-0000-7000-8000-000000000000';

function toId(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

type Derived = { nonce: Buffer; seal: Buffer };

/** Deriving costs more than sealing, and a list has many members. */
const derived = new WeakMap<Buffer, Derived>();

function derivedOf(key: Buffer): Derived {
  const known = derived.get(key);
  if (known !== undefined) return known;
  const made = { nonce: deriveKey(key, 'pseudonym', 'nonce'), seal: deriveKey(key, 'pseudonym', 'seal') };
  derived.set(key, made);
  return made;
}

/** A new key, for one client. */
export function newPseudonymKey(): Buffer {
  return randomBytes(32);
}

/** The id under which a client knows a member: always the same for one key. What is no id stays as it is. */
export function pseudonymOf(key: Buffer, memberId: string): string {
  if (!idPattern.test(memberId)) return memberId;
  const id = Buffer.from(memberId.replaceAll('-', ''), 'hex');
  const keys = derivedOf(key);
  const nonce = createHmac('sha256', keys.nonce).update(id).digest().subarray(0, nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keys.seal, nonce);
  const body = Buffer.concat([cipher.update(id), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

function open(key: Buffer, box: Buffer): string | null {
  const nonce = box.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', derivedOf(key).seal, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(box.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    return toId(Buffer.concat([decipher.update(box.subarray(nonceBytes + tagBytes)), decipher.final()]));
  } catch {
    return null;
  }
}

/** The member behind a pseudonym; for another client's, an altered one and any other text an id that nobody has. */
export function memberBehind(key: Buffer, pseudonym: string): string {
  if (!pseudonymPattern.test(pseudonym)) return nobody;
  const memberId = open(key, Buffer.from(pseudonym, 'base64url'));
  // The last character has two bits to spare: only the one way of writing it counts.
  return memberId !== null && pseudonymOf(key, memberId) === pseudonym ? memberId : nobody;
}
