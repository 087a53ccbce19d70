import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { FreshnessView } from '#app/components/admin/freshness/freshness-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { retryAllPasses, retryPass } from '#app/flows/cards/retry-passes.ts';
import { freshnessPage } from '#app/queries/freshness-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'home:read');
  const cursor = new URL(request.url).searchParams.get('cursor');
  const [page, { shop }] = await Promise.all([freshnessPage(shopId, cursor), shopOverview(shopId)]);
  return { ...page, isFirstPage: cursor === null, timeZone: shop.timeZone };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'members:write');
  const form = await request.formData();
  return forForm(async () => {
    if (form.get('intent') === 'retry-all') {
      await retryAllPasses({ shopId, actor });
      return { tone: 'success', title: 'All cards that are behind are sent again' };
    }
    await retryPass({ shopId, passId: textField(form, 'passId', 64), actor });
    return { tone: 'success', title: 'The card is sent again' };
  });
}

export default function FreshnessPage() {
  return <FreshnessView {...useLoaderData<typeof loader>()} />;
}
