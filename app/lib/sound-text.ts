/** Texts that are valid JSON and yet cannot be kept: the database has no NUL, and half of a surrogate pair is no character. */

/** Whether a text can be stored and told again as it is. */
function isSound(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/**
 * Where in parsed JSON the first text stands that cannot be kept, as `lines.0.vendor` (empty for the value itself), or null.
 * Nesting may be as deep as it likes.
 */
export function unsoundTextIn(value: unknown): string | null {
  const open: { value: unknown; path: string }[] = [{ value, path: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path } = next;
    if (typeof next.value === 'string' && !isSound(next.value)) return path;
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const [name, item] of Object.entries(next.value)) {
      if (!isSound(name)) return path;
      open.push({ value: item, path: path === '' ? name : `${path}.${name}` });
    }
  }
  return null;
}
