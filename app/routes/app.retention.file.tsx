import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { now } from '#app/lib/clock.ts';
import { retentionReport } from '#app/queries/retention-report.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

const dayMs = 86_400_000;
const daysMax = 366;

/** The signed report of what was removed, for whoever shows their PIN. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateAdmin(request, 'exports:create');
  demandPermission(caller, 'privacy:read');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.retention', pin: pin === '' ? null : pin }));
  const days = Math.min(daysMax, Math.max(1, Number(textField(form, 'days', 3)) || 1));
  const until = now();
  const from = new Date(until.getTime() - days * dayMs);
  const report = await forPage(() => retentionReport(shopId, { from, until }));
  return new Response(`${JSON.stringify(report, null, 2)}\n`, {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="retention-report.json"',
      'cache-control': 'no-store',
    },
  });
}
