/**
 * The browser on the virtual phone: shows the product's real join and card pages below our own origin, so that they
 * can stand in a frame, and notices when a pass is downloaded, as iOS does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { call, readBody, sendText } from '#test/platform/http.ts';

export type PhoneBrowserOptions = {
  appUrl: string;
  walletUrl: string;
  /** Told when a page led to a pass. Rejects when the pass cannot be installed. */
  onPass: (passUrl: string, cardUrl: string) => Promise<void>;
  /** Told the e-mail address that a form was sent with. */
  onEmail: (email: string) => void;
};

const browsed = /^\/(?:join|card|assets|preferences)\/|^\/favicon/;
const passPath = /^\/card\/[^/]+\/apple\.pkpass$/;
const userAgent =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const dropped = new Set([
  'connection',
  'transfer-encoding',
  'content-length',
  'content-security-policy',
  'x-frame-options',
  'keep-alive',
]);

const addedPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Added</title>
<body style="font:17px -apple-system,system-ui,sans-serif;display:grid;place-items:center;height:100vh;margin:0;background:#f2f2f7;color:#1c1c1e">
<p>Added to Wallet ✓</p><script>parent.postMessage('pass-added', location.origin)</script></body></html>`;

/** Answers the paths a shopper's browser asks for; false for all others. */
export function createPhoneBrowser(
  options: PhoneBrowserOptions,
): (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean> {
  const { appUrl, walletUrl } = options;
  const here = (text: string): string => text.replaceAll(walletUrl, '').replaceAll(appUrl, '');

  function headersFor(request: IncomingMessage): Record<string, string> {
    const { accept = '*/*', 'accept-language': language = 'en', 'content-type': type = '' } = request.headers;
    const plain = { 'user-agent': userAgent, accept, 'accept-language': language };
    return request.method === 'POST' ? { ...plain, 'content-type': type, origin: appUrl } : plain;
  }

  async function forward(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const { method = 'GET' } = request;
    const body = method === 'POST' ? { body: await readBody(request) } : {};
    const email = body.body === undefined ? null : new URLSearchParams(body.body.toString('utf8')).get('email');
    if (email !== null) options.onEmail(email);
    const answer = await call({ url: `${appUrl}${target}`, method, headers: headersFor(request), ...body });
    for (const [name, value] of Object.entries(answer.headers))
      if (value !== undefined && !dropped.has(name))
        response.setHeader(name, name === 'location' ? here(String(value)) : value);
    const isPage = answer.headers['content-type']?.startsWith('text/html') === true;
    response.writeHead(answer.status);
    response.end(isPage ? here(answer.body.toString('utf8')) : answer.body);
  }

  return async (request, response, url) => {
    if (!browsed.test(url.pathname)) return false;
    if (passPath.test(url.pathname)) {
      const cardUrl = `${appUrl}${url.pathname.replace(/\/apple\.pkpass$/, '')}`;
      await options.onPass(`${appUrl}${url.pathname}`, cardUrl);
      sendText(response, 200, 'text/html; charset=utf-8', addedPage);
      return true;
    }
    await forward(request, response, `${url.pathname}${url.search}`);
    return true;
  };
}
