import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateExport, offerFile } from '#app/web/export-files.ts';
import { forPage } from '#app/web/page-failure.ts';

/** A link to who may do what, as a file for an auditor. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateExport(request, 'staff');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 11);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.staff', pin: pin === '' ? null : pin }));
  return offerFile(caller, form, { kind: 'staff', fields: {} });
}
