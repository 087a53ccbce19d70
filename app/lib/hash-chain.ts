/** Append-only hash chains: each record's hash covers its content and the hash before it. */
import { createHash } from 'node:crypto';

/** The hash before the first record. */
export const chainStart: Buffer = Buffer.alloc(32);

// Keys are words of this code base: a bounded few, quoted once.
const quotedKeys = new Map<string, string>();
const quotedKeysMax = 10_000;

function quoted(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(key)}:`;
  if (quotedKeys.size < quotedKeysMax) quotedKeys.set(key, text);
  return text;
}

/** One text for one content, whatever the order of its keys. Every settled order passes through it, so it is in a hurry. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString('hex'));
  return canonicalObject(value as Record<string, unknown>);
}

function canonicalObject(value: Record<string, unknown>): string {
  let text = '';
  // An order's latest and paid-up snapshots are mostly one and the same.
  let last: unknown;
  let lastText = '';
  for (const key of Object.keys(value).toSorted()) {
    const item = value[key];
    if (typeof item !== 'object' || item === null) text += `${quoted(key)}${JSON.stringify(item) ?? 'null'},`;
    else {
      if (item !== last) lastText = canonical(item);
      last = item;
      text += `${quoted(key)}${lastText},`;
    }
  }
  return `{${text.slice(0, -1)}}`;
}

/** The hash of a record that follows `previous`. Key order of the content does not matter; dates count in milliseconds. */
export function chainHash(previous: Buffer, content: Record<string, unknown>): Buffer {
  return createHash('sha256').update(previous).update(canonical(content)).digest();
}

/** A fingerprint of any plain value, for comparing inputs. */
export function fingerprint(value: unknown): Buffer {
  return createHash('sha256').update(canonical(value)).digest();
}
