import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { RetentionView } from '#app/components/admin/retention/retention-view.tsx';
import type { RetentionAnswer } from '#app/components/admin/retention/retention-view.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { chooseRetention } from '#app/flows/privacy/choose-retention.ts';
import { retentionPage, retentionPreview } from '#app/queries/retention-preview.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'privacy:read');
  const [page, { shop }] = await Promise.all([retentionPage(shopId), shopOverview(shopId)]);
  return {
    ...page,
    canChange: allows(role, 'privacy:write'),
    canExport: allows(role, 'exports:create'),
    timeZone: shop.timeZone,
  };
}

const classLengthMax = 64;
const reasonLengthMax = 200;

export async function action({ request }: ActionFunctionArgs): Promise<RetentionAnswer> {
  const { shopId, actor } = await authenticateAdmin(request, 'privacy:write');
  const form = await request.formData();
  if (form.get('intent') === 'preview') return { preview: await retentionPreview(shopId) };
  const hours = textField(form, 'hours', 12);
  const result = await forForm(async () => {
    await chooseRetention({
      shopId,
      class: textField(form, 'class', classLengthMax),
      hours: hours === '' ? null : Number(hours),
      actor,
      reason: textField(form, 'reason', reasonLengthMax),
    });
    return { tone: 'success' as const, title: 'The next clearing goes by the new period', isQuiet: true };
  });
  return { result };
}

export default function RetentionPage() {
  return <RetentionView {...useLoaderData<typeof loader>()} />;
}
