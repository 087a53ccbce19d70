import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { accessReviewCsv } from '#app/queries/staff-page.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

/** Who may do what, as a file for an auditor. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateAdmin(request, 'exports:create');
  demandPermission(caller, 'staff:read');
  const { shopId, actor } = caller;
  const pin = textField(await request.formData(), 'pin', 11);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.staff', pin: pin === '' ? null : pin }));
  return new Response(await accessReviewCsv(shopId), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="staff.csv"',
      'cache-control': 'no-store',
    },
  });
}
