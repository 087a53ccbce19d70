import type { ActionFunctionArgs } from '@remix-run/node';

import { exportNeeds } from '#app/domain/access/exports.ts';
import { caseFileKinds } from '#app/domain/privacy/case.ts';
import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { takeCaseFile } from '#app/flows/privacy/take-case-file.ts';
import { demandAnswer } from '#app/queries/privacy-case.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { offerFile } from '#app/web/export-files.ts';
import { forPage } from '#app/web/page-failure.ts';

/** A file of a request. A copy of somebody's data is behind a link that works once, for whoever may export and shows their PIN; a certificate names nobody. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateAdmin(request, 'privacy:read');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const kind = caseFileKinds.find((each) => each === textField(form, 'kind', 11)) ?? 'certificate';
  const caseId = textField(form, 'caseId', 36);
  if (kind !== 'certificate') {
    for (const permission of ['exports:create' as const, ...exportNeeds.case]) demandPermission(caller, permission);
    const pin = textField(form, 'pin', 11);
    await forPage(() => requireStepUp({ shopId, actor, action: `privacy.${kind}`, pin: pin === '' ? null : pin }));
    await forPage(() => demandAnswer(shopId, caseId));
    return offerFile(caller, form, { kind: 'case', fields: { caseId, kind } });
  }
  const file = await forPage(() => takeCaseFile({ shopId, caseId, kind, actor }));
  return new Response(file.text, {
    headers: {
      'content-type': file.type,
      'content-disposition': `attachment; filename="${file.name}"`,
      'cache-control': 'no-store',
    },
  });
}
