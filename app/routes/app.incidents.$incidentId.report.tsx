import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { incidentReport } from '#app/queries/incident-report.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateExport, offerFile } from '#app/web/export-files.ts';
import { forPage } from '#app/web/page-failure.ts';

/** A link to the signed record of an incident, as Art. 33 (5) GDPR wants one kept, for whoever shows their PIN. */
export async function action({ request, params }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateExport(request, 'incident');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.incident', pin: pin === '' ? null : pin }));
  const incidentId = params['incidentId'] ?? '';
  // No link leads to what is not there.
  await forPage(() => incidentReport(shopId, incidentId));
  return offerFile(caller, form, { kind: 'incident', fields: { incidentId } });
}
