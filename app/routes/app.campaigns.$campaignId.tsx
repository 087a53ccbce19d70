import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { CampaignEditor } from '#app/components/admin/campaign/campaign-editor.tsx';
import { CampaignProgress } from '#app/components/admin/campaign/campaign-progress.tsx';
import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { suggestedStart } from '#app/domain/campaigns/new-campaign.ts';
import { deleteCampaign, saveCampaign } from '#app/flows/campaigns/save-campaign.ts';
import { continueCampaign, pauseCampaign, startCampaign, stopCampaign } from '#app/flows/campaigns/steer-campaign.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { forecastCampaign } from '#app/queries/campaign-forecast.ts';
import { campaignGround, campaignPage } from '#app/queries/campaign-pages.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { campaignOfForm, forCampaignForm } from '#app/web/campaign-forms.ts';
import { forPage } from '#app/web/page-failure.ts';

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'campaigns:read');
  const campaign = await forPage(() => campaignPage(shopId, params['campaignId'] ?? ''));
  const ground = await campaignGround(shopId, campaign.programId);
  if (ground === null) throw redirect(keepEmbedded('/app/program', new URL(request.url).search));
  return { campaign, ground, suggestedStart: suggestedStart(now(), ground.timeZone) };
}

const steers = {
  pause: { flow: pauseCampaign, title: 'The campaign is held' },
  continue: { flow: continueCampaign, title: 'The campaign goes on' },
  stop: { flow: stopCampaign, title: 'The campaign is stopped, and the message leaves the cards' },
} as const;

const isSteer = (intent: string): intent is keyof typeof steers => Object.hasOwn(steers, intent);

export async function action({ request, params }: ActionFunctionArgs) {
  const caller = await authenticateAdmin(request, 'campaigns:write');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const intent = textField(form, 'intent', 20);
  if (intent === 'start' || isSteer(intent)) demandPermission(caller, 'campaigns:send');
  const asked = { shopId, campaignId: params['campaignId'] ?? '', actor };
  return forCampaignForm(async () => {
    if (isSteer(intent)) {
      await steers[intent].flow(asked);
      return { tone: 'success' as const, title: steers[intent].title };
    }
    if (intent === 'delete') {
      await deleteCampaign(asked);
      return redirect(keepEmbedded('/app/campaigns', new URL(request.url).search));
    }
    return keep(asked, form, intent);
  });
}

/** What is started or forecast is what stands in the form: it is saved first. */
async function keep(asked: { shopId: ShopId; campaignId: string; actor: string }, form: FormData, intent: string) {
  const { programId } = await campaignPage(asked.shopId, asked.campaignId);
  const expectedRevision = Number(textField(form, 'revision', 12));
  const saved = await saveCampaign({ ...asked, programId, content: campaignOfForm(form), expectedRevision });
  if (intent === 'forecast') {
    const forecast = await forecastCampaign(asked.shopId, asked.campaignId);
    return { tone: 'success' as const, title: 'Saved', isQuiet: true, forecast };
  }
  if (intent === 'start') {
    await startCampaign({ ...asked, expectedRevision: saved.revision });
    return { tone: 'success' as const, title: 'The campaign is started' };
  }
  return { tone: 'success' as const, title: 'Saved', isQuiet: true };
}

export default function CampaignPage() {
  const { campaign, ground, suggestedStart: start } = useLoaderData<typeof loader>();
  if (campaign.state !== 'draft') return <CampaignProgress campaign={campaign} timeZone={ground.timeZone} />;
  return (
    <CampaignEditor
      key={campaign.campaignId}
      saved={campaign}
      content={campaign.content}
      {...ground}
      suggestedStart={start}
    />
  );
}
