import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateExport, offerFile } from '#app/web/export-files.ts';
import { forPage } from '#app/web/page-failure.ts';

/** A link to the archive for an auditor, of this shop, for whoever shows their PIN. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateExport(request, 'evidence');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.evidence', pin: pin === '' ? null : pin }));
  return offerFile(caller, form, { kind: 'evidence', fields: {} });
}
