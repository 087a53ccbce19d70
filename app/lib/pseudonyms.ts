/**
 * Ids of members that differ from client to client: two integrators who lay their data side by side find no id in common.
 * A pseudonym looks like any id of ours and is the id itself under a secret permutation, so nothing is kept and it can be
 * turned back by us alone.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The bits of a version 7 id that are always the same: the walk goes on until they are there again. */
function isIdShaped(block: Buffer): boolean {
  return (block.readUInt8(6) & 0xf0) === 0x70 && (block.readUInt8(8) & 0xc0) === 0x80;
}

function toBlock(id: string): Buffer | null {
  const block = Buffer.from(id.replaceAll('-', ''), 'hex');
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) && isIdShaped(block) ? block : null;
}

function toId(block: Buffer): string {
  const hex = block.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** AES on single blocks is a permutation of all of them; walking it within the id-shaped ones permutes those alone. */
function walk(id: string, step: (block: Buffer) => Buffer): string {
  let block = toBlock(id);
  // What has not the form of our ids is nobody's, before and after.
  if (block === null) return id;
  do block = step(block);
  while (!isIdShaped(block));
  return toId(block);
}

/** A new key, for one client. */
export function newPseudonymKey(): Buffer {
  return randomBytes(32);
}

/** The id under which a client knows a member: always the same for one key. */
export function pseudonymOf(key: Buffer, memberId: string): string {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return walk(memberId, (block) => cipher.update(block));
}

/** The member behind a pseudonym; for any other text an id that nobody has. */
export function memberBehind(key: Buffer, pseudonym: string): string {
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return walk(pseudonym, (block) => decipher.update(block));
}
