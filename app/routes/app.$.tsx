import { data, type LoaderFunctionArgs } from '@remix-run/node';

import { NoSuchPage } from '#app/components/admin/page-error.tsx';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';

/** Whoever is no merchant is not told which addresses there are. */
export async function loader({ request }: LoaderFunctionArgs) {
  await authenticateAdmin(request, 'home:read');
  return data(null, { status: 404 });
}

export default function NothingHere() {
  return <NoSuchPage />;
}
