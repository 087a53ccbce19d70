import type { ActionFunctionArgs } from '@remix-run/node';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { memberPatchSchema } from '#app/contracts/api-privacy.ts';
import { caseReasons, type CaseReason, subjectCaseKinds, type SubjectCaseKind } from '#app/domain/privacy/case.ts';
import { liftRestriction } from '#app/flows/privacy/lift-restriction.ts';
import { openSubjectCase } from '#app/flows/privacy/open-case.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';

type Asked = { shopId: ShopId; memberId: string; actor: string; reason: CaseReason };

const opened: Record<SubjectCaseKind, string> = {
  access: 'The copy of their data is ready to be downloaded.',
  portability: 'The copy of their data is ready to be downloaded.',
  rectification: 'The details are corrected, on their cards too.',
  erasure: 'The member is being erased. The certificate will be here and on the Privacy page.',
  restriction: 'The data is kept from now on and not used.',
  objection: 'Marketing and profiling have ended.',
};

/** What a member asked the shop to do with their data. */
export async function action({ request, params }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'privacy:write');
  const memberId = params['memberId'] ?? '';
  if (!isId(memberId)) throw new Response(null, { status: 404 });
  const form = await request.formData();
  const reason = caseReasons.find((each) => each === textField(form, 'reason', 24));
  if (reason === undefined) return { tone: 'critical', title: 'Say why this is done.' };
  const asked = { shopId, memberId, actor, reason };
  const intent = textField(form, 'intent', 16);
  if (intent === 'lift-restriction') return forForm(() => lift(asked));
  const kind = subjectCaseKinds.find((each) => each === intent);
  return kind === undefined
    ? { tone: 'critical', title: 'Choose what the member asked for.' }
    : forForm(() => open(asked, kind, form));
}

async function open(asked: Asked, kind: SubjectCaseKind, form: FormData): Promise<ActionResult> {
  if (kind === 'erasure' && textField(form, 'confirmed', 3) !== 'yes')
    return { tone: 'critical', title: 'Confirm that this cannot be undone.' };
  const corrections = kind === 'rectification' ? memberPatchSchema.safeParse(correctionsOf(form)) : null;
  if (corrections?.success === false) return describeProblems(corrections.error);
  const details = corrections === null ? {} : { details: correctionsOf(form) };
  const { caseId } = await openSubjectCase({ ...asked, kind, origin: 'merchant', ...details });
  // What is small is done while the person at the screen waits; should this process end here, a worker does it.
  if (kind !== 'erasure') await processCase({ shopId: asked.shopId, caseId });
  return { tone: 'success', title: opened[kind] };
}

const problems: Record<string, string> = {
  name: 'Enter the name on one line.',
  email: 'Enter an address such as name@example.com.',
  phone: 'Enter a phone number, with its country code.',
  birthday: 'Enter month and day, such as 02-29.',
};

function describeProblems(error: { issues: { path: PropertyKey[] }[] }): ActionResult {
  const fields = error.issues.map(({ path }) => String(path[0] ?? ''));
  const known = Object.fromEntries(fields.flatMap((field) => (problems[field] ? [[field, problems[field]]] : [])));
  return { tone: 'critical', title: 'Enter at least one thing to correct, and check what is marked.', problems: known };
}

/** Fields that were left empty stay as they are. */
function correctionsOf(form: FormData): Record<string, string> {
  const fields = { name: 120, email: 254, phone: 32, birthday: 5 };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, lengthMax]) => {
      const text = textField(form, name, lengthMax);
      return text === '' ? [] : [[name, text]];
    }),
  );
}

async function lift(asked: Asked): Promise<ActionResult> {
  const { kind } = await liftRestriction(asked);
  return kind === 'lifted'
    ? { tone: 'success', title: 'The data is used again. What was bought meanwhile has been counted.' }
    : { tone: 'warning', title: 'There was no restriction any more.' };
}
