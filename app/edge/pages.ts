/** People's pages: Express serves the built files, Remix the rest. */
import { createRequestHandler } from '@remix-run/express';
import express from 'express';
import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { ServerBuild } from '@remix-run/node';

import { measure } from '#app/edge/health.ts';
import { appUrl, env } from '#app/lib/env.ts';
import { requestAddress } from '#app/web/request-address.ts';

declare module '@remix-run/node' {
  interface AppLoadContext {
    /** The caller's address; empty when the network tells none. */
    clientAddress: string;
  }
}

const root = path.resolve(import.meta.dirname, '..', '..');

/**
 * Documents say themselves who may frame them; whatever else a page answers with may be framed by nobody. Which of the two it
 * is shows only when the headers are written.
 */
function frameNothingElse(_request: express.Request, response: express.Response, next: express.NextFunction): void {
  const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => express.Response;
  response.writeHead = (...given: unknown[]) => {
    if (!response.hasHeader('content-security-policy'))
      response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    return writeHead(...given);
  };
  next();
}

/** Addresses that no text can hold are no page of ours; and a page is read, or a form sent, nothing else. */
function refuseOddRequests(request: express.Request, response: express.Response, next: express.NextFunction): void {
  if (!isPlain(request.path)) {
    response.status(404).type('text').send('There is nothing at this address.');
    return;
  }
  const allowed = onlyRead.test(request.path) ? ['GET', 'HEAD'] : ['GET', 'HEAD', 'POST'];
  if (allowed.includes(request.method)) return next();
  const words = `Only ${allowed.slice(0, -1).join(', ')} and ${allowed.at(-1)} are allowed here.`;
  response.status(405).set('allow', allowed.join(', ')).type('text').send(words);
}

/** No form is sent here; Remix would only say that something went wrong. */
const onlyRead =
  /^\/(?:|trust|session-token|export\/[^/]+|join\/[^/]+\/poster|preferences\/[^/]+\/data|card\/[^/]+\/(?:code|apple\.pkpass|google)|card-test\/[^/]+(?:\/apple\.pkpass)?)\/?$/;

function isPlain(address: string): boolean {
  try {
    return !decodeURIComponent(address).includes('\0');
  } catch {
    return false;
  }
}

/** A form that another site sends in somebody's name is nobody's wish. Who sends no origin is no browser with a form. */
function refuseForeignForms(request: express.Request, response: express.Response, next: express.NextFunction): void {
  const origin = URL.parse(request.headers.origin ?? '');
  const ours = [new URL(appUrl()).host, request.headers.host];
  if (request.method === 'GET' || request.method === 'HEAD' || request.headers.origin === undefined) return next();
  if (origin !== null && ours.includes(origin.host)) return next();
  response.status(403).type('text').send('This form came from another site.');
}

/** The handler of everything the edge leaves. Throws when the app was not built. */
export async function createPages(): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
  const buildFile = path.join(root, 'build', 'server', 'index.js');
  const build = (await import(buildFile).catch((cause: unknown) => {
    throw new Error('The pages are not built yet: run "npm run build" first.', { cause });
  })) as ServerBuild;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', env().TRUSTED_PROXY_HOPS);
  app.use((_request, response, next) => {
    measure('pages', response);
    next();
  });
  app.use(frameNothingElse);
  app.use(refuseOddRequests);
  app.use(refuseForeignForms);
  // Documents set their own content security policy and frame rules; see web/document-headers.ts.
  app.use(
    helmet({
      contentSecurityPolicy: false,
      frameguard: false,
      referrerPolicy: false,
      crossOriginEmbedderPolicy: false,
      crossOriginOpenerPolicy: false,
      crossOriginResourcePolicy: false,
      hsts: false,
    }),
  );
  app.use('/assets', express.static(path.join(root, 'build', 'client', 'assets'), { immutable: true, maxAge: '1y' }));
  app.use(express.static(path.join(root, 'build', 'client'), { maxAge: '1h' }));
  const answerPage = createRequestHandler({
    build,
    mode: 'production',
    getLoadContext: (request) => ({ clientAddress: requestAddress(request) }),
  });
  app.all('*', (request, response, next) => {
    void answerPage(request, response, next);
  });
  return (request, response) => {
    app(request as express.Request, response as express.Response);
  };
}
