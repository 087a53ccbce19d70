import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { IncidentView } from '#app/components/admin/security/incident-view.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { answerIncident, type IncidentAnswer } from '#app/flows/security/answer-incident.ts';
import { containIncident, type Containment } from '#app/flows/security/contain-incident.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { incidentPage, type RadiusQuestion } from '#app/queries/incident-page.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm, forPage } from '#app/web/page-failure.ts';

const formBytesMax = 16 * 1024;

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'incidents:read');
  const asked = readQuestion(new URL(request.url).searchParams);
  const page = await forPage(() => incidentPage(shopId, params['incidentId'] ?? '', asked));
  return { ...page, canWrite: allows(role, 'incidents:write') };
}

/** Whose reads within which window are asked for; null when the address says nothing, or nothing that could be meant. */
function readQuestion(query: URLSearchParams): RadiusQuestion | null {
  const actor = query.get('reader') ?? '';
  const [from, to] = [timeOf(query.get('from')), timeOf(query.get('to'))];
  return /^[\w:.-]{3,200}$/.test(actor) && from !== null && to !== null && from < to ? { actor, from, to } : null;
}

/** As the browser's field sends it, which knows no zone: the page says UTC. */
function timeOf(text: string | null): Date | null {
  return text !== null && /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? new Date(`${text}:00Z`) : null;
}

const badForm = () => new InvalidInput('bad-form', 'The form asks for nothing we know');

const answers: Record<string, (form: FormData) => IncidentAnswer> = {
  acknowledge: () => ({ kind: 'acknowledge' }),
  note: (form) => ({ kind: 'note', text: textField(form, 'text', 2_001) }),
  breach: () => ({ kind: 'breach', since: null }),
  told: (form) => ({ kind: 'told', who: form.get('who') === 'people' ? 'people' : 'authority' }),
  close: (form) => {
    const controlKind = form.get('controlKind');
    if (controlKind !== 'detector' && controlKind !== 'test' && controlKind !== 'control') throw badForm();
    return { kind: 'close', controlKind, controlText: textField(form, 'controlText', 2_001) };
  },
};

const targets = {
  'throttle-client': 'api:',
  'pause-staff': 'staff:',
  'pause-location': 'location:',
  'challenge-member': 'member:',
} as const;
const isTargeted = (step: string): step is keyof typeof targets => Object.hasOwn(targets, step);

function readStep(form: FormData): Containment {
  const step = textField(form, 'step', 32);
  const target = textField(form, 'target', 64);
  if (step === 'revoke-key') return { kind: step, clientId: target };
  if (step === 'pause-redemptions' || step === 'drop-sessions') return { kind: step };
  if (!isTargeted(step)) throw badForm();
  return { kind: step, subject: `${targets[step]}${target}` };
}

const titles: Record<string, string> = {
  acknowledge: 'You look after it',
  note: 'Noted',
  breach: 'The 72 hours run',
  told: 'Noted',
  close: 'The incident is closed',
};

export async function action({ request, params }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'incidents:write');
  const asked = { shopId, actor, incidentId: params['incidentId'] ?? '' };
  return forForm(async () => {
    const form = await readForm(request, formBytesMax);
    const intent = textField(form, 'intent', 32);
    if (intent === 'contain') {
      const isNew = await containIncident({ ...asked, step: readStep(form), reason: textField(form, 'reason', 500) });
      if (isNew) return { tone: 'success', title: 'It is stopped', isQuiet: true };
      return {
        tone: 'warning',
        title: 'There was nothing to stop',
        details: ['It was stopped before, or does not exist.'],
      };
    }
    const answer = answers[intent];
    if (answer === undefined) throw badForm();
    await answerIncident({ ...asked, answer: answer(form) });
    return { tone: 'success', title: titles[intent] ?? 'Done', isQuiet: true };
  });
}

export default function OneIncidentPage() {
  return <IncidentView {...useLoaderData<typeof loader>()} />;
}
