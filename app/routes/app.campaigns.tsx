import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { CampaignsView } from '#app/components/admin/campaign/campaigns-view.tsx';
import { campaignList } from '#app/queries/campaign-pages.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'campaigns:read');
  const cursor = new URL(request.url).searchParams.get('cursor');
  const [page, { shop }] = await Promise.all([campaignList(shopId, cursor), shopOverview(shopId)]);
  return { ...page, isFirstPage: cursor === null, timeZone: shop.timeZone };
}

export default function CampaignsPage() {
  return <CampaignsView {...useLoaderData<typeof loader>()} />;
}
