/** The little of DER (X.690) that a detached signature needs: writing values, and reading where one ends. */

/** Writes one value: tag, length, content. */
export function derValue(tag: number, ...parts: Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  // One copy: a signature nests a few kilobytes of certificates several values deep.
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...parts]);
}

export const derSequence = (...parts: Uint8Array[]): Buffer => derValue(0x30, ...parts);
export const derSet = (...parts: Uint8Array[]): Buffer => derValue(0x31, ...parts);
export const derOctets = (content: Uint8Array): Buffer => derValue(0x04, content);
export const derBits = (content: Uint8Array): Buffer => derValue(0x03, Buffer.from([0]), content);
export const derNull = Buffer.from([0x05, 0x00]);

/** A small non-negative integer, 0 … 127. */
export const derSmallInteger = (value: number): Buffer => Buffer.from([0x02, 0x01, value]);

/** A moment with a precision of one second; valid until 2049, like the format. */
export function derUtcTime(moment: Date): Buffer {
  const digits = moment.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return derValue(0x17, Buffer.from(`${digits}Z`, 'ascii'));
}

/** An object identifier such as `1.2.840.113549.1.7.2`. */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return derValue(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift((left % 128) + 128);
  return bytes;
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 + bytes.length, ...bytes];
}

export type DerPosition = { tag: number; start: number; contentStart: number; end: number };

/** Where the value that starts at `start` has its content and its end. */
export function readDer(bytes: Uint8Array, start: number): DerPosition {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw new RangeError('DER value ends early');
  const lengthOctets = first < 0x80 ? 0 : first - 0x80;
  let length = first < 0x80 ? first : 0;
  for (let index = 0; index < lengthOctets; index += 1) length = length * 256 + (bytes[start + 2 + index] ?? 0);
  const contentStart = start + 2 + lengthOctets;
  const end = contentStart + length;
  if (end > bytes.length) throw new RangeError('DER value ends early');
  return { tag, start, contentStart, end };
}

/** The values inside a constructed value, in order. Throws `RangeError` when one ends beyond it. */
export function derChildren(bytes: Uint8Array, parent: DerPosition): DerPosition[] {
  const children: DerPosition[] = [];
  for (let at = parent.contentStart; at < parent.end;) {
    const child = readDer(bytes, at);
    if (child.end > parent.end) throw new RangeError('DER value ends beyond its parent');
    children.push(child);
    at = child.end;
  }
  return children;
}
