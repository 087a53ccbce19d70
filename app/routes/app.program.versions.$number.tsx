import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { VersionView } from '#app/components/admin/versions/version-view.tsx';
import { programDiff } from '#app/domain/programs/program-diff.ts';
import { rollBackProgram } from '#app/flows/programs/roll-back-program.ts';
import { programPage } from '#app/queries/program-page.ts';
import { programVersion } from '#app/queries/program-versions.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { chosenProgram } from '#app/web/chosen-program.ts';
import { forForm, forPage } from '#app/web/page-failure.ts';

function numberOf(text: string | undefined): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1 || number > 1_000_000_000) throw new Response(null, { status: 404 });
  return number;
}

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'program:read');
  const number = numberOf(params['number']);
  const [{ shop }, program] = await Promise.all([
    shopOverview(shopId),
    forPage(() => programPage(shopId, chosenProgram(request))),
  ]);
  if (program === null) throw redirect(keepEmbedded('/app/program', new URL(request.url).search));
  const { changes: _changes, ...version } = await forPage(() => programVersion(shopId, program.programId, number));
  const live = program.published?.document;
  return {
    version,
    changesBack: live === undefined ? [] : programDiff(live, version.document, shop.currency),
    currency: shop.currency,
    timeZone: shop.timeZone,
  };
}

export async function action({ request, params }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'program:publish');
  const number = numberOf(params['number']);
  const program = await forPage(() => programPage(shopId, chosenProgram(request)));
  if (program === null) throw new Response(null, { status: 404 });
  return forForm(async () => {
    const published = await rollBackProgram({ shopId, programId: program.programId, number, actor });
    if (!published.isNew)
      return { tone: 'success', title: 'This version is live already', details: ['Nothing had to be published.'] };
    return {
      tone: published.warnings.length > 0 ? 'warning' : 'success',
      title: `Version ${published.number} is live, with the rules of version ${number}`,
      details: [...published.warnings, 'It counts for orders from now on.'],
    };
  });
}

export default function VersionPage() {
  const data = useLoaderData<typeof loader>();
  return <VersionView key={data.version.number} {...data} />;
}
