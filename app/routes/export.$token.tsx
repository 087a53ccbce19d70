import type { LoaderFunctionArgs } from '@remix-run/node';

import { takeExport } from '#app/flows/access/take-export.ts';
import { makeExport } from '#app/web/export-files.ts';
import { fileInPieces } from '#app/web/file-in-pieces.ts';
import { forFile } from '#app/web/page-failure.ts';
import { describeStatus, problemMediaType } from '#app/web/problem.ts';

const always = { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Robots-Tag': 'noindex' };

/** The file behind a link of the admin. The link is the key, and is used up by being followed. */
export async function loader({ params, request }: LoaderFunctionArgs): Promise<Response> {
  // Looking ahead, as some mail programs and browsers do, must not use a link up, nor be kept in place of the file.
  const isLook = request.method === 'HEAD' || request.headers.get('sec-purpose')?.startsWith('prefetch') === true;
  if (isLook) return new Response(null, { status: 204, headers: always });
  const taken = await forFile(() => takeExport(params['token'] ?? ''));
  if (taken.kind === 'over') return over();
  const file = await forFile(() => makeExport(taken));
  const response =
    'pieces' in file
      ? await fileInPieces(file.pieces, file)
      : new Response(file.bytes.slice(), {
          headers: {
            'content-type': file.mediaType,
            'content-disposition': `attachment; filename="${file.name}"`,
          },
        });
  for (const [name, value] of Object.entries(always)) response.headers.set(name, value);
  return response;
}

function over(): Response {
  const detail = 'This link was used before, or is too old. Ask for the file again.';
  return new Response(JSON.stringify(describeStatus(410, { code: 'export-over', detail, instance: '/export' })), {
    status: 410,
    headers: { 'content-type': problemMediaType, ...always },
  });
}
