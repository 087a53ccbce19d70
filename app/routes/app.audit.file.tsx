import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { textField } from '#app/web/admin-forms.ts';
import { auditFields } from '#app/web/audit-filter.ts';
import { authenticateExport, offerFile } from '#app/web/export-files.ts';
import { forPage } from '#app/web/page-failure.ts';

/** A link to the log as a file, for whoever shows their PIN. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateExport(request, 'audit');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.audit', pin: pin === '' ? null : pin }));
  const format = form.get('format') === 'jsonl' ? 'jsonl' : 'csv';
  return offerFile(caller, form, { kind: 'audit', fields: { ...auditFields(form), format } });
}
