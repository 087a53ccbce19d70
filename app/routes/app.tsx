import type { HeadersFunction, LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Outlet, useLoaderData, useRouteLoaderData } from '@remix-run/react';
import polarisStyles from '@shopify/polaris/build/esm/styles.css?url';

import adminStyles from '#app/components/admin/admin.css?url';
import { AdminFrame } from '#app/components/admin/admin-frame.tsx';
import { PageError } from '#app/components/admin/page-error.tsx';
import previewStyles from '#app/components/card/card-preview.css?url';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

export const handle = { surface: 'admin' };

export const meta: MetaFunction = () => [{ title: 'Stampwell' }];

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: polarisStyles },
  { rel: 'stylesheet', href: previewStyles },
  { rel: 'stylesheet', href: adminStyles },
];

export async function loader({ request }: LoaderFunctionArgs) {
  const { role } = await forPage(() => authenticateAdmin(request, 'home:read'));
  return { role };
}

/** A refusal keeps the headers that tell App Bridge to fetch a fresh token and try again. */
export const headers: HeadersFunction = ({ errorHeaders, loaderHeaders }) => errorHeaders ?? loaderHeaders;

export default function AdminPages() {
  const { role } = useLoaderData<typeof loader>();
  return (
    <AdminFrame role={role}>
      <Outlet />
    </AdminFrame>
  );
}

export function ErrorBoundary() {
  return (
    <AdminFrame role={useRouteLoaderData<typeof loader>('routes/app')?.role ?? null}>
      <PageError />
    </AdminFrame>
  );
}
