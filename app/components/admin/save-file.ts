const failed = 'The file could not be made. Please try again in a moment.';

/**
 * Asks the app for a file, with the session that App Bridge adds, and hands it to the browser. Answers null when that went
 * well, otherwise why it did not, in words for people.
 */
export function saveFile(path: string, name: string, fields: Record<string, string>): Promise<string | null> {
  return fetchInto(name, () => ask(path, fields));
}

/** The same for a file behind a link that works once: the app says where it is, and the link is followed at once. */
export function saveExport(path: string, name: string, fields: Record<string, string>): Promise<string | null> {
  return fetchInto(name, async () => {
    const response = await ask(path, fields);
    const url = response.ok ? addressOf(await response.json()) : null;
    return url === null ? response : fetch(url);
  });
}

const ask = (path: string, fields: Record<string, string>) =>
  fetch(path, { method: 'POST', body: new URLSearchParams(fields) });

function addressOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('url' in answer)) return null;
  return typeof answer.url === 'string' ? answer.url : null;
}

/** What is signed has a name of its own in each export; everything else is called what its button says. */
function nameOf(response: Response, name: string): string {
  return /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? name;
}

async function fetchInto(name: string, request: () => Promise<Response>): Promise<string | null> {
  try {
    const response = await request();
    if (!response.ok) return wordsOf(await response.json().catch(() => null)) ?? failed;
    const address = URL.createObjectURL(await response.blob());
    const link = Object.assign(document.createElement('a'), { href: address, download: nameOf(response, name) });
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
