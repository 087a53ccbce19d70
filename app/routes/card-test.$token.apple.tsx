import type { LoaderFunctionArgs } from '@remix-run/node';

import { chooseLanguage } from '#app/domain/members/languages.ts';
import { downloadTestCard } from '#app/flows/cards/download-test-card.ts';
import { forFile } from '#app/web/page-failure.ts';

/** A sealed pass of the draft; an iPhone offers to add it at once. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const language = chooseLanguage(request.headers.get('accept-language'));
  const body = await forFile(() => downloadTestCard({ token: params['token'] ?? '', language }));
  return new Response(new Uint8Array(body), {
    headers: {
      'Content-Type': 'application/vnd.apple.pkpass',
      'Content-Disposition': 'attachment; filename="test-card.pkpass"',
      'Cache-Control': 'private, no-store',
      'Referrer-Policy': 'no-referrer',
    },
  });
}
