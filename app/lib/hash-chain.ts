/** Append-only hash chains: each record's hash covers its content and the hash before it. */
import { createHash, hash } from 'node:crypto';

/** The hash before the first record. */
export const chainStart: Buffer = Buffer.alloc(32);

type Shape = { keys: string[]; sorted: { key: string; quoted: string }[] };

// Objects of one making have their keys in one order: each such order is sorted and quoted once, a bounded few.
const shapes = new Map<number, Shape[]>();
const shapesMax = 32;

function shapeOf(keys: string[]): Shape {
  const alike = shapes.get(keys.length) ?? [];
  for (const shape of alike) if (isSame(shape.keys, keys)) return shape;
  const shape = { keys, sorted: keys.toSorted().map((key) => ({ key, quoted: `${JSON.stringify(key)}:` })) };
  if (alike.length < shapesMax) shapes.set(keys.length, [...alike, shape]);
  return shape;
}

function isSame(one: string[], other: string[]): boolean {
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}

/** Texts in which JSON escapes nothing. */
const plainText = /^[ !#-[\]-~]*$/;

/** One text for one content, whatever the order of its keys. Every settled order passes through it, so it is in a hurry. */
export function canonical(value: unknown): string {
  if (typeof value === 'string' && plainText.test(value)) return `"${value}"`;
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return canonicalArray(value);
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString('hex'));
  return canonicalObject(value as Record<string, unknown>);
}

// Texts are put together by `+` alone: joining a list copies each of them once more.
function canonicalArray(items: unknown[]): string {
  let text = '';
  for (const item of items) text += text === '' ? canonical(item) : `,${canonical(item)}`;
  return `[${text}]`;
}

function canonicalObject(value: Record<string, unknown>): string {
  let text = '';
  for (const { key, quoted } of shapeOf(Object.keys(value)).sorted)
    text += text === '' ? quoted + canonical(value[key]) : `,${quoted}${canonical(value[key])}`;
  return `{${text}}`;
}

/** The hash of a record that follows `previous`. Key order of the content does not matter; dates count in milliseconds. */
export function chainHash(previous: Buffer, content: Record<string, unknown>): Buffer {
  return createHash('sha256').update(previous).update(canonical(content)).digest();
}

/** A fingerprint of any plain value, for comparing inputs. */
export function fingerprint(value: unknown): Buffer {
  return hash('sha256', canonical(value), 'buffer');
}
