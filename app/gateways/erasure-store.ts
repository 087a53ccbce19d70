/**
 * Who was erased, remembered outside the database: a restored backup brings people back, and this takes them away again.
 * One signed file an erasure, in a folder that survives the database and is in none of its backups. It names no person:
 * opaque ids and keyed fingerprints only.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { erasureDirectory } from '#app/lib/data-directory.ts';
import { Unavailable } from '#app/lib/errors.ts';
import { readSigned, writeSigned } from '#app/lib/signed-file.ts';

const keptErasureSchema = z.object({
  kind: z.literal('kept-erasure'),
  of: z.enum(['erasure', 'shop-erasure']),
  shopId: z.uuid(),
  caseId: z.uuid(),
  memberIds: z.array(z.uuid()),
  /** Keyed fingerprints of customers, base64. */
  fingerprints: z.array(z.string()),
  erasedAt: z.iso.datetime(),
});

export type KeptErasure = z.infer<typeof keptErasureSchema>;

const suffix = '.erasure.json';

/**
 * Keeps an erasure; repeating it is safe, the first stays. Throws `Unavailable` when it could not be stored: an erasure
 * must not count as done while a backup could undo it.
 */
export async function keepErasure(erasure: Omit<KeptErasure, 'kind'>): Promise<void> {
  const file = path.join(erasureDirectory(), `${erasure.caseId}${suffix}`);
  try {
    await mkdir(erasureDirectory(), { recursive: true, mode: 0o700 });
    if (!existsSync(file)) await writeSigned(file, { ...erasure, kind: 'kept-erasure' });
  } catch (cause) {
    throw new Unavailable('erasure-store-unavailable', 'The erasure could not be kept outside the database', { cause });
  }
}

/** The cases whose erasures are kept, in order. */
export async function listKeptCases(): Promise<string[]> {
  if (!existsSync(erasureDirectory())) return [];
  const names = (await readdir(erasureDirectory())).filter((name) => name.endsWith(suffix));
  return names.map((name) => name.slice(0, -suffix.length)).toSorted();
}

/** How many erasures are kept, and a fingerprint over their cases. */
export function summarizeCases(caseIds: string[]): { count: number; fingerprint: string } {
  return { count: caseIds.length, fingerprint: createHash('sha256').update(caseIds.join('|')).digest('hex') };
}

/** Everything that is kept, oldest first. Throws `Unavailable` when one was altered: nobody may be left out. */
export async function readKeptErasures(): Promise<KeptErasure[]> {
  const erasures: KeptErasure[] = [];
  for (const caseId of await listKeptCases()) {
    const erasure = await readSigned(path.join(erasureDirectory(), `${caseId}${suffix}`), keptErasureSchema);
    if (erasure === null || erasure.caseId !== caseId)
      throw new Unavailable('erasure-store-altered', `The kept erasure of case ${caseId} was altered`);
    erasures.push(erasure);
  }
  return erasures.toSorted((left, right) => left.erasedAt.localeCompare(right.erasedAt));
}
