import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import type { ComponentType } from 'react';

import { CardStep } from '#app/components/admin/wizard/card-step.tsx';
import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import type { Setup, SignUpPlace } from '#app/components/admin/form-shapes.ts';
import { PlacesStep } from '#app/components/admin/wizard/places-step.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { ReviewStep } from '#app/components/admin/wizard/review-step.tsx';
import { RewardStep, RuleStep } from '#app/components/admin/wizard/rule-step.tsx';
import type { StepProps } from '#app/components/admin/wizard/step-props.ts';
import { TemplateStep } from '#app/components/admin/wizard/template-step.tsx';
import { stepAfter, wizardStepOf } from '#app/components/admin/wizard/wizard-steps.ts';
import type { WizardStep } from '#app/components/admin/wizard/wizard-steps.ts';
import { applyOutline, outlineOf, starterOutline } from '#app/domain/programs/program-outline.ts';
import type { ProgramOutline } from '#app/domain/programs/program-outline.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { publishCardDesign } from '#app/flows/cards/publish-card-design.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { acceptAgreement } from '#app/flows/privacy/answer-agreement.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import { programPage } from '#app/queries/program-page.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { shopTrust } from '#app/queries/shop-trust.ts';
import { readDesign, readOutline, textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';

const allPlaces: SignUpPlace[] = ['checkout', 'link', 'pos'];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'setup:write');
  const { search } = new URL(request.url);
  const step = wizardStepOf(params['step']);
  if (step === null) throw redirect(keepEmbedded('/app/welcome/template', search));
  const [{ shop }, program, pendingAgreement] = await Promise.all([
    shopOverview(shopId),
    programPage(shopId),
    pendingAgreementOf(shopId),
  ]);
  // Later steps work on a saved draft; whoever opens one by its address starts at the beginning.
  if (program === null && step !== 'template') throw redirect(keepEmbedded('/app/welcome/template', search));
  const setup = program === null ? newSetup(shop) : savedSetup(shop, program);
  const joinCode = setup.joinUrl !== null && step === 'places' ? await qrCodeSvg(setup.joinUrl) : null;
  return { step, setup: { ...setup, joinCode, pendingAgreement } };
}

type Shop = { name: string; currency: string };

function newSetup({ name, currency }: Shop): Omit<Setup, 'pendingAgreement'> {
  const outline = starterOutline(name);
  const document = applyOutline(null, outline, currency);
  const design = starterDesign(name);
  return { currency, outline, document, design, places: allPlaces, joinUrl: null, joinCode: null, isLive: false };
}

function savedSetup(
  { name, currency }: Shop,
  program: NonNullable<Awaited<ReturnType<typeof programPage>>>,
): Omit<Setup, 'pendingAgreement'> {
  return {
    currency,
    outline: outlineOf(program.draft, currency),
    document: program.draft,
    design: program.design ?? starterDesign(name),
    places: program.signUpPlaces,
    joinUrl: program.joinUrl,
    joinCode: null,
    isLive: program.state === 'live',
  };
}

/** Why a step could not be saved; null when it was. */
type Saved = ActionResult | null;
type Owner = Awaited<ReturnType<typeof authenticateAdmin>>;

export async function action({ request, params }: ActionFunctionArgs) {
  const owner = await authenticateAdmin(request, 'setup:write');
  const step = wizardStepOf(params['step']);
  if (step === null) throw new Response(null, { status: 404 });
  const form = await request.formData();
  const refused = await forForm(() => saveStep(step, form, owner));
  if (refused) return refused;
  const next = stepAfter(step);
  const { search } = new URL(request.url);
  return redirect(keepEmbedded(next === null ? '/app?live=1' : `/app/welcome/${next}`, search));
}

function saveStep(step: WizardStep, form: FormData, owner: Owner): Promise<Saved> {
  if (step === 'card') return saveCard(form, owner);
  if (step === 'places') return savePlaces(form, owner);
  if (step === 'review') return goLive(form, owner);
  return saveOutline(form, owner);
}

const checkFields: Pick<ActionResult, 'tone' | 'title'> = { tone: 'critical', title: 'Please check the marked fields' };

async function saveOutline(form: FormData, owner: Owner): Promise<Saved> {
  const reading = readOutline(form);
  if ('problems' in reading) return { ...checkFields, problems: reading.problems };
  await saveDraft(owner, reading.value, null);
  return null;
}

async function saveDraft(
  { shopId, actor }: Owner,
  outline: ProgramOutline | null,
  places: SignUpPlace[] | null,
): Promise<void> {
  const [{ shop }, program] = await Promise.all([shopOverview(shopId), programPage(shopId)]);
  const edited = outline ?? (program ? outlineOf(program.draft, shop.currency) : starterOutline(shop.name));
  await saveProgramDraft({
    shopId,
    programId: program?.programId ?? null,
    document: applyOutline(program?.draft ?? null, edited, shop.currency),
    signUpPlaces: places ?? program?.signUpPlaces ?? allPlaces,
    actor,
  });
}

async function saveCard(form: FormData, { shopId, actor }: Owner): Promise<Saved> {
  const reading = readDesign(form);
  if ('problems' in reading) return { ...checkFields, problems: reading.problems };
  const program = await programPage(shopId);
  if (program === null) return startAgain;
  await publishCardDesign({ shopId, programId: program.programId, design: reading.value, actor });
  return null;
}

async function savePlaces(form: FormData, owner: Owner): Promise<Saved> {
  const chosen = new Set(textField(form, 'places', 100).split(','));
  await saveDraft(
    owner,
    null,
    allPlaces.filter((place) => chosen.has(place)),
  );
  return null;
}

const startAgain: ActionResult = {
  tone: 'critical',
  title: 'There is no draft yet',
  details: ['Go back to the first step and choose what shoppers collect.'],
};

async function pendingAgreementOf(shopId: ShopId): Promise<number | null> {
  const { agreement, isPending } = await shopTrust(shopId);
  return isPending ? (agreement?.version ?? null) : null;
}

const agreeFirst: ActionResult = {
  tone: 'critical',
  title: 'Please accept the data processing agreement',
  details: ['Members’ data may only be handled under it. Nothing was changed.'],
};

/** Whoever skipped the card step goes live with the design the preview showed. */
async function goLive(form: FormData, { shopId, actor }: Owner): Promise<Saved> {
  const pending = await pendingAgreementOf(shopId);
  if (pending !== null && Number(textField(form, 'agreement', 9)) !== pending) return agreeFirst;
  if (pending !== null) await acceptAgreement({ shopId, version: pending, actor });
  const [{ shop }, program] = await Promise.all([shopOverview(shopId), programPage(shopId)]);
  if (program === null) return startAgain;
  const { programId } = program;
  if (program.design === null) await publishCardDesign({ shopId, programId, design: starterDesign(shop.name), actor });
  await publishProgram({ shopId, programId, actor });
  return null;
}

const screens: Record<WizardStep, ComponentType<StepProps>> = {
  template: TemplateStep,
  rule: RuleStep,
  reward: RewardStep,
  card: CardStep,
  places: PlacesStep,
  review: ReviewStep,
};

export default function WelcomePage() {
  const { step, setup } = useLoaderData<typeof loader>();
  const result = useActionData<typeof action>();
  const Screen = screens[step];
  return <Screen key={step} setup={setup} result={result} />;
}
