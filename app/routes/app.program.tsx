import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import type { DraftResult } from '#app/components/admin/program/use-draft.ts';
import { NoProgram, ProgramView } from '#app/components/admin/program-view.tsx';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import { now } from '#app/lib/clock.ts';
import { programPage } from '#app/queries/program-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { readProgram, textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';
import { dayOf } from '#app/web/shop-day.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request);
  const [{ shop }, program] = await Promise.all([shopOverview(shopId), programPage(shopId)]);
  if (program === null) return null;
  return {
    programId: program.programId,
    document: program.draft,
    places: program.signUpPlaces,
    draftRevision: program.draftRevision,
    published: program.published,
    isLive: program.state === 'live',
    currency: shop.currency,
    timeZone: shop.timeZone,
    today: dayOf(now(), shop.timeZone),
    joinUrl: program.joinUrl,
    joinCode: await qrCodeSvg(program.joinUrl),
    part: new URL(request.url).searchParams.get('part'),
  };
}

/** A program with every list as long as it may be, percent-encoded. */
const formBytesMax = 16 * 1024 * 1024;

export async function action({ request }: ActionFunctionArgs): Promise<DraftResult> {
  const { shopId, actor } = await authenticateAdmin(request);
  const program = await programPage(shopId);
  if (program === null) throw new Response(null, { status: 404 });
  return forForm(async () => {
    const form = await readForm(request, formBytesMax);
    const reading = readProgram(form);
    if ('problems' in reading)
      return { tone: 'critical', title: 'Please check the marked fields', problems: reading.problems };
    const chosen = new Set(textField(form, 'places', 100).split(','));
    const { programId } = program;
    const { draftRevision: revision } = await saveProgramDraft({
      shopId,
      programId,
      document: reading.value,
      signUpPlaces: (['checkout', 'link', 'pos'] as const).filter((place) => chosen.has(place)),
      expectedRevision: Number(textField(form, 'revision', 12)),
      actor,
    });
    if (form.get('intent') !== 'publish') return { tone: 'success', title: 'Draft saved', isQuiet: true, revision };
    const { number, warnings } = await publishProgram({ shopId, programId, draftRevision: revision, actor });
    return {
      tone: warnings.length > 0 ? 'warning' : 'success',
      title: `Version ${number} is live`,
      details: warnings.length > 0 ? warnings : ['It counts for orders from now on.'],
      revision,
    };
  });
}

export default function ProgramPage() {
  const data = useLoaderData<typeof loader>();
  return data === null ? <NoProgram title="Program" /> : <ProgramView key={data.programId} {...data} />;
}
