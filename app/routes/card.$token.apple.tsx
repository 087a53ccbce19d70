import type { LoaderFunctionArgs } from '@remix-run/node';

import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { forPage } from '#app/web/page-failure.ts';

/** The sealed pass itself; an iPhone offers to add it at once. */
export async function loader({ params }: LoaderFunctionArgs) {
  const { body, lastModified } = await forPage(() => downloadApplePass({ token: params['token'] ?? '' }));
  return new Response(new Uint8Array(body), {
    headers: {
      'Content-Type': 'application/vnd.apple.pkpass',
      'Content-Disposition': 'attachment; filename="card.pkpass"',
      'Cache-Control': 'private, no-store',
      'Last-Modified': lastModified.toUTCString(),
      'Referrer-Policy': 'no-referrer',
    },
  });
}
