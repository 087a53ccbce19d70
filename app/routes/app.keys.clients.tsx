import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import type { ClientResult } from '#app/components/admin/api-clients/api-client-shapes.ts';
import { ApiClientsView } from '#app/components/admin/api-clients/api-clients-view.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { changeApiClient } from '#app/flows/api/change-api-client.ts';
import { createApiClient } from '#app/flows/api/create-api-client.ts';
import { revokeApiClient } from '#app/flows/api/revoke-api-client.ts';
import { rotateApiSecret } from '#app/flows/api/rotate-api-secret.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { apiClientsPage } from '#app/queries/api-clients-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { readClientTerms } from '#app/web/api-client-forms.ts';
import { type AdminCaller, authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

const formBytesMax = 32 * 1024;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'keys:read');
  const [page, { shop }] = await Promise.all([apiClientsPage(shopId), shopOverview(shopId)]);
  return { ...page, timeZone: shop.timeZone, mayWrite: allows(role, 'keys:write') };
}

type Change = (caller: AdminCaller, form: FormData) => Promise<ClientResult>;

const clientIdOf = (form: FormData) => textField(form, 'clientId', 64);

/** What makes or widens access, each only with the PIN of who does it. */
const guarded: Record<string, Change> = {
  create: async ({ shopId, actor }, form) => {
    const isPairwise = textField(form, 'isPairwise', 3) === 'yes';
    const shown = await createApiClient({ shopId, actor, terms: readClientTerms(form), isPairwise });
    return { tone: 'success', title: 'The client is made', isQuiet: true, shown };
  },
  change: async ({ shopId, actor }, form) => {
    await changeApiClient({ shopId, actor, clientId: clientIdOf(form), terms: readClientTerms(form) });
    return { tone: 'success', title: 'Saved. It holds from its next call on', isQuiet: true };
  },
  rotate: async ({ shopId, actor }, form) => {
    const clientId = clientIdOf(form);
    const overlapHours = Number(textField(form, 'overlapHours', 4));
    const { secret } = await rotateApiSecret({ shopId, actor, clientId, overlapHours });
    return { tone: 'success', title: 'The new secret is made', isQuiet: true, shown: { clientId, secret } };
  },
};

/** Shutting out must be quick: it asks for no PIN. */
const revoke: Change = async ({ shopId, actor }, form) => {
  const reason = textField(form, 'reason', 200);
  await revokeApiClient({
    shopId,
    actor,
    clientId: clientIdOf(form),
    reason: reason === '' ? 'no reason given' : reason,
  });
  return { tone: 'success', title: 'The client is revoked', isQuiet: true };
};

export async function action({ request }: ActionFunctionArgs): Promise<ClientResult> {
  const caller = await authenticateAdmin(request, 'keys:write');
  return forForm(async () => {
    const form = await readForm(request, formBytesMax);
    const intent = textField(form, 'intent', 16);
    if (intent === 'revoke') return revoke(caller, form);
    const change = Object.hasOwn(guarded, intent) ? guarded[intent] : undefined;
    if (change === undefined) throw new InvalidInput('bad-form', 'The form asks for nothing we know');
    const { shopId, actor } = caller;
    await requireStepUp({ shopId, actor, action: `api-client.${intent}`, pin: textField(form, 'pin', 11) });
    return change(caller, form).catch(byField);
  });
}

/** Words for single fields stand beside them. */
function byField(error: unknown): ClientResult {
  if (!(error instanceof InvalidInput) || error.issues === undefined) throw error;
  const problems = Object.fromEntries(error.issues.map(({ path, message }) => [path, message]));
  return {
    tone: 'critical',
    title: 'This client cannot be saved like that',
    details: Object.values(problems),
    problems,
  };
}

export default function ApiClientsPage() {
  return <ApiClientsView {...useLoaderData<typeof loader>()} />;
}
