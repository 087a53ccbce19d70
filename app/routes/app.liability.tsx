import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { LiabilityView } from '#app/components/admin/liability/liability-view.tsx';
import { liabilityReport } from '#app/queries/liability-report.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

const monthsShown = 12;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'reports:read');
  const months = Number(new URL(request.url).searchParams.get('months') ?? monthsShown);
  return { ...(await forPage(() => liabilityReport(shopId, { programId: null, months }))), months };
}

export default function LiabilityPage() {
  return <LiabilityView {...useLoaderData<typeof loader>()} />;
}
