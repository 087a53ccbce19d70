import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { SimulateView } from '#app/components/admin/simulation/simulate-view.tsx';
import { cancelSimulation } from '#app/flows/programs/cancel-simulation.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { startSimulation } from '#app/flows/programs/start-simulation.ts';
import { programPage } from '#app/queries/program-page.ts';
import { draftChanges } from '#app/queries/program-versions.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { latestSimulation } from '#app/queries/simulation-result.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { chosenProgram } from '#app/web/chosen-program.ts';
import { forForm, forPage } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'program:read');
  const [{ shop }, program] = await Promise.all([
    shopOverview(shopId),
    forPage(() => programPage(shopId, chosenProgram(request))),
  ]);
  if (program === null) throw redirect(keepEmbedded('/app/program', new URL(request.url).search));
  const { programId, draft, published, draftRevision } = program;
  const [simulation, changes] = await Promise.all([
    latestSimulation(shopId, programId),
    draftChanges(shopId, programId),
  ]);
  return {
    document: draft,
    published: published?.document ?? null,
    draftRevision,
    changes,
    simulation,
    currency: shop.currency,
    timeZone: shop.timeZone,
  };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult | null> {
  const caller = await authenticateAdmin(request, 'program:write');
  const { shopId, actor } = caller;
  const program = await forPage(() => programPage(shopId, chosenProgram(request)));
  if (program === null) throw new Response(null, { status: 404 });
  const { programId } = program;
  const form = await request.formData();
  const intent = form.get('intent');
  if (intent === 'publish') demandPermission(caller, 'program:publish');
  return forForm(async () => {
    if (intent === 'cancel') {
      await cancelSimulation({ shopId, programId, simulationId: textField(form, 'simulationId', 64), actor });
      return null;
    }
    if (intent === 'publish') {
      const draftRevision = Number(textField(form, 'revision', 12));
      const { number, warnings } = await publishProgram({ shopId, programId, draftRevision, actor });
      const details = warnings.length > 0 ? warnings : ['It counts for orders from now on.'];
      return { tone: warnings.length > 0 ? 'warning' : 'success', title: `Version ${number} is live`, details };
    }
    await startSimulation({ shopId, programId, document: null, orders: Number(textField(form, 'orders', 12)), actor });
    return null;
  });
}

export default function SimulatePage() {
  return <SimulateView {...useLoaderData<typeof loader>()} />;
}
