import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateExport, offerFile } from '#app/web/export-files.ts';
import { forPage } from '#app/web/page-failure.ts';

/** A link to all signed roots, or with `sequence` to the proof that this one consent is under a signed root. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateExport(request, 'consents');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.consents', pin: pin === '' ? null : pin }));
  return offerFile(caller, form, { kind: 'consents', fields: { sequence: textField(form, 'sequence', 16) } });
}
