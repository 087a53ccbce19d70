import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { MembersView } from '#app/components/admin/member/members-view.tsx';
import { listMembers } from '#app/queries/list-members.ts';
import { programPage } from '#app/queries/program-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';

const membersPerPage = 50;
const searchLengthMax = 254;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'members:read');
  const { searchParams } = new URL(request.url);
  const search = (searchParams.get('search') ?? '').trim().slice(0, searchLengthMax);
  const cursor = searchParams.get('cursor');
  const [page, { shop }, program] = await Promise.all([
    listMembers(shopId, {
      limit: membersPerPage,
      ...(search === '' ? {} : { search }),
      ...(cursor === null ? {} : { cursor }),
    }),
    shopOverview(shopId),
    programPage(shopId),
  ]);
  return {
    ...page,
    search,
    isFirstPage: cursor === null,
    timeZone: shop.timeZone,
    joinUrl: program?.joinUrl ?? null,
    kept: [...searchParams].filter(([name]) => ['shop', 'host', 'embedded', 'locale'].includes(name)),
  };
}

export default function MembersPage() {
  const data = useLoaderData<typeof loader>();
  return <MembersView key={data.search} {...data} />;
}
