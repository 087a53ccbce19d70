import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { incidentReport } from '#app/queries/incident-report.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

/** The signed record of an incident, as Art. 33 (5) GDPR wants one kept, for whoever shows their PIN. */
export async function action({ request, params }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateAdmin(request, 'exports:create');
  demandPermission(caller, 'incidents:read');
  const { shopId, actor } = caller;
  const pin = textField(await request.formData(), 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.incident', pin: pin === '' ? null : pin }));
  const report = await forPage(() => incidentReport(shopId, params['incidentId'] ?? ''));
  return new Response(`${JSON.stringify(report, null, 2)}\n`, {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="incident-report.json"',
      'cache-control': 'no-store',
    },
  });
}
