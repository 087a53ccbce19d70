/** Strict readers of the two text formats in a pass: JSON that a phone reads as we do (P14), and strings files (P36). */

/** Parses pass.json. Throws an Error with P14 for a byte order mark, bytes that are no UTF-8, and a key that comes twice. */
export function readStrictJson(bytes: Buffer): Record<string, unknown> {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  if (text.startsWith('\uFEFF')) throw new Error('P14: pass.json starts with a byte order mark');
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('P14: pass.json is no object');
  const [twice] = repeatedKeys(text);
  if (twice !== undefined) throw new Error(`P14: pass.json has the key ${twice} twice`);
  return { ...value };
}

function repeatedKeys(text: string): string[] {
  const open: Set<string>[] = [];
  const repeated: string[] = [];
  for (const [token, key] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (key !== undefined) {
      const keys = open.at(-1);
      const name = String(JSON.parse(key));
      if (keys?.has(name)) repeated.push(name);
      keys?.add(name);
    }
  }
  return repeated;
}

const escapes = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['"', '"'],
  ['\\', '\\'],
]);

/** Parses a strings file in UTF-8 or UTF-16. Throws an Error with P36 when anything is left over or comes twice. */
export function readStringsFile(bytes: Buffer): Map<string, string> {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = new TextDecoder(isWide ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
  const table = new Map<string, string>();
  const rest = text.replaceAll(
    /\s*"((?:[^"\\]|\\.)*)"\s*=\s*"((?:[^"\\]|\\.)*)"\s*;/gs,
    (_pair, key: string, value: string) => {
      if (table.has(unescaped(key))) throw new Error(`P36: ${key} comes twice`);
      table.set(unescaped(key), unescaped(value));
      return '';
    },
  );
  if (rest.trim() !== '') throw new Error(`P36: not a strings file at: ${rest.trim().slice(0, 40)}`);
  return table;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_escape, letter: string) => {
    const meant = escapes.get(letter);
    if (meant === undefined) throw new Error(`P36: \\${letter} is no escape`);
    return meant;
  });
}
