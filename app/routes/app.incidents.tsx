import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { IncidentsView } from '#app/components/admin/security/incidents-view.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { severities } from '#app/domain/security/detectors.ts';
import { openIncident } from '#app/flows/security/open-incident.ts';
import { incidentsPage } from '#app/queries/incident-page.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

const formBytesMax = 16 * 1024;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'incidents:read');
  return { ...(await incidentsPage(shopId)), canWrite: allows(role, 'incidents:write') };
}

export async function action({ request }: ActionFunctionArgs) {
  const { shopId, actor } = await authenticateAdmin(request, 'incidents:write');
  return forForm(async () => {
    const form = await readForm(request, formBytesMax);
    const wanted = textField(form, 'severity', 16);
    const severity = severities.find((one) => one === wanted) ?? 'high';
    const { incidentId } = await openIncident({
      shopId,
      actor,
      severity,
      description: textField(form, 'description', 2_000),
    });
    return redirect(keepEmbedded(`/app/incidents/${incidentId}`, new URL(request.url).search));
  });
}

export default function IncidentsPage() {
  return <IncidentsView {...useLoaderData<typeof loader>()} />;
}
