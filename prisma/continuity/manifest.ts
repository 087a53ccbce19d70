/**
 * A backup is two files: the sealed content, and a signed manifest that says what is in it. The manifest is written
 * last, so a backup that was interrupted has none and does not exist.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { readSigned, writeSigned } from '#app/lib/signed-file.ts';
import { BrokenFile } from '#prisma/continuity/sealed-file.ts';

const manifestSchema = z.object({
  kind: z.literal('backup-manifest'),
  format: z.literal(1),
  backupId: z.string(),
  /** What is in it was true at this moment, all of it. */
  takenAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** Names the key-encryption key that opens it. */
  keyId: z.string(),
  file: z.object({ name: z.string().regex(/^[\w.-]+$/), bytes: z.number(), sha256: z.string() }),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })).min(1),
  tables: z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() })),
  partitions: z.array(z.object({ parent: z.string(), name: z.string(), bound: z.string() })),
  counters: z.array(z.object({ name: z.string(), value: z.string(), isCalled: z.boolean() })),
  ledger: z.object({ entries: z.number(), units: z.record(z.string(), z.string()), fingerprint: z.string() }),
  databaseBytes: z.number(),
  /** Erasures kept outside the backup when it was made: a restore needs at least these. */
  erasures: z.object({ count: z.number(), fingerprint: z.string() }),
});

export type Manifest = z.infer<typeof manifestSchema>;

const suffix = '.manifest.json';

/** Signs a manifest and makes the backup exist. */
export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  await writeSigned(path.join(directory, `${manifest.backupId}${suffix}`), manifest);
}

/**
 * Every backup of a directory, newest first, and the manifests that cannot be trusted: altered ones, and those signed
 * by a key that is not ours.
 */
export async function listBackups(directory: string): Promise<{ backups: Manifest[]; broken: string[] }> {
  if (!existsSync(directory)) return { backups: [], broken: [] };
  const names = (await readdir(directory)).filter((name) => name.endsWith(suffix));
  const read = await Promise.all(names.map((name) => readSigned(path.join(directory, name), manifestSchema)));
  const backups = read.filter((manifest) => manifest !== null);
  return {
    backups: backups.toSorted((left, right) => right.takenAt.localeCompare(left.takenAt)),
    broken: names.filter((_name, index) => read[index] === null),
  };
}

/**
 * The newest backup taken at or before a moment, or the one with this id; null when there is none. Throws `BrokenFile`
 * when a manifest cannot be trusted, rather than pass over it to an older backup in silence: an id passes over it.
 */
export async function findBackup(directory: string, wanted: { at: Date } | { id: string }): Promise<Manifest | null> {
  const { backups, broken } = await listBackups(directory);
  if ('id' in wanted) return backups.find((backup) => backup.backupId === wanted.id) ?? null;
  if (broken.length > 0)
    throw new BrokenFile(`These manifests were altered or are signed by an unknown key: ${broken.join(', ')}`);
  return backups.find((backup) => new Date(backup.takenAt) <= wanted.at) ?? null;
}

/** Throws `BrokenFile` unless the content is, byte for byte, what the manifest says. */
export async function checkContent(directory: string, manifest: Manifest): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path.join(directory, manifest.file.name)) as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
  }
  if (bytes !== manifest.file.bytes)
    throw new BrokenFile(`The backup has ${bytes} bytes instead of ${manifest.file.bytes}`);
  if (hash.digest('hex') !== manifest.file.sha256) throw new BrokenFile('The backup was altered');
}

/** Longer than any backup takes: what has no manifest by then never will. */
const unfinishedMs = 24 * 3_600_000;

/**
 * Deletes backups that are older than allowed, and what interrupted ones left behind. Answers the ids deleted.
 * The newest one stays whatever its age: no backup at all would be worse.
 */
export async function pruneBackups(directory: string, asked: { before: Date; now: Date }): Promise<string[]> {
  const { backups, broken } = await listBackups(directory);
  const gone = backups.slice(1).filter((backup) => new Date(backup.takenAt) < asked.before);
  for (const { backupId, file } of gone) {
    await rm(path.join(directory, `${backupId}${suffix}`), { force: true });
    await rm(path.join(directory, file.name), { force: true });
  }
  const kept = new Set([
    ...backups.filter((backup) => !gone.includes(backup)).map(({ file }) => file.name),
    // Somebody has to look at these first.
    ...broken.map((name) => `${name.slice(0, -suffix.length)}.backup`),
  ]);
  for (const name of existsSync(directory) ? await readdir(directory) : []) {
    if (kept.has(name) || !/\.backup$|\.draft(-\d+)?$/.test(name)) continue;
    const { mtimeMs } = await stat(path.join(directory, name));
    if (asked.now.getTime() - mtimeMs > unfinishedMs) await rm(path.join(directory, name), { force: true });
  }
  return gone.map((backup) => backup.backupId);
}
