/**
 * The list of parts (CycloneDX) that run in production, from the lockfile alone. Npm writes it, and marks what is for
 * development; asked to leave that out, it also leaves out what both need, so the marked ones are taken out here.
 */
import path from 'node:path';

import { z } from 'zod';

import { writeWhole } from '#app/lib/signed-file.ts';
import { askNpm } from '#workers/ask-npm.ts';

const root = path.join(import.meta.dirname, '..');
const developmentMark = 'cdx:npm:package:development';

const partSchema = z.looseObject({
  'bom-ref': z.string(),
  properties: z.array(z.looseObject({ name: z.string() })).default([]),
});
const listSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(partSchema),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })).default([]),
});

/** Writes the list beside the lockfile and answers where, and of how many parts. Safe to repeat. */
export async function writePartsList(): Promise<{ output: string; parts: number }> {
  const { output: told, status } = await askNpm(['sbom', '--sbom-format=cyclonedx', '--package-lock-only']);
  if (status !== 0) throw new Error(`npm could not list the parts (status ${status})`);
  const list = listSchema.parse(JSON.parse(told));
  const components = list.components.filter(
    ({ properties }) => !properties.some(({ name }) => name === developmentMark),
  );
  const gone = new Set(list.components.map((part) => part['bom-ref']));
  for (const part of components) gone.delete(part['bom-ref']);
  const dependencies = list.dependencies
    .filter(({ ref }) => !gone.has(ref))
    .map((one) => ({ ...one, dependsOn: one.dependsOn.filter((ref) => !gone.has(ref)) }));
  const output = path.join(root, 'sbom.cdx.json');
  await writeWhole(output, `${JSON.stringify({ ...list, components, dependencies }, null, 2)}\n`);
  return { output, parts: components.length };
}
