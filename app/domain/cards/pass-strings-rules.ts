/** Our own reading of a pass's translations (rule P36): every language knows every text that another one knows. */
import type { TextTables } from '#app/domain/cards/card-texts.ts';
import { languages } from '#app/domain/members/languages.ts';

const textMax = 2_000;
/** What a strings file has no way to write, or a phone no way to show. */
const unwritable = /(?!\n)\p{Cc}|\p{Cs}/u;

/** Everything wrong with the tables, as `language/text: reason`; empty when a pass may carry them. */
export function passStringsProblems(tables: TextTables): string[] {
  const keys = new Set(languages.flatMap((language) => [...tables[language].keys()]));
  return languages.flatMap((language) =>
    [...keys].flatMap((key) => textProblems(tables[language].get(key), `${language}/${key}`)),
  );
}

function textProblems(text: string | undefined, at: string): string[] {
  if (text === undefined || text === '') return [`${at}: P36: must be translated, as in the other languages`];
  if (text.length > textMax) return [`${at}: P36: must have at most ${textMax} characters`];
  return unwritable.test(text) ? [`${at}: P36: must be whole characters, without control characters`] : [];
}
