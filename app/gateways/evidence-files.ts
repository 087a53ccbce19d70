/** Files of this installation that auditors ask for: what was promised, what it is made of, what drills measured. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { backupDirectory } from '#app/lib/data-directory.ts';

const root = path.join(import.meta.dirname, '..', '..');
const drillsMax = 100;
const wanted = ['docs/requirements.json', 'docs/asvs.json', 'sbom.cdx.json'];

/** The files that are there, by the name they get in a pack. */
export async function readEvidenceFiles(): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for (const name of wanted) {
    const file = path.join(root, name);
    if (existsSync(file)) files[`platform/${path.basename(name)}`] = await readFile(file);
  }
  const folder = path.join(backupDirectory(), 'drills');
  const drills = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.drill.json')) : [];
  for (const name of drills.toSorted().slice(-drillsMax))
    files[`platform/drills/${name}`] = await readFile(path.join(folder, name));
  return files;
}
