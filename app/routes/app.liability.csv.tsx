import type { LoaderFunctionArgs } from '@remix-run/node';

import { liabilityCsv } from '#app/queries/liability-csv.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

const monthsShown = 12;

/** The report as a file. It is sent while it is read, so that a large shop never sits in memory. */
export async function loader({ request }: LoaderFunctionArgs): Promise<Response> {
  const { shopId } = await authenticateAdmin(request);
  const { searchParams } = new URL(request.url);
  const kind = searchParams.get('kind') === 'members' ? 'members' : 'months';
  const months = Number(searchParams.get('months') ?? monthsShown);
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
