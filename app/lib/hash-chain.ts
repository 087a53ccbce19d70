/** Append-only hash chains: each record's hash covers its content and the hash before it. */
import { createHash } from 'node:crypto';

/** The hash before the first record. */
export const chainStart: Buffer = Buffer.alloc(32);

function canonical(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString('hex'));
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).toSorted(([one], [two]) => (one < two ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** The hash of a record that follows `previous`. Key order of the content does not matter; dates count in milliseconds. */
export function chainHash(previous: Buffer, content: Record<string, unknown>): Buffer {
  return createHash('sha256').update(previous).update(canonical(content)).digest();
}

/** A fingerprint of any plain value, for comparing inputs. */
export function fingerprint(value: unknown): Buffer {
  return createHash('sha256').update(canonical(value)).digest();
}
