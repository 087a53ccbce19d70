import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { ConsentsView } from '#app/components/admin/consents/consents-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { chooseDoubleOptIn } from '#app/flows/privacy/choose-double-opt-in.ts';
import { closeActivityReport } from '#app/flows/privacy/report-activity.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { evidencePublicKeys } from '#app/lib/evidence.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { consentPage } from '#app/queries/consent-page.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'privacy:read');
  return {
    ...(await consentPage(shopId)),
    canWrite: allows(role, 'privacy:write'),
    canExport: allows(role, 'exports:create'),
  };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const caller = await authenticateAdmin(request, 'privacy:read');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const intent = textField(form, 'intent', 32);
  if (intent === 'verify') return verify(shopId);
  demandPermission(caller, 'privacy:write');
  return forForm(async () => {
    if (intent === 'close-report') {
      await closeActivityReport({ shopId, reportId: textField(form, 'reportId', 64), actor });
      return { tone: 'success', title: 'The report is closed' };
    }
    await chooseDoubleOptIn({ shopId, choice: textField(form, 'choice', 32), actor });
    return { tone: 'success', title: 'Saved' };
  });
}

async function verify(shopId: ShopId): Promise<ActionResult> {
  const { checked, firstBad } = await verifyChain({ shopId, chain: 'consent', publicKeys: evidencePublicKeys() });
  return firstBad === null
    ? { tone: 'success', title: `All ${checked} consents are as they were written and signed` }
    : {
        tone: 'critical',
        title: `Consent ${firstBad.sequence} is not as it was written: ${firstBad.problem}`,
        details: ['Somebody changed the database behind the app. Open an incident, and compare with a backup.'],
      };
}

export default function ConsentsPage() {
  return <ConsentsView {...useLoaderData<typeof loader>()} />;
}
