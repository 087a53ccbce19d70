/**
 * The `pass.strings` of a card: what a phone shows when it speaks another language than the member chose. They are the
 * same for all members of a language, so they are written and hashed once for each design.
 */
import { passStringsProblems } from '#app/domain/cards/pass-strings-rules.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { textTables } from '#app/domain/cards/card-texts.ts';
import { languageOfTag, languages } from '#app/domain/members/languages.ts';
import { type PackedFiles, packFiles } from '#app/gateways/packed-files.ts';
import { InvalidInput } from '#app/lib/errors.ts';

/** The language files for a member of a BCP 47 locale. Asking twice writes once. Throws `InvalidInput` on a broken table. */
export type PassStrings = (design: CardDesign, locale: string) => PackedFiles;

/** Remembers at most `entriesMax` sets of files; the least recently used goes first. */
export function createPassStrings({ entriesMax }: { entriesMax: number }): PassStrings {
  const entries = new Map<string, PackedFiles>();
  return (design, locale) => {
    const key = keyOf(design, locale);
    const packed = entries.get(key) ?? packFiles(stringsFiles(design, locale));
    entries.delete(key);
    entries.set(key, packed);
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
    return packed;
  };
}

/** Everything the tables depend on. */
function keyOf({ organizationName, logoText, fields, links, translations }: CardDesign, locale: string): string {
  return JSON.stringify([languageOfTag(locale), organizationName, logoText, fields, links, translations]);
}

/** File name to content: one `pass.strings` for each of our languages. */
export function stringsFiles(design: CardDesign, locale: string): Record<string, Buffer> {
  const tables = textTables(design, locale);
  const problems = passStringsProblems(tables);
  if (problems.length > 0) throw new InvalidInput('pass-strings', problems.join('; '));
  return Object.fromEntries(
    languages.map((language) => [`${language}.lproj/pass.strings`, Buffer.from(stringsText(tables[language]))]),
  );
}

/** A strings file as the card package writes it, with what it leaves bare escaped. */
function stringsText(table: ReadonlyMap<string, string>): string {
  return [...table].map(([key, text]) => `"${escaped(key)}" = "${escaped(text)}";`).join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
