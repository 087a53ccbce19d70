import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateExport, offerFile } from '#app/web/export-files.ts';
import { forPage } from '#app/web/page-failure.ts';

const daysMax = 366;

/** A link to the signed report of what was removed, for whoever shows their PIN. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateExport(request, 'retention');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.retention', pin: pin === '' ? null : pin }));
  const days = Math.min(daysMax, Math.max(1, Number(textField(form, 'days', 3)) || 1));
  return offerFile(caller, form, { kind: 'retention', fields: { days: String(days) } });
}
