import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { CardPage } from '#app/components/admin/card/card-page.tsx';
import type { TestLink } from '#app/components/admin/card/test-card-question.tsx';
import type { SaveAnswer } from '#app/components/admin/card/use-card-draft.ts';
import { NoProgram } from '#app/components/admin/program/program-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { saveCardDraft } from '#app/flows/cards/save-card-draft.ts';
import { startRollout } from '#app/flows/cards/start-rollout.ts';
import { Conflict } from '#app/lib/errors.ts';
import { cardDesigner, testLink } from '#app/queries/card-designer.ts';
import { programNames } from '#app/queries/program-names.ts';
import { type ProgramPage, programPage } from '#app/queries/program-page.ts';
import { jsonField, textField } from '#app/web/admin-forms.ts';
import { type AdminCaller, authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { chosenProgram } from '#app/web/chosen-program.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm, forPage } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'card:read');
  const [program, programs] = await Promise.all([
    forPage(() => programPage(shopId, chosenProgram(request))),
    programNames(shopId),
  ]);
  if (program === null) return null;
  const card = await cardDesigner(shopId, program.programId);
  const document = program.published?.document ?? program.draft;
  return { programId: program.programId, programs, document, ...card };
}

/** A design with every text as long as it may be in every language, percent-encoded. */
const formBytesMax = 400_000;

type Answer = SaveAnswer | TestLink | ActionResult;

export async function action({ request }: ActionFunctionArgs): Promise<Answer> {
  const caller = await authenticateAdmin(request, 'card:write');
  const program = await forPage(() => programPage(caller.shopId, chosenProgram(request)));
  if (program === null) throw new Response(null, { status: 404 });
  const form = await forForm(() => readForm(request, formBytesMax));
  if ('tone' in form) return form;
  const intent = form.get('intent');
  if (intent === 'save') return save(caller, program, form);
  if (intent === 'test') return forForm(() => makeTestLink(caller, program));
  demandPermission(caller, 'card:publish');
  return forForm(() => publish(caller, program, form));
}

async function save({ shopId, actor }: AdminCaller, { programId }: ProgramPage, form: FormData): Promise<SaveAnswer> {
  const answer = await forForm(async (): Promise<SaveAnswer> => {
    const expectedRevision = Number(textField(form, 'revision', 12));
    const design = jsonField(form, 'design');
    try {
      return { kind: 'saved', ...(await saveCardDraft({ shopId, programId, design, expectedRevision, actor })) };
    } catch (error) {
      if (!(error instanceof Conflict) || error.code !== 'draft-changed') throw error;
      return { kind: 'overtaken', revision: (await cardDesigner(shopId, programId)).revision };
    }
  });
  return 'tone' in answer ? { kind: 'refused', title: answer.title } : answer;
}

async function makeTestLink({ shopId }: AdminCaller, { programId }: ProgramPage): Promise<TestLink> {
  const url = await testLink(shopId, programId);
  return { url, code: await qrCodeSvg(url) };
}

async function publish(
  { shopId, actor }: AdminCaller,
  { programId }: ProgramPage,
  form: FormData,
): Promise<ActionResult> {
  const expectedRevision = Number(textField(form, 'revision', 12));
  const isStaged = form.get('pace') !== 'at-once';
  const { kind, number } = await startRollout({ shopId, programId, expectedRevision, isStaged, actor });
  if (kind === 'unchanged')
    return { tone: 'success', title: `Design ${number} is on the cards already`, details: ['Nothing was changed.'] };
  const details = ['Cards on phones are redrawn within the next minutes.'];
  return { tone: 'success', title: `Design ${number} is published`, details };
}

export default function CardRoute() {
  const data = useLoaderData<typeof loader>();
  return data === null ? <NoProgram title="Card" /> : <CardPage key={data.programId} {...data} />;
}
