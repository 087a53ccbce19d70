import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import type { DraftResult } from '#app/components/admin/program/use-draft.ts';
import { NoProgram, ProgramView } from '#app/components/admin/program/program-view.tsx';
import { applyOutline, starterOutline } from '#app/domain/programs/program-outline.ts';
import { addProgram } from '#app/flows/programs/add-program.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import { programNames } from '#app/queries/program-names.ts';
import { type ProgramPage, programPage } from '#app/queries/program-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { readProgram, textField } from '#app/web/admin-forms.ts';
import { type AdminCaller, authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { chosenProgram } from '#app/web/chosen-program.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm, forPage } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';
import { dayOf } from '#app/web/shop-day.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'program:read');
  const [{ shop }, program, programs] = await Promise.all([
    shopOverview(shopId),
    forPage(() => programPage(shopId, chosenProgram(request))),
    programNames(shopId),
  ]);
  if (program === null) return null;
  return {
    programId: program.programId,
    programs,
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
  const caller = await authenticateAdmin(request, 'program:write');
  const program = await forPage(() => programPage(caller.shopId, chosenProgram(request)));
  if (program === null) throw new Response(null, { status: 404 });
  const added = await forForm(async () => {
    const form = await readForm(request, formBytesMax);
    return form.get('intent') === 'add' ? await addAnother(caller) : await save(caller, program, form);
  });
  if (!('programId' in added)) return added;
  const { search } = new URL(request.url);
  throw redirect(keepEmbedded(`/app/program?program=${added.programId}&part=joining`, search));
}

/** One more program, in draft: what a new one starts with. */
async function addAnother({ shopId, actor }: AdminCaller): Promise<{ programId: string }> {
  const { shop } = await shopOverview(shopId);
  const document = applyOutline(null, { ...starterOutline(shop.name), name: 'Another program' }, shop.currency);
  return addProgram({ shopId, document, signUpPlaces: ['link'], actor });
}

/** Saves the draft, and publishes it when that is asked. Of two who save at once the second hears of the first. */
async function save({ shopId, actor }: AdminCaller, { programId }: ProgramPage, form: FormData): Promise<DraftResult> {
  const reading = readProgram(form);
  if ('problems' in reading)
    return { tone: 'critical', title: 'Please check the marked fields', problems: reading.problems };
  const chosen = new Set(textField(form, 'places', 100).split(','));
  const saved = await saveProgramDraft({
    shopId,
    programId,
    document: reading.value,
    signUpPlaces: (['checkout', 'link', 'pos'] as const).filter((place) => chosen.has(place)),
    expectedRevision: Number(textField(form, 'revision', 12)),
    actor,
  }).catch(ifOvertaken);
  if (saved === null) return overtaken;
  const { draftRevision: revision } = saved;
  if (form.get('intent') !== 'publish') return { tone: 'success', title: 'Draft saved', isQuiet: true, revision };
  const { number, warnings } = await publishProgram({ shopId, programId, draftRevision: revision, actor });
  return {
    tone: warnings.length > 0 ? 'warning' : 'success',
    title: `Version ${number} is live`,
    details: warnings.length > 0 ? warnings : ['It counts for orders from now on.'],
    revision,
  };
}

const overtaken: DraftResult = {
  tone: 'critical',
  title: 'Somebody else saved this draft meanwhile',
  details: ['Yours is still here: save again to replace theirs, or discard yours to see theirs.'],
};

function ifOvertaken(error: unknown): null {
  if (error instanceof Conflict && error.code === 'draft-changed') return null;
  throw error;
}

export default function ProgramPageRoute() {
  const data = useLoaderData<typeof loader>();
  return data === null ? <NoProgram title="Program" /> : <ProgramView key={data.programId} {...data} />;
}
