/**
 * Reads a pass by everything there is to say against one: the strict reader, the archive byte by byte, the sizes of its
 * pictures, its languages, our own rules for pass.json, and the openssl command. Every test that holds a pass in its
 * hands reads it through here.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { applePassProblems } from '#app/domain/cards/apple-pass-rules.ts';
import { readPass, type ReadPass } from '#test/platform/pass-reader.ts';
import { readArchive } from '#test/support/pass-archive.ts';
import { readStrictJson, readStringsFile } from '#test/support/pass-texts.ts';

const run = promisify(execFile);

/** Points at scale 1, as Apple lists them; a strip and an artwork fit exactly. */
const sizes = new Map([
  ['icon', { width: 38, height: 38, isExact: false }],
  ['logo', { width: 160, height: 50, isExact: false }],
  ['strip', { width: 375, height: 144, isExact: true }],
  ['artwork', { width: 358, height: 448, isExact: true }],
  ['primaryLogo', { width: 126, height: 30, isExact: false }],
]);
const imageBytesMax = 200 * 1024;
const imagesBytesMax = 500 * 1024;

/** The pass, once nothing is left to say against it. Throws an Error that names the rule. */
export async function conformantPass(pkpass: Uint8Array, rootPem: string): Promise<ReadPass> {
  const files = new Map(readArchive(Buffer.from(pkpass)).map(({ name, data }) => [name, data]));
  const pass = readPass(pkpass, rootPem);
  const problems = [
    ...applePassProblems(readStrictJson(files.get('pass.json') ?? Buffer.alloc(0))),
    ...imageProblems(files),
    ...stringsProblems(files),
  ];
  if (problems.length > 0) throw new Error(problems.join('; '));
  const verdict = await opensslVerdict('cms', pass, rootPem);
  if (verdict === 'refused') throw new Error('P7: openssl does not verify the signature');
  return pass;
}

/** What the openssl command says of a pass's signature, or that this machine has none. */
export async function opensslVerdict(
  command: 'cms' | 'smime',
  { files }: Pick<ReadPass, 'files'>,
  rootPem: string,
): Promise<'verified' | 'refused' | 'no openssl here'> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stampwell-pass-'));
  try {
    await writeFile(path.join(folder, 'signature'), files.get('signature') ?? '');
    await writeFile(path.join(folder, 'manifest.json'), files.get('manifest.json') ?? '');
    await writeFile(path.join(folder, 'root.pem'), rootPem);
    const options = ['-verify', '-binary', '-inform', 'DER', '-in', 'signature', '-content', 'manifest.json'];
    const trust = ['-CAfile', 'root.pem', '-purpose', 'any', '-out', os.devNull];
    await run('openssl', [command, ...options, ...trust], { cwd: folder });
    return 'verified';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no openssl here' : 'refused';
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The languages of a pass: the folder's name to what is in its strings file. */
export function languagesOf({ files }: Pick<ReadPass, 'files'>): Map<string, Map<string, string>> {
  const names = [...files.keys()].filter((name) => name.endsWith('.lproj/pass.strings'));
  return new Map(names.map((name) => [name.split('.')[0] ?? '', readStringsFile(files.get(name) ?? Buffer.alloc(0))]));
}

function stringsProblems(files: Map<string, Buffer>): string[] {
  const tables = [...languagesOf({ files }).values()];
  const keys = new Set(tables.flatMap((table) => [...table.keys()]));
  return tables.flatMap((table) =>
    [...keys].filter((key) => !table.get(key)).map((key) => `P36: ${key} is not translated`),
  );
}

function imageProblems(files: Map<string, Buffer>): string[] {
  const images = [...files].filter(([name]) => name.endsWith('.png'));
  const bytes = images.reduce((sum, [, data]) => sum + data.length, 0);
  return [
    ...['icon.png', 'icon@2x.png', 'icon@3x.png']
      .filter((name) => !files.has(name))
      .map((name) => `P29: ${name} is missing`),
    ...images.flatMap(([name, data]) => imageProblem(name, data, files) ?? []),
    ...(bytes > imagesBytesMax ? [`P31: the images weigh ${bytes} bytes`] : []),
  ];
}

function imageProblem(name: string, data: Buffer, files: Map<string, Buffer>): string | null {
  const [kind = '', scaleText] = name.replace(/\.png$/, '').split('@');
  const rule = sizes.get(kind);
  const scale = scaleText === undefined ? 1 : Number.parseInt(scaleText, 10);
  const [size, base] = [sizeOf(data), sizeOf(files.get(`${kind}.png`) ?? Buffer.alloc(0))];
  if (rule === undefined || size === null || base === null) return `P30: ${name} is no picture of a card`;
  if (data.length > imageBytesMax) return `P31: ${name} weighs ${data.length} bytes`;
  if (!isSame(size, times(base, scale))) return `P30: ${name} is not to scale`;
  const isRight = rule.isExact ? isSame(base, rule) : isWithin(base, rule);
  return isRight ? null : `P30: ${name} is ${size.width} × ${size.height}`;
}

type Size = { width: number; height: number };

const isSame = (a: Size, b: Size) => a.width === b.width && a.height === b.height;
const isWithin = (a: Size, b: Size) => a.width <= b.width && a.height <= b.height;
const times = ({ width, height }: Size, scale: number): Size => ({ width: width * scale, height: height * scale });

function sizeOf(png: Buffer): Size | null {
  if (png.length < 33 || png.toString('hex', 0, 8) !== '89504e470d0a1a0a' || png.toString('latin1', 12, 16) !== 'IHDR')
    return null;
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
