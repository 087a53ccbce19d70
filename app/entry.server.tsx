import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';

import { createReadableStreamFromReadable } from '@remix-run/node';
import type { ActionFunctionArgs, EntryContext, LoaderFunctionArgs } from '@remix-run/node';
import { isRouteErrorResponse, RemixServer } from '@remix-run/react';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';

import { RefusedContext } from '#app/components/refused-context.tsx';
import { NonceContext } from '#app/components/nonce-context.tsx';
import { log } from '#app/lib/log.ts';
import { documentHeaders } from '#app/web/document-headers.ts';

/** Called by Remix for what a loader, an action or a component threw and no page expected. */
export function handleError(error: unknown, { request }: LoaderFunctionArgs | ActionFunctionArgs): void {
  // A page that does not exist is an answer, not a failure.
  if (!request.signal.aborted && !isRouteErrorResponse(error))
    log.error('a page failed', { error, method: request.method });
}

/** The data of a page is as private as the page. */
export function handleDataRequest(response: Response): Response {
  response.headers.set('Cache-Control', response.headers.get('Cache-Control') ?? 'no-store');
  return response;
}

/** How long a page may take to send its last part before the connection is closed. */
export const streamTimeout = 5_000;

/** What a loader or an action threw as its answer. */
function refusedIn({ staticHandlerContext: { errors } }: EntryContext): unknown {
  return Object.values(errors ?? {}).find((error) => isRouteErrorResponse(error))?.data;
}

/** Renders one document. Pages are streamed, except to crawlers and the shopper pages, which come in one piece. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  context: EntryContext,
): Promise<Response> {
  const url = new URL(request.url);
  const isEmbedded = url.pathname === '/session-token' || /^\/app(\/|$)/.test(url.pathname);
  // Only embedded pages run scripts, and only those that carry this document's own number.
  const nonce = isEmbedded ? randomBytes(16).toString('base64') : undefined;
  if (nonce !== undefined) headers.set('x-csp-nonce', nonce);
  documentHeaders(headers, { isEmbedded, shopDomain: url.searchParams.get('shop') });
  headers.set('Content-Type', 'text/html; charset=utf-8');
  const waitsForAll = !isEmbedded || isbot(request.headers.get('user-agent'));
  return new Promise((resolve, reject) => {
    let finalStatus = status;
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RefusedContext.Provider value={isEmbedded ? undefined : refusedIn(context)}>
          <RemixServer context={context} url={request.url} abortDelay={streamTimeout} {...(nonce ? { nonce } : {})} />
        </RefusedContext.Provider>
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
