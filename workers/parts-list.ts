/**
 * The list of parts (CycloneDX) that run in production, from the lockfile alone. Npm writes it, and marks what is for
 * development; asked to leave that out, it also leaves out what both need, so the marked ones are taken out here.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { z } from 'zod';

import { writeWhole } from '#app/lib/signed-file.ts';

const root = path.join(import.meta.dirname, '..');
const outputBytesMax = 64 * 1024 * 1024;
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
  const list = listSchema.parse(JSON.parse(await askNpm()));
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

async function askNpm(): Promise<string> {
  const words = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'];
  const npm = process.env['npm_execpath'];
  const run = promisify(execFile);
  const options = { cwd: root, maxBuffer: outputBytesMax };
  const { stdout } =
    npm === undefined ? await run('npm', words, options) : await run(process.execPath, [npm, ...words], options);
  return stdout;
}
