/** Files of this installation that auditors ask for: what was promised, what it is made of, what drills measured. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { backupDirectory } from '#app/lib/data-directory.ts';

const root = path.join(import.meta.dirname, '..', '..');
const drillsMax = 100;
const wanted = ['docs/requirements.json', 'docs/asvs.json', 'sbom.cdx.json'];

/** What is public anyhow. */
const shareable = ['docs/requirements.json'];

/** The files that are there, by the name they get in a pack. */
export async function readEvidenceFiles(): Promise<Record<string, Buffer>> {
  const files = await readThose(wanted);
  for (const { name, content } of await readDrills()) files[`platform/drills/${name}`] = content;
  return files;
}

/** Of these files what everybody may have. */
export function readPublicEvidence(): Promise<Record<string, Buffer>> {
  return readThose(shareable);
}

const figuresSchema = z.object({
  payload: z.object({ drilledAt: z.string(), rpoSeconds: z.number(), rtoSeconds: z.number(), ok: z.boolean() }),
});

/** When drills were and what they measured, without what a report says of the shops it restored; oldest first. */
export async function readDrillFigures(): Promise<z.infer<typeof figuresSchema>['payload'][]> {
  const drills = await readDrills();
  return drills.flatMap(({ content }) => {
    const read = figuresSchema.safeParse(JSON.parse(content.toString('utf8')));
    return read.success ? [read.data.payload] : [];
  });
}

async function readThose(names: readonly string[]): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for (const name of names) {
    const file = path.join(root, name);
    if (existsSync(file)) files[`platform/${path.basename(name)}`] = await readFile(file);
  }
  return files;
}

async function readDrills(): Promise<{ name: string; content: Buffer }[]> {
  const folder = path.join(backupDirectory(), 'drills');
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.drill.json')) : [];
  const newest = names.toSorted().slice(-drillsMax);
  return Promise.all(newest.map(async (name) => ({ name, content: await readFile(path.join(folder, name)) })));
}
