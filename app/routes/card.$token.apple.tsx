import type { LoaderFunctionArgs } from '@remix-run/node';

import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { forFile } from '#app/web/page-failure.ts';
import { passResponse } from '#app/web/pass-response.ts';

/** The sealed pass itself; an iPhone offers to add it at once. */
export async function loader({ params }: LoaderFunctionArgs) {
  return passResponse(await forFile(() => downloadApplePass({ token: params['token'] ?? '' })));
}
