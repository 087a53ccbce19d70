/**
 * Asks the app for a file, with the session that App Bridge adds, and hands it to the browser. Answers null when that went
 * well, otherwise why it did not, in words for people.
 */
export async function saveFile(path: string, name: string, fields: Record<string, string>): Promise<string | null> {
  const failed = 'The file could not be made. Please try again in a moment.';
  try {
    const response = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
    if (!response.ok) return wordsOf(await response.json().catch(() => null)) ?? failed;
    const address = URL.createObjectURL(await response.blob());
    const link = Object.assign(document.createElement('a'), { href: address, download: name });
    link.click();
    // The browser has taken hold of it by the next turn.
    setTimeout(() => URL.revokeObjectURL(address), 0);
    return null;
  } catch {
    return failed;
  }
}

function wordsOf(problem: unknown): string | null {
  if (typeof problem !== 'object' || problem === null || !('detail' in problem)) return null;
  return typeof problem.detail === 'string' ? problem.detail : null;
}
