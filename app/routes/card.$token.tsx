import type { HeadersFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { isRouteErrorResponse, useLoaderData, useRouteError } from '@remix-run/react';

import { CardPageView } from '#app/components/shopper/card-view.tsx';
import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import { platformOf } from '#app/components/shopper/wallet-buttons.tsx';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { cardPage } from '#app/queries/card-page.ts';
import { forPage } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';

export async function loader({ request, params }: LoaderFunctionArgs) {
  const page = await forPage(() => cardPage(params['token'] ?? ''));
  const { content, design, activity, timeZone, links } = page;
  return {
    language: languageOfTag(content.locale) ?? ('en' as const),
    platform: platformOf(request.headers.get('user-agent')),
    code: await qrCodeSvg(content.barcodeValue),
    content,
    design,
    activity,
    timeZone,
    links,
  };
}

/** The address is the key to the card: it must not be kept by caches, sent on to other sites or found by searching. */
export const headers: HeadersFunction = () => ({
  'Cache-Control': 'private, no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex',
});

export const meta: MetaFunction<typeof loader> = ({ data: page }) =>
  page ? [{ title: shopperPhrases[page.language].cardTitle(page.content.organizationName) }] : [{ title: 'Stampwell' }];

export default function CardPageRoute() {
  return <CardPageView {...useLoaderData<typeof loader>()} />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  const isRefused = isRouteErrorResponse(error) && (error.status === 403 || error.status === 404);
  const { linkInvalidTitle, linkInvalid, brokenTitle, broken } = shopperPhrases.en;
  return isRefused ? (
    <MessagePage title={linkInvalidTitle} text={linkInvalid} />
  ) : (
    <MessagePage title={brokenTitle} text={broken} />
  );
}
