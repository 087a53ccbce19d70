/**
 * As many whole words of a text as fit into `lengthMax` characters, so that a name does not end in the middle of one. A first
 * word that is longer is cut, never inside a character. Same text, same words.
 */
export function wholeWords(text: string, lengthMax: number): string {
  const words = text.trim().replaceAll(/\s+/gu, ' ');
  if (words.length <= lengthMax) return words;
  const end = words.lastIndexOf(' ', lengthMax);
  if (end > 0) return words.slice(0, end);
  let cut = '';
  for (const { segment } of new Intl.Segmenter().segment(words)) {
    if (cut.length + segment.length > lengthMax) break;
    cut += segment;
  }
  return cut;
}

const nameLengthMax = 40;
const kind = ' Rewards';

/** What a shop's program is called until the merchant names it: `Bluebird Coffee Rewards`, at most 40 characters. */
export function programNameFor(shopName: string): string {
  return `${wholeWords(shopName, nameLengthMax - kind.length)}${kind}`.trim();
}
