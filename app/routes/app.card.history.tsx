import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { HistoryView } from '#app/components/admin/card/history-view.tsx';
import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { rollBackDesign } from '#app/flows/cards/roll-back-design.ts';
import { cardHistory } from '#app/queries/card-designer.ts';
import { programPage } from '#app/queries/program-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { chosenProgram } from '#app/web/chosen-program.ts';
import { forForm, forPage } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'card:read');
  const [{ shop }, program] = await Promise.all([
    shopOverview(shopId),
    forPage(() => programPage(shopId, chosenProgram(request))),
  ]);
  if (program === null) throw redirect(keepEmbedded('/app/card', new URL(request.url).search));
  return {
    designs: await cardHistory(shopId, program.programId),
    document: program.published?.document ?? program.draft,
    timeZone: shop.timeZone,
  };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'card:publish');
  const program = await forPage(() => programPage(shopId, chosenProgram(request)));
  if (program === null) throw new Response(null, { status: 404 });
  const { programId } = program;
  const number = Number(textField(await request.formData(), 'number', 12));
  return forForm(async () => {
    const back = await rollBackDesign({ shopId, programId, number, actor });
    const title = back.isNew
      ? `Design ${number} is back, as design ${back.number}`
      : `Design ${number} is on the cards already`;
    return { tone: 'success', title, details: ['Cards on phones are redrawn within the next minutes.'] };
  });
}

export default function HistoryRoute() {
  return <HistoryView {...useLoaderData<typeof loader>()} />;
}
