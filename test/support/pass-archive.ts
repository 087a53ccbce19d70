/** Reads the ZIP of a pass byte by byte, without a library: what a phone finds odd is named with its rule (P1, P2). */
import { crc32, inflateRawSync } from 'node:zlib';

export type ArchivedFile = { name: string; data: Buffer };
type Directory = { name: string; flags: number; method: number; crc: number; packed: number; size: number; at: number };

const endSignature = 0x06054b50;
const directorySignature = 0x02014b50;
const fileSignature = 0x04034b50;
const endLength = 22;
const encryptedFlag = 0x0001;
const descriptorFlag = 0x0008;
const storedMethod = 0;
const deflatedMethod = 8;

/** The files of an archive, in their order. Throws an Error with the number of the rule that it breaks. */
export function readArchive(archive: Buffer): ArchivedFile[] {
  const end = archive.length - endLength;
  demand(end >= 0 && archive.readUInt32LE(end) === endSignature, 'P1: the archive has no end, or something after it');
  const entries = readDirectory(archive, {
    count: archive.readUInt16LE(end + 10),
    start: archive.readUInt32LE(end + 16),
  });
  const names = entries.map(({ name }) => name);
  demand(new Set(names).size === names.length, 'P2: a name appears twice');
  for (const name of names) checkName(name);
  return entries.map((entry) => ({ name: entry.name, data: readFile(archive, entry) }));
}

function readDirectory(archive: Buffer, { count, start }: { count: number; start: number }): Directory[] {
  const entries: Directory[] = [];
  let at = start;
  for (let index = 0; index < count; index += 1) {
    demand(archive.readUInt32LE(at) === directorySignature, 'P1: the directory is broken');
    const nameLength = archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + 46, at + 46 + nameLength),
      flags: archive.readUInt16LE(at + 8),
      method: archive.readUInt16LE(at + 10),
      crc: archive.readUInt32LE(at + 16),
      packed: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      at: archive.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

function readFile(archive: Buffer, { name, flags, method, crc, packed, size, at }: Directory): Buffer {
  demand(archive.readUInt32LE(at) === fileSignature, `P1: ${name} is not where the directory says`);
  demand((flags & encryptedFlag) === 0, `P1: ${name} is encrypted`);
  demand((flags & descriptorFlag) === 0, `P1: ${name} needs a data descriptor`);
  demand(method === storedMethod || method === deflatedMethod, `P1: ${name} is packed in an unknown way`);
  const nameLength = archive.readUInt16LE(at + 26);
  const start = at + 30 + nameLength + archive.readUInt16LE(at + 28);
  demand(
    archive.toString('utf8', at + 30, at + 30 + nameLength) === name,
    `P1: ${name} is named otherwise in its header`,
  );
  demand(archive.readUInt32LE(at + 18) === packed, `P1: ${name} has another length in its header`);
  const bytes = archive.subarray(start, start + packed);
  const data = method === storedMethod ? bytes : inflateRawSync(bytes);
  demand(data.length === size && crc32(data) === crc, `P1: ${name} is damaged`);
  return data;
}

function checkName(name: string): void {
  demand(
    !name.startsWith('/') && !name.includes('\\') && !name.split('/').includes('..'),
    `P2: ${name} leads elsewhere`,
  );
  demand(!/(^|\/)(__MACOSX|\.)/.test(name), `P2: ${name} is a leftover of somebody's computer`);
  demand(!/\.(pem|key|p12|cer)$/i.test(name), `P2: ${name} must never leave the server`);
}

function demand(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}
