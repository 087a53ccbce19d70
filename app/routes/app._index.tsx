import { redirect } from '@remix-run/node';
import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { HomeView } from '#app/components/admin/home/home-view.tsx';
import { freshnessFigures } from '#app/queries/freshness-page.ts';
import { programPage } from '#app/queries/program-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { shopTrust } from '#app/queries/shop-trust.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'home:read');
  const { search, searchParams } = new URL(request.url);
  const [overview, program, freshness, { isPending }] = await Promise.all([
    shopOverview(shopId),
    programPage(shopId),
    freshnessFigures(shopId),
    shopTrust(shopId),
  ]);
  if (!overview.onboarding.isLive) throw redirect(keepEmbedded('/app/welcome/template', search));
  return {
    shopName: overview.shop.name,
    timeZone: overview.shop.timeZone,
    counts: overview.counts,
    days: overview.series,
    freshness,
    attention: { ...overview.attention, isAgreementPending: isPending },
    joining:
      program === null
        ? null
        : {
            url: program.joinUrl,
            code: await qrCodeSvg(program.joinUrl),
            document: program.published?.document ?? program.draft,
            design: program.design,
          },
    justWentLive: searchParams.has('live'),
  };
}

export default function HomePage() {
  return <HomeView {...useLoaderData<typeof loader>()} />;
}
