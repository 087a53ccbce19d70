import type { HeadersFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { isRouteErrorResponse, useLoaderData, useRouteError } from '@remix-run/react';

import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { TestCardView } from '#app/components/shopper/test-card-view.tsx';
import { chooseLanguage } from '#app/domain/members/languages.ts';
import { env } from '#app/lib/env.ts';
import { testCardPage } from '#app/queries/card-designer.ts';
import { forPage } from '#app/web/page-failure.ts';

export async function loader({ request, params }: LoaderFunctionArgs) {
  const token = params['token'] ?? '';
  const language = chooseLanguage(request.headers.get('accept-language'));
  const page = await forPage(() => testCardPage(token, language));
  const hasApple = env().APPLE_PASS_CERTIFICATE_FILE !== undefined;
  return { ...page, language, appleUrl: hasApple ? `/card-test/${token}/apple.pkpass` : null };
}

/** Whoever has the address sees an unpublished design: it must not be kept by caches, sent on or found by searching. */
export const headers: HeadersFunction = () => ({
  'Cache-Control': 'private, no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex',
});

export const meta: MetaFunction<typeof loader> = () => [{ title: 'Test card' }];

export default function TestCardRoute() {
  return <TestCardView {...useLoaderData<typeof loader>()} />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  const isRefused = isRouteErrorResponse(error) && error.status === 403;
  return isRefused ? (
    <MessagePage title="This test link is over" text="Make a new one in the admin, on the Card page." />
  ) : (
    <MessagePage title="This card cannot be shown" text="Please try again, or make a new link on the Card page." />
  );
}
