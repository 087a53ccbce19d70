import { redirect } from '@remix-run/node';
import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { VersionsView } from '#app/components/admin/versions/versions-view.tsx';
import { programPage } from '#app/queries/program-page.ts';
import { programVersions } from '#app/queries/program-versions.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { chosenProgram } from '#app/web/chosen-program.ts';
import { forPage } from '#app/web/page-failure.ts';

const versionsPerPage = 20;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'program:read');
  const { search, searchParams } = new URL(request.url);
  const [{ shop }, program] = await Promise.all([
    shopOverview(shopId),
    forPage(() => programPage(shopId, chosenProgram(request))),
  ]);
  if (program === null) throw redirect(keepEmbedded('/app/program', search));
  const below = Number(searchParams.get('below') ?? Number.NaN);
  const page = { below: Number.isSafeInteger(below) ? below : null, limit: versionsPerPage };
  const { versions, next } = await programVersions(shopId, program.programId, page);
  return { versions, next, isFirstPage: page.below === null, timeZone: shop.timeZone };
}

export default function VersionsPage() {
  return <VersionsView {...useLoaderData<typeof loader>()} />;
}
