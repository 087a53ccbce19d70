import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';

import type { Setup } from '#app/components/admin/form-shapes.ts';
import { NoProgram, ProgramView } from '#app/components/admin/program-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { applyOutline, outlineOf } from '#app/domain/programs/program-outline.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import { programPage } from '#app/queries/program-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { readOutline, textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request);
  const [{ shop }, program] = await Promise.all([shopOverview(shopId), programPage(shopId)]);
  if (program === null) return null;
  const setup: Setup = {
    currency: shop.currency,
    outline: outlineOf(program.draft, shop.currency),
    document: program.draft,
    design: program.design ?? starterDesign(shop.name),
    places: program.signUpPlaces,
    joinUrl: program.joinUrl,
    joinCode: await qrCodeSvg(program.joinUrl),
    isLive: program.state === 'live',
  };
  const versions = program.versions.map(({ number, publishedAt }) => ({ number, publishedAt }));
  return {
    setup,
    draftRevision: program.draftRevision,
    published: program.published,
    versions,
    timeZone: shop.timeZone,
  };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const owner = await authenticateAdmin(request);
  const [{ shop }, program] = await Promise.all([shopOverview(owner.shopId), programPage(owner.shopId)]);
  if (program === null) throw new Response(null, { status: 404 });
  const form = await request.formData();
  if (form.get('intent') === 'publish') return forForm(() => publish(owner, program.programId));
  const reading = readOutline(form);
  if ('problems' in reading)
    return { tone: 'critical', title: 'Please check the marked fields', problems: reading.problems };
  const document = applyOutline(program.draft, reading.value, shop.currency);
  const chosen = new Set(textField(form, 'places', 100).split(','));
  const signUpPlaces = (['checkout', 'link', 'pos'] as const).filter((place) => chosen.has(place));
  const { shopId, actor } = owner;
  return forForm(async () => {
    await saveProgramDraft({ shopId, programId: program.programId, document, signUpPlaces, actor });
    return { tone: 'success', title: 'Draft saved', details: ['Publish it to make it count.'] };
  });
}

type Owner = Awaited<ReturnType<typeof authenticateAdmin>>;

async function publish({ shopId, actor }: Owner, programId: string): Promise<ActionResult> {
  const { number, warnings } = await publishProgram({ shopId, programId, actor });
  return { tone: warnings.length > 0 ? 'warning' : 'success', title: `Version ${number} is live`, details: warnings };
}

export default function ProgramPage() {
  const data = useLoaderData<typeof loader>();
  const result = useActionData<typeof action>();
  return data === null ? <NoProgram title="Program" /> : <ProgramView {...data} result={result} />;
}
