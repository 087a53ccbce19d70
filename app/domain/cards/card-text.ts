/**
 * Text on a card comes from merchants, members and Shopify, in any script. It is made safe to put beside other text
 * here: no control characters, no direction that runs on into what follows, no length that a wallet would choke on.
 */

/** Controls, and the marks with which one text could turn the direction of the next; line ends are kept. */
const unwelcome = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const plainAscii = /^[\u0020-\u007e]*$/;

const firstStrongIsolate = '\u2068';
const popIsolate = '\u2069';

/** The text without control characters and halves of characters. What is harmless comes back as it is. */
export function cleanText(text: string): string {
  if (plainAscii.test(text)) return text;
  return text.toWellFormed().replaceAll('\r\n', '\n').replaceAll(unwelcome, '').trim();
}

/** A name or label: clean, on one line, at most `lengthMax` characters as people count them. */
export function lineOfText(text: string, lengthMax: number): string {
  return shortened(cleanText(text).replaceAll(/\s+/gu, ' ').trim(), lengthMax);
}

/** Cuts between characters as people see them, never inside an emoji or an accented letter. */
function shortened(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const kept: string[] = [];
  // A cluster is never longer than this text is allowed to be; a pile of accents is cut all the same.
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, lengthMax * 12))) {
    if (kept.length === lengthMax) return `${kept.slice(0, -1).join('')}…`;
    kept.push(segment);
  }
  const whole = kept.join('');
  return whole.length === text.length ? whole : `${whole}…`;
}

/** Keeps a text that runs right to left from reordering the words and numbers beside it. Others come back as they are. */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `${firstStrongIsolate}${text}${popIsolate}` : text;
}
