import type { HeadersFunction, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';
import trustStyles from '#app/components/trust/trust.css?url';
import { TrustView } from '#app/components/trust/trust-view.tsx';
import { trust } from '#app/queries/trust.ts';
import { forPage } from '#app/web/page-failure.ts';

export const meta: MetaFunction = () => [{ title: 'What you can trust · Stampwell' }];

export const headers: HeadersFunction = () => ({ 'Cache-Control': 'public, max-age=60' });

export async function loader() {
  return forPage(trust);
}

export default function TrustPage() {
  return (
    <ShopperPage>
      <link rel="stylesheet" href={trustStyles} />
      <TrustView trust={useLoaderData<typeof loader>()} />
    </ShopperPage>
  );
}
