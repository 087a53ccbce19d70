/**
 * A ZIP archive without compression. Passes hold PNGs and a few hundred bytes of JSON: deflating saves almost nothing,
 * and storing lets the part that all members of a program share be written once and copied.
 */

/** A file and its CRC-32; the name is ASCII with forward slashes. */
export type ZipEntry = { name: string; data: Uint8Array; crc32: number };

/** The beginning of an archive, ready to be continued any number of times. Its pieces are shared, never copied. */
export type ZipStart = {
  files: readonly Uint8Array[];
  filesLength: number;
  directory: readonly Uint8Array[];
  directoryLength: number;
  count: number;
};

const noFiles: ZipStart = { files: [], filesLength: 0, directory: [], directoryLength: 0, count: 0 };

const localHeaderLength = 30;
const centralHeaderLength = 46;
const endLength = 22;
const version = 20;
const utf8Flag = 0x0800;
/** 1 January 1980: the same content always gives the same bytes. */
const dosDate = 0x0021;

/** Writes the entries that come first, as one piece. */
export function startZip(entries: readonly ZipEntry[]): ZipStart {
  return continueZip(noFiles, entries);
}

/** What was started, then these entries, as one more piece: the beginning stays usable for other continuations. */
export function continueZip(start: ZipStart, entries: readonly ZipEntry[]): ZipStart {
  const { files, directory } = addedParts(start.filesLength, entries);
  const [piece, listing] = [Buffer.concat(files), Buffer.concat(directory)];
  return {
    files: [...start.files, piece],
    filesLength: start.filesLength + piece.length,
    directory: [...start.directory, listing],
    directoryLength: start.directoryLength + listing.length,
    count: start.count + entries.length,
  };
}

/** Completes an archive: what was started, then these entries. Equal entries give equal bytes. */
export function finishZip(start: ZipStart, entries: readonly ZipEntry[]): Buffer {
  const added = addedParts(start.filesLength, entries);
  const parts = [...start.files, ...added.files, ...start.directory, ...added.directory];
  const filesLength = start.filesLength + lengthOf(added.files);
  const directoryLength = start.directoryLength + lengthOf(added.directory);
  const end = endRecord({ count: start.count + entries.length, filesLength, directoryLength });
  return Buffer.concat([...parts, end], filesLength + directoryLength + endLength);
}

function addedParts(startsAt: number, entries: readonly ZipEntry[]): { files: Uint8Array[]; directory: Uint8Array[] } {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = startsAt;
  for (const entry of entries) {
    const name = Buffer.from(entry.name, 'utf8');
    const local = Buffer.alloc(localHeaderLength);
    local.writeUInt32LE(0x04034b50, 0);
    writeCommonHeader(local, 4, { entry, nameLength: name.length });
    const central = Buffer.alloc(centralHeaderLength);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(version, 4);
    writeCommonHeader(central, 6, { entry, nameLength: name.length });
    central.writeUInt32LE(offset, 42);
    files.push(local, name, entry.data);
    directory.push(central, name);
    offset += localHeaderLength + name.length + entry.data.length;
  }
  return { files, directory };
}

type CommonHeader = { entry: ZipEntry; nameLength: number };

/** The 26 bytes that local and central headers share; method and time stay zero. */
function writeCommonHeader(header: Buffer, at: number, { entry, nameLength }: CommonHeader): void {
  header.writeUInt16LE(version, at);
  header.writeUInt16LE(utf8Flag, at + 2);
  header.writeUInt16LE(dosDate, at + 8);
  header.writeUInt32LE(entry.crc32, at + 10);
  header.writeUInt32LE(entry.data.length, at + 14);
  header.writeUInt32LE(entry.data.length, at + 18);
  header.writeUInt16LE(nameLength, at + 22);
}

function endRecord(totals: { count: number; filesLength: number; directoryLength: number }): Buffer {
  const end = Buffer.alloc(endLength);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(totals.count, 8);
  end.writeUInt16LE(totals.count, 10);
  end.writeUInt32LE(totals.directoryLength, 12);
  end.writeUInt32LE(totals.filesLength, 16);
  return end;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
