/** A shopper without JavaScript: reads the real pages, fills the real form, follows the links. */
import { call } from '#test/platform/http.ts';
import type { Answer } from '#test/platform/http.ts';

const browserHeaders = {
  'user-agent':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  accept: 'text/html,application/xhtml+xml',
  'accept-language': 'en',
};

function decode(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}

function attributesOf(tag: string): Record<string, string> {
  const pairs = [...tag.matchAll(/([a-zA-Z-]+)(?:="([^"]*)")?/g)].slice(1);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name.toLowerCase(), decode(value)]));
}

/** What a browser would send of a form when only its e-mail field was filled in and nothing ticked. */
function fillForm(html: string, email: string): URLSearchParams {
  const inputs = [...html.matchAll(/<input\b[^>]*>/g)].map(([tag]) => attributesOf(tag));
  const fields = new URLSearchParams();
  for (const input of inputs) {
    const { name = '', type = 'text', value = '' } = input;
    if (name === '' || type === 'checkbox' || type === 'radio' || type === 'submit') continue;
    fields.append(name, type === 'email' ? email : value);
  }
  return fields;
}

function expect(answer: Answer, status: number, what: string): void {
  if (answer.status !== status)
    throw new Error(`${what} was answered with ${answer.status}: ${answer.body.toString('utf8').slice(0, 300)}`);
}

/** Joins a program through its public page. Resolves with the address of the card page. */
export async function joinProgram(options: {
  appUrl: string;
  programSlug: string;
  email: string;
  /** Ticks that news of the program may come; absent ticks nothing. */
  wantsNews?: boolean;
}): Promise<{ cardUrl: string }> {
  const url = `${options.appUrl}/join/${options.programSlug}`;
  const page = await call({ url, headers: browserHeaders });
  expect(page, 200, 'the join page');
  const html = page.body.toString('utf8');
  const [, action = url] = /<form\b[^>]*\baction="([^"]*)"/.exec(html) ?? [];
  const filled = fillForm(html, options.email);
  if (options.wantsNews === true) filled.append('program', 'yes');
  const joined = await call({
    url: new URL(decode(action), url).href,
    method: 'POST',
    headers: {
      ...browserHeaders,
      origin: options.appUrl,
      referer: url,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: filled.toString(),
  });
  expect(joined, 303, 'joining');
  return { cardUrl: new URL(joined.headers.location ?? '', url).href };
}

/** The link behind "Add to Apple Wallet" on a card page. */
export async function applePassLink(cardUrl: string): Promise<string> {
  const page = await call({ url: cardUrl, headers: browserHeaders });
  expect(page, 200, 'the card page');
  const [, link] = /href="([^"]*apple\.pkpass[^"]*)"/.exec(page.body.toString('utf8')) ?? [];
  if (link === undefined) throw new Error('the card page offers no Apple pass');
  return new URL(decode(link), cardUrl).href;
}
