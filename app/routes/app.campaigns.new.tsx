import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { CampaignEditor } from '#app/components/admin/campaign/campaign-editor.tsx';
import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { newCampaign, suggestedStart } from '#app/domain/campaigns/new-campaign.ts';
import { saveCampaign } from '#app/flows/campaigns/save-campaign.ts';
import { now } from '#app/lib/clock.ts';
import { campaignGround } from '#app/queries/campaign-pages.ts';
import { programPage } from '#app/queries/program-page.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { campaignOfForm, forCampaignForm } from '#app/web/campaign-forms.ts';
import { chosenProgram } from '#app/web/chosen-program.ts';
import { forPage } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'campaigns:write');
  const program = await forPage(() => programPage(shopId, chosenProgram(request)));
  const ground = program === null ? null : await campaignGround(shopId, program.programId);
  if (ground === null) throw redirect(keepEmbedded('/app/program', new URL(request.url).search));
  const at = now();
  return {
    ...ground,
    content: newCampaign(at, ground.timeZone),
    suggestedStart: suggestedStart(at, ground.timeZone),
  };
}

export async function action({ request }: ActionFunctionArgs) {
  const { shopId, actor } = await authenticateAdmin(request, 'campaigns:write');
  const program = await forPage(() => programPage(shopId, chosenProgram(request)));
  if (program === null) throw new Response(null, { status: 404 });
  const form = await request.formData();
  return forCampaignForm(async () => {
    const content = campaignOfForm(form);
    const asked = { shopId, programId: program.programId, campaignId: null, content, expectedRevision: null, actor };
    const { campaignId } = await saveCampaign(asked);
    return redirect(keepEmbedded(`/app/campaigns/${campaignId}`, new URL(request.url).search));
  });
}

export default function NewCampaignPage() {
  return <CampaignEditor saved={null} {...useLoaderData<typeof loader>()} />;
}
