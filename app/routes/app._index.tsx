import { redirect } from '@remix-run/node';
import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { HomeView } from '#app/components/admin/home-view.tsx';
import { freshnessFigures } from '#app/queries/freshness-page.ts';
import { programPage } from '#app/queries/program-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'home:read');
  const { search, searchParams } = new URL(request.url);
  const [overview, program, freshness] = await Promise.all([
    shopOverview(shopId),
    programPage(shopId),
    freshnessFigures(shopId),
  ]);
  if (!overview.onboarding.isLive) throw redirect(keepEmbedded('/app/welcome/template', search));
  return {
    shopName: overview.shop.name,
    counts: overview.counts,
    enrolled: overview.series.map(({ day, enrolled }) => ({ day, value: enrolled })),
    entries: overview.series.map(({ day, entries }) => ({ day, value: entries })),
    freshness,
    attention: overview.attention,
    joinUrl: program?.joinUrl ?? null,
    hasDesign: program?.design != null,
    justWentLive: searchParams.has('live'),
  };
}

export default function HomePage() {
  return <HomeView {...useLoaderData<typeof loader>()} />;
}
