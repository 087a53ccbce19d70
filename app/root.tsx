import type { LinksFunction, MetaFunction } from '@remix-run/node';
import {
  isRouteErrorResponse,
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useMatches,
  useRouteError,
  useRouteLoaderData,
} from '@remix-run/react';
import { useContext } from 'react';
import type { ReactNode } from 'react';

import { NonceContext } from '#app/components/nonce-context.tsx';
import { RefusedContext } from '#app/components/refused-context.tsx';
import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { languageOf, surfaceOf } from '#app/components/surface.ts';
import { env, systemMark } from '#app/lib/env.ts';

const publishedAppBridge = 'https://cdn.shopify.com/shopifycloud/app-bridge.js';

/** Of what has no better one: a page that does not exist, above all. */
export const meta: MetaFunction = () => [{ title: 'Stampwell' }];

export const links: LinksFunction = () => [{ rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' }];

export function loader() {
  const { SHOPIFY_API_KEY, PLATFORM_URL } = env();
  return {
    /** Of the cards in previews. */
    systemMark: systemMark(),
    apiKey: SHOPIFY_API_KEY,
    appBridgeUrl: PLATFORM_URL === undefined ? publishedAppBridge : new URL('/app-bridge.js', PLATFORM_URL).href,
  };
}

/** The environment does not change while a page is open. */
export function shouldRevalidate(): boolean {
  return false;
}

export function Layout({ children }: { children: ReactNode }) {
  const matches = useMatches();
  const surface = surfaceOf(matches);
  const nonce = useContext(NonceContext);
  return (
    <html lang={languageOf(matches, useContext(RefusedContext))}>
      <head>
        {surface === 'shopper' ? null : <AppBridge />}
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        {surface === 'admin' ? (
          <>
            <ScrollRestoration {...(nonce ? { nonce } : {})} />
            <Scripts {...(nonce ? { nonce } : {})} />
          </>
        ) : null}
      </body>
    </html>
  );
}

/** Shopify demands the script first in the head of every document, neither deferred nor bundled. */
function AppBridge() {
  const data = useRouteLoaderData<typeof loader>('root');
  if (!data) return null;
  return (
    <>
      <meta name="shopify-api-key" content={data.apiKey} />
      <script src={data.appBridgeUrl} />
    </>
  );
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  return <MessagePage {...wordsFor(isRouteErrorResponse(error) ? error.status : 500)} />;
}

/** What to say where no page of its own says it, and what to do next. */
function wordsFor(status: number): { title: string; text: string } {
  if (status === 404)
    return {
      title: 'This page does not exist',
      text: 'The link may be old or mistyped. Please check it, or ask the shop for a new one.',
    };
  if (status < 500)
    return {
      title: 'This form could not be read',
      text: 'Nothing was changed. Please open the page again and fill in the form there.',
    };
  return { title: 'Something went wrong on our side', text: 'Nothing was lost. Please try again in a moment.' };
}
