/** The content of a backup before it is sealed: records of a kind, a length and bytes, one after the other. */
import { BrokenFile } from '#prisma/continuity/sealed-file.ts';

const kinds = ['table', 'rows', 'end'] as const;
const headerBytes = 5;
const recordBytesMax = 2 ** 31 - 1;

export type RecordKind = (typeof kinds)[number];
export type StoredRecord = { kind: RecordKind; bytes: Buffer };

/** One record, ready to be written. */
export function record(kind: RecordKind, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(kinds.indexOf(kind));
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** The records of a content, in order. Throws `BrokenFile` when it does not end with `end`. */
export async function* readRecords(content: AsyncIterable<Buffer>): AsyncGenerator<StoredRecord> {
  let buffered: Buffer = Buffer.alloc(0);
  let last: RecordKind | undefined;
  for await (const piece of content) {
    buffered = buffered.length === 0 ? piece : Buffer.concat([buffered, piece]);
    while (buffered.length >= headerBytes) {
      const length = buffered.readUInt32BE(1);
      const kind = kinds[buffered.readUInt8()];
      if (kind === undefined || length > recordBytesMax) throw new BrokenFile('The backup holds an unknown record');
      if (buffered.length < headerBytes + length) break;
      yield { kind, bytes: buffered.subarray(headerBytes, headerBytes + length) };
      buffered = buffered.subarray(headerBytes + length);
      last = kind;
    }
  }
  if (last !== 'end' || buffered.length > 0) throw new BrokenFile('The backup ends too early');
}
