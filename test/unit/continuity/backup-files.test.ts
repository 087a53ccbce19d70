import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findBackup, listBackups, type Manifest, pruneBackups, writeManifest } from '#prisma/continuity/manifest.ts';
import { record, readRecords } from '#prisma/continuity/records.ts';
import { openFile, sealFile } from '#prisma/continuity/sealed-file.ts';

process.env['STAMPWELL_ENV'] ??= 'test';
process.env['SHOPIFY_API_KEY'] ??= 'key';
process.env['SHOPIFY_API_SECRET'] ??= 'secret';
process.env['KEY_ENCRYPTION_KEYS'] ??= `test-1:${Buffer.alloc(32, 7).toString('base64')}`;

const key = randomBytes(32);
const pieceBytes = 1024 * 1024;
const headerBytes = 19 + 32;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'stampwell-files-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function* pieces(...parts: Buffer[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield await Promise.resolve(part);
}

async function together(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const found: Buffer[] = [];
  for await (const part of parts) found.push(part);
  return Buffer.concat(found);
}

let written = 0;
async function write(bytes: Buffer): Promise<string> {
  const file = path.join(directory, `file-${(written += 1)}`);
  await writeFile(file, bytes);
  return file;
}

describe('a sealed file', () => {
  it.each([0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 3 * pieceBytes + 7])(
    'L13 opens to the %i bytes that were sealed',
    async (length) => {
      const content = randomBytes(length);
      const file = await write(await together(sealFile(key, pieces(content.subarray(0, 5), content.subarray(5)))));
      expect((await together(openFile(key, file))).equals(content)).toBe(true);
    },
  );

  it('L13 is refused when pieces are missing at the end, doubled, in another order or of another file', async () => {
    const content = randomBytes(3 * pieceBytes);
    const sealed = await together(sealFile(key, pieces(content)));
    const other = await together(sealFile(key, pieces(content)));
    const sealedPiece = 4 + pieceBytes + 16;
    const at = (n: number) => headerBytes + n * sealedPiece;
    const cut = (from: number, to: number) => sealed.subarray(at(from), at(to));
    const head = sealed.subarray(0, headerBytes);
    const forged = [
      sealed.subarray(0, at(2)),
      sealed.subarray(0, at(2) + 100),
      sealed.subarray(0, headerBytes),
      sealed.subarray(0, 10),
      Buffer.concat([sealed, randomBytes(1)]),
      Buffer.concat([head, cut(0, 1), cut(0, 1), cut(1, 3)]),
      Buffer.concat([head, cut(1, 2), cut(0, 1), cut(2, 3)]),
      Buffer.concat([head, cut(0, 1), other.subarray(at(1))]),
      Buffer.concat([other.subarray(0, headerBytes), sealed.subarray(headerBytes)]),
    ];
    for (const bytes of forged) {
      const file = await write(bytes);
      await expect(together(openFile(key, file))).rejects.toThrow(/backup/);
    }
    const file = await write(sealed);
    await expect(together(openFile(randomBytes(32), file))).rejects.toThrow(/another key/);
    expect((await readFile(file)).equals(sealed)).toBe(true);
  });

  it('L13 has another ciphertext each time, also of the same content', async () => {
    const [one, other] = [
      await together(sealFile(key, pieces(Buffer.from('same')))),
      await together(sealFile(key, pieces(Buffer.from('same')))),
    ];
    expect(one.subarray(headerBytes).equals(other.subarray(headerBytes))).toBe(false);
  });
});

describe('the records inside', () => {
  it('are read back however they were cut, and must end with an end', async () => {
    const bytes = Buffer.concat([record('table', '{}'), record('rows', randomBytes(100)), record('end', '')]);
    const single = Array.from(bytes, (byte) => Buffer.from([byte]));
    const kinds: string[] = [];
    for await (const { kind } of readRecords(pieces(...single))) kinds.push(kind);
    expect(kinds).toEqual(['table', 'rows', 'end']);
    const read = async (given: Buffer) => {
      for await (const { bytes: content } of readRecords(pieces(given))) if (content.length > 1_000) return;
    };
    await expect(read(bytes.subarray(0, -5))).rejects.toThrow(/too early/);
    await expect(read(bytes.subarray(0, -7))).rejects.toThrow(/too early/);
    await expect(read(Buffer.from([9, 0, 0, 0, 0]))).rejects.toThrow(/unknown record/);
  });
});

describe('backups of a folder', () => {
  const manifestOf = (day: number): Manifest => ({
    kind: 'backup-manifest',
    format: 1,
    backupId: `stampwell-${day}`,
    takenAt: new Date(Date.UTC(2026, 0, day)).toISOString(),
    finishedAt: new Date(Date.UTC(2026, 0, day)).toISOString(),
    keyId: 'test-1',
    file: { name: `stampwell-${day}.backup`, bytes: 0, sha256: '' },
    migrations: [{ name: 'first', checksum: '' }],
    tables: {},
    partitions: [],
    counters: [],
    ledger: { entries: 0, units: {}, fingerprint: '' },
    databaseBytes: 0,
    erasures: { count: 0, fingerprint: '' },
  });
  const now = new Date(Date.UTC(2026, 0, 31));

  it('C04 are deleted at the age that is allowed, with what killed ones left, but the newest never', async () => {
    const folder = await mkdtemp(path.join(directory, 'pruned-'));
    for (const day of [1, 2, 3]) {
      await writeManifest(folder, manifestOf(day));
      await writeFile(path.join(folder, `stampwell-${day}.backup`), '');
    }
    for (const [name, time] of [
      ['killed.backup.draft', 0],
      ['running.backup.draft', now.getTime() / 1000],
      ['orphan.backup', 0],
    ] as const) {
      await writeFile(path.join(folder, name), '');
      await utimes(path.join(folder, name), time, time);
    }
    expect(await pruneBackups(folder, { before: new Date(Date.UTC(2026, 0, 1)), now })).toEqual([]);
    expect(await pruneBackups(folder, { before: new Date(Date.UTC(2026, 0, 2)), now })).toEqual(['stampwell-1']);
    expect(await pruneBackups(folder, { before: now, now })).toEqual(['stampwell-2']);
    expect((await readdir(folder)).toSorted()).toEqual([
      'running.backup.draft',
      'stampwell-3.backup',
      'stampwell-3.manifest.json',
    ]);
  });

  it('W28 are found by time, and an altered manifest is never passed over in silence', async () => {
    const folder = await mkdtemp(path.join(directory, 'found-'));
    for (const day of [1, 2, 3]) await writeManifest(folder, manifestOf(day));
    const at = (day: number, ms = 0) => findBackup(folder, { at: new Date(Date.UTC(2026, 0, day) + ms) });
    expect([await at(1, -1), (await at(1))?.backupId, (await at(3, -1))?.backupId]).toEqual([
      null,
      'stampwell-1',
      'stampwell-2',
    ]);
    const altered = path.join(folder, 'stampwell-3.manifest.json');
    const text = await readFile(altered, 'utf8');
    for (const content of [
      text.replace('"test-1"', '"test-2"'),
      'null',
      '{}',
      text.slice(0, -10),
      text.replace('backup-manifest', 'drill-report'),
    ]) {
      await writeFile(altered, content);
      await expect(at(31)).rejects.toThrow(/stampwell-3\.manifest\.json/);
      expect((await listBackups(folder)).broken).toEqual(['stampwell-3.manifest.json']);
      expect((await findBackup(folder, { id: 'stampwell-2' }))?.backupId).toBe('stampwell-2');
    }
  });
});
