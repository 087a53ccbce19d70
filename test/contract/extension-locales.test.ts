import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const extensions = join(import.meta.dirname, '../../extensions');
const handles = ['checkout-sign-up', 'pos-loyalty'];

type Texts = { [key: string]: string | Texts };
const textsSchema: z.ZodType<Texts> = z.lazy(() => z.record(z.string(), z.union([z.string().min(1), textsSchema])));

function flatten(value: Texts, prefix: string): [string, string][] {
  return Object.entries(value).flatMap(([key, text]) =>
    typeof text === 'string' ? [[`${prefix}${key}`, text]] : flatten(text, `${prefix}${key}.`),
  );
}

/** Every text of a file by its dotted key. */
function texts(handle: string, file: string): Map<string, string> {
  const json: unknown = JSON.parse(readFileSync(join(extensions, handle, 'locales', file), 'utf8'));
  return new Map(flatten(textsSchema.parse(json), ''));
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{ ?\w+ ?\}\}/g)].map(String).toSorted();
}

/** Named by `t:` in the configuration, or put together from a prefix and the kind of problem. */
function isIndirect(key: string): boolean {
  return key === 'name' || key === 'description' || key.startsWith('problem.');
}

describe('the texts of the theme', () => {
  const folder = join(extensions, 'theme-loyalty', 'locales');
  const blocks = join(extensions, 'theme-loyalty');
  const files = readdirSync(folder).toSorted();

  test.each(['', '.schema'])('exist in five languages, with the same keys and placeholders%s', (kind) => {
    const mine = ['de', 'en.default', 'es', 'fr', 'nl'].map((language) => `${language}${kind}.json`);
    expect(files).toEqual(expect.arrayContaining(mine));
    const english = texts('theme-loyalty', `en.default${kind}.json`);
    for (const file of mine) {
      const translated = [...texts('theme-loyalty', file)].map(([key, text]) => [key, placeholders(text)]);
      expect([file, translated]).toEqual([file, [...english].map(([key, text]) => [key, placeholders(text)])]);
    }
  });

  test('are all used by a block', () => {
    const liquid = ['snippets', 'blocks']
      .flatMap((kind) => readdirSync(join(blocks, kind)).map((file) => readFileSync(join(blocks, kind, file), 'utf8')))
      .join('\n');
    const keys = ['en.default.json', 'en.default.schema.json'].flatMap((file) => [
      ...texts('theme-loyalty', file).keys(),
    ]);
    expect(keys.filter((key) => !liquid.includes(`'${key}'`) && !liquid.includes(`"t:${key}"`))).toEqual([]);
  });
});

describe.each(handles)('the texts of %s', (handle) => {
  const english = texts(handle, 'en.default.json');

  test('exist in five languages', () => {
    expect(readdirSync(join(extensions, handle, 'locales')).toSorted()).toEqual([
      'de.json',
      'en.default.json',
      'es.json',
      'fr.json',
      'nl.json',
    ]);
  });

  test.each(['de.json', 'es.json', 'fr.json', 'nl.json'])('have the same keys and placeholders in %s', (file) => {
    const translated = texts(handle, file);
    expect([...translated.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    for (const [key, text] of english)
      expect([key, placeholders(translated.get(key) ?? '')]).toEqual([key, placeholders(text)]);
  });

  test('are all used', () => {
    const folder = join(extensions, handle, 'src');
    const source = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const unused = [...english.keys()].filter((key) => !isIndirect(key) && !source.includes(`'${key}'`));
    expect(unused).toEqual([]);
  });
});
