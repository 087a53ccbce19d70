import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { SupportView } from '#app/components/admin/support/support-view.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { grantSupport } from '#app/flows/operators/grant-support.ts';
import { closeShop } from '#app/flows/operators/open-shop.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { supportAccessPage } from '#app/queries/support-access-page.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

const formBytesMax = 8 * 1024;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'security:read');
  const [rows, { shop }] = await Promise.all([supportAccessPage(shopId), shopOverview(shopId)]);
  return { rows, timeZone: shop.timeZone, mayWrite: allows(role, 'security:write') };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request, 'security:write');
  return forForm(async () => {
    const form = await readForm(request, formBytesMax);
    const intent = textField(form, 'intent', 16);
    if (intent === 'end') {
      await closeShop({ shopId, actor, accessId: textField(form, 'accessId', 64) });
      return { tone: 'success', title: 'Ended', isQuiet: true };
    }
    if (intent !== 'grant') throw new InvalidInput('bad-form', 'The form asks for nothing we know');
    const access = {
      reason: textField(form, 'reason', 1_000),
      minutes: Number(textField(form, 'minutes', 6)),
      scopes: textField(form, 'scopes', 200)
        .split(' ')
        .filter((scope) => scope !== ''),
    };
    const done: ActionResult = { tone: 'success', title: 'Support may look in now', isQuiet: true };
    return grantSupport({ shopId, actor, access }).then(() => done, byField);
  });
}

/** Words for single fields stand beside them. */
function byField(error: unknown): ActionResult {
  if (!(error instanceof InvalidInput) || error.issues === undefined) throw error;
  const problems = Object.fromEntries(error.issues.map(({ path, message }) => [path, message]));
  return { tone: 'critical', title: 'Support was not let in', problems };
}

export default function SupportPage() {
  return <SupportView {...useLoaderData<typeof loader>()} />;
}
