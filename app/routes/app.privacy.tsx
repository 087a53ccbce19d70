import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { PrivacyView } from '#app/components/admin/privacy/privacy-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { problemInWords } from '#app/domain/orders/delivery-problem.ts';
import { retryDelivery } from '#app/flows/orders/retry-delivery.ts';
import { privacyPage } from '#app/queries/privacy-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'privacy:read');
  const [page, { shop }] = await Promise.all([privacyPage(shopId), shopOverview(shopId)]);
  return { ...page, timeZone: shop.timeZone };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'privacy:write');
  const deliveryId = textField(await request.formData(), 'deliveryId', 64);
  return forForm(async () => {
    const outcome = await retryDelivery({ shopId, deliveryId, actor });
    return outcome.kind === 'queued'
      ? { tone: 'success', title: 'The message is being worked on again' }
      : { tone: 'warning', title: 'We still cannot read this message', details: [problemInWords(outcome.problem)] };
  });
}

export default function PrivacyPage() {
  return <PrivacyView {...useLoaderData<typeof loader>()} />;
}
