import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { takeEvidencePack } from '#app/flows/continuity/build-evidence-pack.ts';
import { now } from '#app/lib/clock.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

/** The archive for an auditor, of this shop, for whoever shows their PIN. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateAdmin(request, 'exports:create');
  demandPermission(caller, 'trust:read');
  const { shopId, actor } = caller;
  const pin = textField(await request.formData(), 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.evidence', pin: pin === '' ? null : pin }));
  const archive = await forPage(() => takeEvidencePack({ shopId, actor, at: now() }));
  return new Response(new Uint8Array(archive), {
    headers: {
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="evidence.zip"',
      'cache-control': 'no-store',
    },
  });
}
