import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateExport, offerFile } from '#app/web/export-files.ts';
import { forPage } from '#app/web/page-failure.ts';

const monthsShown = '12';

/** A link to the report as a file, for whoever shows their PIN. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateExport(request, 'liability');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const kind = form.get('kind') === 'members' ? 'members' : 'months';
  const months = textField(form, 'months', 3) || monthsShown;
  const pin = textField(form, 'pin', 11);
  await forPage(() => requireStepUp({ shopId, actor, action: `exports.${kind}`, pin: pin === '' ? null : pin }));
  return offerFile(caller, form, { kind: 'liability', fields: { kind, months } });
}
