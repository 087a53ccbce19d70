/**
 * Arrays as PostgreSQL's binary format. As text every element is quoted here and unquoted there, which for batches of
 * JSON costs both sides more than the insert itself. The parameter must be declared (`$2::jsonb[]`): binary values are not
 * converted. Null elements stay null. Nothing is rounded or cut: what does not fit its type throws RangeError.
 */

const headerBytes = 20;
const lengthBytes = 4;
const millisecondsTo2000 = 946_684_800_000;
const high32 = 2 ** 32;

type Writer<Item> = {
  oid: number;
  size: (item: Item) => number;
  write: (target: Buffer, item: Item, at: number) => void;
};

function packed<Item>(items: readonly (Item | null)[], { oid, size, write }: Writer<Item>): Buffer {
  if (items.length === 0) {
    const empty = Buffer.alloc(12);
    empty.writeInt32BE(oid, 8);
    return empty;
  }
  const sizes = items.map((item) => (item === null ? -1 : size(item)));
  const target = Buffer.allocUnsafe(sizes.reduce((sum, bytes) => sum + lengthBytes + Math.max(0, bytes), headerBytes));
  target.writeInt32BE(1, 0);
  target.writeInt32BE(sizes.includes(-1) ? 1 : 0, 4);
  target.writeInt32BE(oid, 8);
  target.writeInt32BE(items.length, 12);
  target.writeInt32BE(1, 16);
  let at = headerBytes;
  for (const [index, item] of items.entries()) {
    const bytes = sizes[index] ?? -1;
    target.writeInt32BE(bytes, at);
    at += lengthBytes;
    if (item === null) continue;
    write(target, item, at);
    at += bytes;
  }
  return target;
}

/** Throws RangeError for what is no whole number. */
function writeInt64(target: Buffer, value: number, at: number): void {
  if (!Number.isSafeInteger(value)) {
    target.writeBigInt64BE(BigInt(value), at);
    return;
  }
  const high = Math.floor(value / high32);
  target.writeInt32BE(high, at);
  target.writeUInt32BE(value - high * high32, at + 4);
}

const text: Writer<string> = {
  oid: 25,
  size: (item) => Buffer.byteLength(item),
  write: (target, item, at) => target.write(item, at, 'utf8'),
};
const uuid: Writer<string> = {
  oid: 2950,
  size: () => 16,
  write: (target, item, at) => {
    const written = target.write(item.replaceAll('-', ''), at, 16, 'hex');
    if (written !== 16 || item.length !== 36) throw new RangeError('not a UUID');
  },
};
const bigint: Writer<string | number> = {
  oid: 20,
  size: () => 8,
  write: (target, item, at) => {
    if (typeof item === 'number') writeInt64(target, item, at);
    else target.writeBigInt64BE(BigInt(item), at);
  },
};
const integer: Writer<number> = {
  oid: 23,
  size: () => 4,
  write: (target, item, at) => {
    if (!Number.isInteger(item)) throw new RangeError('not a whole number');
    target.writeInt32BE(item, at);
  },
};
const jsonb: Writer<string> = {
  oid: 3802,
  size: (item) => Buffer.byteLength(item) + 1,
  write: (target, item, at) => {
    target.writeUInt8(1, at);
    target.write(item, at + 1, 'utf8');
  },
};
const json: Writer<string> = {
  oid: 114,
  size: (item) => Buffer.byteLength(item),
  write: (target, item, at) => target.write(item, at, 'utf8'),
};
const timestamptz: Writer<Date> = {
  oid: 1184,
  size: () => 8,
  write: (target, item, at) => writeInt64(target, (item.getTime() - millisecondsTo2000) * 1000, at),
};
const bytea: Writer<Uint8Array> = {
  oid: 17,
  size: (item) => item.length,
  write: (target, item, at) => target.set(item, at),
};
const boolean: Writer<boolean> = {
  oid: 16,
  size: () => 1,
  write: (target, item, at) => target.writeUInt8(item ? 1 : 0, at),
};

export const texts = (items: readonly (string | null)[]): Buffer => packed(items, text);
export const uuids = (items: readonly (string | null)[]): Buffer => packed(items, uuid);
/** Numbers, or decimal texts where they may be beyond 2^53. */
export const bigints = (items: readonly (string | number | null)[]): Buffer => packed(items, bigint);
export const integers = (items: readonly (number | null)[]): Buffer => packed(items, integer);
/** JSON texts for `jsonb`, which is taken apart at once. */
export const jsonbs = (items: readonly (string | null)[]): Buffer => packed(items, jsonb);
/** JSON texts for `json`, which is looked through and kept as it is. */
export const jsons = (items: readonly (string | null)[]): Buffer => packed(items, json);
export const moments = (items: readonly (Date | null)[]): Buffer => packed(items, timestamptz);
export const blobs = (items: readonly (Uint8Array | null)[]): Buffer => packed(items, bytea);
export const booleans = (items: readonly (boolean | null)[]): Buffer => packed(items, boolean);
