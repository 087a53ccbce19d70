import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { exportProof, exportRoots } from '#app/queries/consent-page.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

/** All signed roots, or with `sequence` the proof that this one consent is under a signed root. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateAdmin(request, 'exports:create');
  demandPermission(caller, 'privacy:read');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.consents', pin: pin === '' ? null : pin }));
  const sequence = textField(form, 'sequence', 16);
  const body = await forPage(() => (sequence === '' ? exportRoots(shopId) : proofOf(shopId, Number(sequence))));
  return new Response(body, {
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="consent-${sequence === '' ? 'roots' : 'proof'}.jsonl"`,
      'cache-control': 'no-store',
    },
  });
}

async function proofOf(shopId: ShopId, sequence: number): Promise<string> {
  const proof = Number.isSafeInteger(sequence) ? await exportProof(shopId, sequence) : null;
  if (proof === null) throw new NotFound('consent-proof', 'No signed root covers that consent yet');
  return `${JSON.stringify(proof)}\n`;
}
