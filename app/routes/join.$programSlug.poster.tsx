import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { emptyContent } from '#app/components/card/empty-content.ts';
import { cardColors, OfferCard } from '#app/components/shopper/offer-card.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';
import { chooseLanguage, languageOfTag } from '#app/domain/members/languages.ts';
import { appUrl } from '#app/lib/env.ts';
import { joinPage } from '#app/queries/join-page.ts';
import { locationOf } from '#app/web/join-form.ts';
import { forPage } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { searchParams } = new URL(request.url);
  const language =
    languageOfTag(searchParams.get('lang') ?? '') ?? chooseLanguage(request.headers.get('accept-language'));
  const page = await forPage(() => joinPage(params['programSlug'] ?? ''));
  if (page === null) throw new Response(null, { status: 404 });
  const location = locationOf(searchParams.get('loc'));
  const address = `${appUrl()}/join/${page.slug}${location === null ? '' : `?loc=${location}`}`;
  const { document, design } = page;
  return {
    language,
    design,
    content: emptyContent(document, design, language),
    code: await qrCodeSvg(address),
    address,
  };
}

export const meta: MetaFunction<typeof loader> = ({ data: page }) => [
  { title: page?.content.programName ?? 'Stampwell' },
];

/** One page to print and put on the counter. */
export default function PosterPage() {
  const { language, design, content, code, address } = useLoaderData<typeof loader>();
  const phrases = shopperPhrases[language];
  return (
    <ShopperPage>
      <div className="poster" style={cardColors(content)}>
        <OfferCard content={content} design={design} />
        <h1>{content.programName}</h1>
        <p className="lead">{phrases.posterLead}</p>
        <div className="poster-code" role="img" aria-label={address} dangerouslySetInnerHTML={{ __html: code }} />
        <p>{phrases.posterHint}</p>
        <p className="hint">{address}</p>
      </div>
    </ShopperPage>
  );
}
