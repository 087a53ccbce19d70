import { PassThrough } from 'node:stream';

import { createReadableStreamFromReadable } from '@remix-run/node';
import type { ActionFunctionArgs, AppLoadContext, EntryContext, LoaderFunctionArgs } from '@remix-run/node';
import { RemixServer } from '@remix-run/react';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';

import { NonceContext } from '#app/components/nonce-context.tsx';
import { log } from '#app/lib/log.ts';
import { documentHeaders } from '#app/web/document-headers.ts';

/** Called by Remix for what a loader, an action or a component threw and no page expected. */
export function handleError(error: unknown, { request }: LoaderFunctionArgs | ActionFunctionArgs): void {
  if (!request.signal.aborted) log.error('a page failed', { error, method: request.method });
}

/** How long a page may take to send its last part before the connection is closed. */
export const streamTimeout = 5_000;

/** Renders one document. Pages are streamed, except to crawlers and the shopper pages, which come in one piece. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  context: EntryContext,
  loadContext: AppLoadContext,
): Promise<Response> {
  const nonce = typeof loadContext['cspNonce'] === 'string' ? loadContext['cspNonce'] : undefined;
  const url = new URL(request.url);
  const isEmbedded = url.pathname === '/session-token' || /^\/app(\/|$)/.test(url.pathname);
  documentHeaders(request, headers, { isEmbedded, shopDomain: url.searchParams.get('shop') });
  headers.set('Content-Type', 'text/html; charset=utf-8');
  const waitsForAll = !isEmbedded || isbot(request.headers.get('user-agent'));
  return new Promise((resolve, reject) => {
    let finalStatus = status;
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={context} url={request.url} abortDelay={streamTimeout} {...(nonce ? { nonce } : {})} />
      </NonceContext.Provider>,
      {
        ...(nonce ? { nonce } : {}),
        [waitsForAll ? 'onAllReady' : 'onShellReady']() {
          const body = new PassThrough();
          resolve(new Response(createReadableStreamFromReadable(body), { headers, status: finalStatus }));
          pipe(body);
        },
        onShellError: reject,
        onError(error: unknown) {
          finalStatus = 500;
          log.error('a page could not be rendered', { error });
        },
      },
    );
    setTimeout(abort, streamTimeout + 1_000).unref();
  });
}
