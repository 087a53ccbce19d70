/** JSON lets a name stand twice in one object, and every reader takes another of the two. */

/** A text, or what opens, closes and separates. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/gs;

/** Whether a name stands twice in one object, however it is escaped. `json` is known to be JSON. */
export function repeatsName(json: string): boolean {
  const open: (Set<string> | null)[] = [];
  let text = '';
  for (const [token] of json.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') text = token;
    else if (isTaken(open.at(-1), text)) return true;
  }
  return false;
}

function isTaken(names: Set<string> | null | undefined, text: string): boolean {
  const name = text.includes('\\') ? String(JSON.parse(text)) : text.slice(1, -1);
  if (names?.has(name) === true) return true;
  names?.add(name);
  return false;
}
