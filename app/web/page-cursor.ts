/** Cursors of lists: opaque to callers, a position in an index to us. */
import { InvalidInput } from '#app/lib/errors.ts';

/** Writes a position. */
export function writeCursor(parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Reads a position whose parts have these forms. Throws `InvalidInput` for what we never wrote. */
export function readCursor(cursor: string, forms: RegExp[]): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === forms.length) {
      const texts = parts.map(String);
      if (texts.every((text, index) => forms[index]?.test(text) ?? false)) return texts;
    }
  } catch {
    // Not even JSON: the same answer as for any other stranger's cursor.
  }
  throw new InvalidInput('bad-cursor', 'A cursor is not one of ours', { publicMessage: 'The cursor is not valid.' });
}
