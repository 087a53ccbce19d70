/**
 * A ZIP archive without compression. Passes hold PNGs and a few hundred bytes of JSON: deflating saves almost nothing,
 * and storing lets the checksums of images be computed once for all members of a program.
 */

/** A file and its CRC-32; the name is ASCII with forward slashes. */
export type ZipEntry = { name: string; data: Uint8Array; crc32: number };

const localHeaderLength = 30;
const centralHeaderLength = 46;
const endLength = 22;
const version = 20;
const utf8Flag = 0x0800;
/** 1 January 1980: the same content always gives the same bytes. */
const dosDate = 0x0021;

/** Writes the archive. Equal entries give equal bytes. */
export function zipStore(entries: readonly ZipEntry[]): Buffer {
  const named = entries.map((entry) => ({ ...entry, nameBytes: Buffer.from(entry.name, 'utf8') }));
  const length = named.reduce(
    (sum, { nameBytes, data }) =>
      sum + localHeaderLength + centralHeaderLength + 2 * nameBytes.length + data.length,
    endLength,
  );
  const archive = Buffer.alloc(length);
  let offset = 0;
  const placed = named.map((entry) => {
    const start = offset;
    archive.writeUInt32LE(0x04034b50, offset);
    writeCommonHeader(archive, offset + 4, entry);
    offset += localHeaderLength;
    offset += entry.nameBytes.copy(archive, offset);
    archive.set(entry.data, offset);
    offset += entry.data.length;
    return { ...entry, start };
  });
  const directoryStart = offset;
  for (const entry of placed) {
    archive.writeUInt32LE(0x02014b50, offset);
    archive.writeUInt16LE(version, offset + 4);
    writeCommonHeader(archive, offset + 6, entry);
    archive.writeUInt32LE(entry.start, offset + 42);
    offset += centralHeaderLength;
    offset += entry.nameBytes.copy(archive, offset);
  }
  writeEnd(archive, { offset, count: placed.length, directoryStart });
  return archive;
}

type CommonHeader = { nameBytes: Buffer; data: Uint8Array; crc32: number };

/** The 26 bytes that local and central headers share; method and time stay zero. */
function writeCommonHeader(archive: Buffer, at: number, { nameBytes, data, crc32 }: CommonHeader): void {
  archive.writeUInt16LE(version, at);
  archive.writeUInt16LE(utf8Flag, at + 2);
  archive.writeUInt16LE(dosDate, at + 8);
  archive.writeUInt32LE(crc32, at + 10);
  archive.writeUInt32LE(data.length, at + 14);
  archive.writeUInt32LE(data.length, at + 18);
  archive.writeUInt16LE(nameBytes.length, at + 22);
}

function writeEnd(archive: Buffer, end: { offset: number; count: number; directoryStart: number }): void {
  archive.writeUInt32LE(0x06054b50, end.offset);
  archive.writeUInt16LE(end.count, end.offset + 8);
  archive.writeUInt16LE(end.count, end.offset + 10);
  archive.writeUInt32LE(end.offset - end.directoryStart, end.offset + 12);
  archive.writeUInt32LE(end.directoryStart, end.offset + 16);
}
