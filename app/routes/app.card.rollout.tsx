import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { RolloutView } from '#app/components/admin/card/rollout-view.tsx';
import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { advanceRollout } from '#app/flows/cards/advance-rollout.ts';
import { pauseRollout } from '#app/flows/cards/pause-rollout.ts';
import { stopRollout } from '#app/flows/cards/stop-rollout.ts';
import { cardRollout } from '#app/queries/card-rollout.ts';
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
  return { rollout: await cardRollout(shopId, program.programId), timeZone: shop.timeZone };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult | null> {
  const { shopId, actor } = await authenticateAdmin(request, 'card:publish');
  const form = await request.formData();
  const asked = { shopId, rolloutId: textField(form, 'rolloutId', 64), actor };
  const intent = form.get('intent');
  return forForm(async () => {
    if (intent === 'pause' || intent === 'continue') await pauseRollout({ ...asked, isPaused: intent === 'pause' });
    else if (intent === 'back') await stopRollout(asked);
    else if (intent === 'step') await advanceRollout({ ...asked, percent: Number(textField(form, 'percent', 3)) });
    return null;
  });
}

export default function RolloutRoute() {
  return <RolloutView {...useLoaderData<typeof loader>()} />;
}
