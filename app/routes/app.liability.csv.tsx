import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { liabilityCsv } from '#app/queries/liability-csv.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

const monthsShown = 12;

/** The report as a file, for whoever shows their PIN. It is sent while it is read, so that a large shop never sits in memory. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateAdmin(request, 'exports:create');
  demandPermission(caller, 'reports:read');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const kind = form.get('kind') === 'members' ? 'members' : 'months';
  const months = Number(textField(form, 'months', 3) || monthsShown);
  const pin = textField(form, 'pin', 11);
  await forPage(() => requireStepUp({ shopId, actor, action: `exports.${kind}`, pin: pin === '' ? null : pin }));
  const pieces = liabilityCsv(shopId, { programId: null, months, kind });
  // What is wrong with the request shows before the first piece, while there is still a status to answer with.
  const first = await forPage(() => pieces.next());
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (!first.done) controller.enqueue(encoder.encode(first.value));
    },
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => {
      await pieces.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="liability-${kind}.csv"`,
      'cache-control': 'no-store',
    },
  });
}
