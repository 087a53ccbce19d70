import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { KeysView } from '#app/components/admin/keys/keys-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { rotateDataKey } from '#app/flows/keys/rotate-data-key.ts';
import { rotateLinkKey } from '#app/flows/keys/rotate-link-key.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { keysPage } from '#app/queries/key-status.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

const formBytesMax = 16 * 1024;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'keys:read');
  const [page, { shop }] = await Promise.all([keysPage(shopId), shopOverview(shopId)]);
  return { ...page, timeZone: shop.timeZone, mayWrite: allows(role, 'keys:write') };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'keys:write');
  return forForm(async () => {
    const form = await readForm(request, formBytesMax);
    const intent = textField(form, 'intent', 32);
    if (intent !== 'rotate-data' && intent !== 'rotate-links')
      throw new InvalidInput('bad-form', 'The form asks for nothing we know');
    const reason = textField(form, 'reason', 200);
    await requireStepUp({ shopId, actor, action: `keys.${intent}`, pin: textField(form, 'pin', 16) });
    const asked = { shopId, actor, reason: reason === '' ? null : reason };
    if (intent === 'rotate-data') {
      await rotateDataKey(asked);
      return { tone: 'success', title: 'The data key is being replaced', isQuiet: true };
    }
    await rotateLinkKey({ ...asked, overlapDays: Number(textField(form, 'overlapDays', 4) || '30') });
    return { tone: 'success', title: 'New links are signed with a new key', isQuiet: true };
  });
}

export default function KeysPage() {
  return <KeysView {...useLoaderData<typeof loader>()} />;
}
