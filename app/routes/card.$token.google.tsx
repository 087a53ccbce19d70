import { redirect } from '@remix-run/node';
import type { LoaderFunctionArgs } from '@remix-run/node';

import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { forFile } from '#app/web/page-failure.ts';

/** Leads on to Google's own page, where the card is saved. */
export async function loader({ params }: LoaderFunctionArgs) {
  const { saveUrl } = await forFile(() => issueGooglePass({ token: params['token'] ?? '' }));
  return redirect(saveUrl, { headers: { 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' } });
}
