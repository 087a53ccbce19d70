import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { ShopTrustView } from '#app/components/admin/trust/shop-trust-view.tsx';
import { acceptAgreement, objectToAgreement } from '#app/flows/privacy/answer-agreement.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { shopTrust } from '#app/queries/shop-trust.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'trust:read');
  const [page, { shop }] = await Promise.all([shopTrust(shopId), shopOverview(shopId)]);
  return { ...page, timeZone: shop.timeZone };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'trust:write');
  const form = await request.formData();
  const version = Number(textField(form, 'version', 9));
  return forForm(async () => {
    if (form.get('intent') === 'object') {
      await objectToAgreement({ shopId, version, actor, objection: textField(form, 'objection', 5_000) });
      return {
        tone: 'success',
        title: 'Your objection is on record',
        details: ['We will come back to you before the version comes into force.'],
      };
    }
    await acceptAgreement({ shopId, version, actor });
    return { tone: 'success', title: 'The agreement is accepted' };
  });
}

export default function TrustSettingsPage() {
  return <ShopTrustView {...useLoaderData<typeof loader>()} result={useActionData<typeof action>()} />;
}
