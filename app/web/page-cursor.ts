/** Cursors of lists: opaque to callers, a position in an index to us. */
import { InvalidInput } from '#app/lib/errors.ts';

const lengthMax = 200;

/** Writes a position. */
export function writeCursor(parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Reads a position whose parts have these forms. Throws `InvalidInput` for what we never wrote. */
export function readCursor(cursor: string, forms: RegExp[]): string[] {
  const parts = cursor.length > lengthMax ? null : jsonIn(cursor);
  if (Array.isArray(parts) && parts.length === forms.length) {
    const texts = parts.map(String);
    if (texts.every((text, index) => forms[index]?.test(text) ?? false)) return texts;
  }
  throw new InvalidInput('bad-cursor', 'A cursor is not one of ours', { publicMessage: 'The cursor is not valid.' });
}

function jsonIn(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Not even JSON: the same answer as for any other stranger's cursor.
    return null;
  }
}
