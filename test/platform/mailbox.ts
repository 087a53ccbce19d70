/** The people behind the addresses: they open the links they are mailed, and whoever runs the demo may look over their shoulder. */
import { call, sendText } from '#test/platform/http.ts';
import type { KeptMail, MailPlatform } from '#test/platform/mail.ts';
import type { PlatformPart } from '#test/platform/platform-server.ts';

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Confirms an address as its holder would: reads the page behind the link and presses its button. */
export async function openConfirmation(mail: KeptMail, appUrl: string): Promise<void> {
  const [, link] = /(https?:\/\/\S+\/confirm\/[\w-]+)/.exec(mail.text) ?? [];
  if (link === undefined) return;
  const url = new URL(new URL(link).pathname, appUrl).href;
  await call({ url });
  const headers = { origin: appUrl, 'content-type': 'application/x-www-form-urlencoded' };
  await call({ url, method: 'POST', headers, body: 'answer=yes' });
}

function rowOf({ to, subject, text }: KeptMail): string {
  const linked = escapeHtml(text).replaceAll(/(https?:\/\/\S+)/g, '<a href="$1">$1</a>');
  return `<article><h2>${escapeHtml(subject)}</h2><p>${escapeHtml(to)}</p><pre>${linked}</pre></article>`;
}

/** Every mail that was sent, newest first, at `/mails`. */
export function mailPage(mail: MailPlatform | null): PlatformPart {
  return (request, response, url) => {
    if (mail === null || url.pathname !== '/mails' || request.method !== 'GET') return false;
    const list = mail.mails.toReversed().map(rowOf).join('');
    const body =
      list === ''
        ? '<p class="empty">No mail yet. Join with an address of your own, and it is asked to confirm.</p>'
        : list;
    const page =
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
      `<title>Mails</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/console.css">` +
      `<main class="mails"><p><a href="/">← Console</a></p><h1>Mails</h1>${body}</main></html>`;
    sendText(response, 200, 'text/html; charset=utf-8', page);
    return true;
  };
}
