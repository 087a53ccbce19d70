/** Files of a pass that many members share: hashed for the manifest, and ready for the archive. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ZipEntry } from '#app/gateways/zip-store.ts';

export type PackedFiles = {
  entries: readonly ZipEntry[];
  /** File name to lower-case hex SHA-1, as the manifest wants it. */
  hashes: Readonly<Record<string, string>>;
};

/** Hashes files, in the order of their names. */
export function packFiles(files: Readonly<Record<string, Buffer>>): PackedFiles {
  const sorted = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    entries: sorted.map(([name, data]) => zipEntry(name, data)),
    hashes: Object.fromEntries(sorted.map(([name, data]) => [name, sha1(data)])),
  };
}

/** One file for the archive. */
export function zipEntry(name: string, data: Buffer): ZipEntry {
  return { name, data, crc32: crc32(data) };
}

/** Lower-case hex, as the manifest wants it. */
export function sha1(data: Buffer): string {
  return createHash('sha1').update(data).digest('hex');
}
