import type { LoaderFunctionArgs } from '@remix-run/node';

import { Forbidden } from '#app/lib/errors.ts';
import { checkDownload, needsCode, preferencesOwner } from '#app/queries/preference-page.ts';
import { subjectData, subjectDataCsv } from '#app/queries/subject-data.ts';
import { forFile } from '#app/web/page-failure.ts';

/** Everything we hold about the link's owner, as a file. Whoever proved an address needs the code that was mailed there. */
export async function loader({ request, params }: LoaderFunctionArgs): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const isCsv = query.get('format') === 'csv';
  const body = await forFile(async () => {
    const { shopId, memberId } = await preferencesOwner(params['token'] ?? '');
    await checkGrant({ shopId, memberId }, query.get('grant'));
    return isCsv ? subjectDataCsv(shopId, memberId) : JSON.stringify(await subjectData(shopId, memberId), null, 2);
  });
  return new Response(body, {
    headers: {
      'Content-Type': isCsv ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
      'Content-Disposition': `attachment; filename="my-data.${isCsv ? 'csv' : 'json'}"`,
      'Cache-Control': 'private, no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Robots-Tag': 'noindex',
    },
  });
}

async function checkGrant(owner: Awaited<ReturnType<typeof preferencesOwner>>, grant: string | null): Promise<void> {
  if (!(await needsCode(owner))) return;
  const isOpen = grant !== null && (await checkDownload(grant, owner)).isOpen;
  if (!isOpen)
    throw new Forbidden('step_up_required', 'A copy of the data takes a mailed code', {
      publicMessage: 'Ask for a code on your page first.',
    });
}
