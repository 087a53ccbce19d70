import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { AuditView } from '#app/components/admin/audit/audit-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { allows } from '#app/domain/access/permissions.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { evidencePublicKeys } from '#app/lib/evidence.ts';
import { auditPage } from '#app/queries/audit-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { auditFields, auditFilterOf } from '#app/web/audit-filter.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { forForm } from '#app/web/page-failure.ts';

const recordsPerPage = 50;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, role } = await authenticateAdmin(request, 'audit:read');
  const { searchParams } = new URL(request.url);
  const { shop } = await shopOverview(shopId);
  const fields = auditFields(searchParams);
  const before = /^\d{1,15}$/.exec(searchParams.get('before') ?? '')?.[0] ?? null;
  const page = await auditPage(shopId, {
    filter: auditFilterOf(fields, shop.timeZone),
    before: before === null ? null : Number(before),
    limit: recordsPerPage,
  });
  return {
    ...page,
    filter: fields,
    isFirstPage: before === null,
    canExport: allows(role, 'exports:create'),
    timeZone: shop.timeZone,
    kept: [...searchParams].filter(([name]) => ['shop', 'host', 'embedded', 'locale'].includes(name)),
  };
}

const problemWords: Record<string, string> = {
  missing: 'is missing',
  inserted: 'was put in later',
  'not-linked': 'does not follow the one before it',
  changed: 'was changed',
  'head-differs': 'is not the newest one that was written',
  'differs-from-signed-head': 'is not the one that was signed',
  'month-altered': 'belongs to a month whose signature was altered',
  'month-removed-early': 'belongs to a month that was removed before its time',
};

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId } = await authenticateAdmin(request, 'audit:read');
  return forForm(async () => {
    const { checked, firstBad } = await verifyChain({ shopId, chain: 'audit', publicKeys: evidencePublicKeys() });
    if (firstBad === null)
      return { tone: 'success', title: `All ${checked} records are as they were written` } satisfies ActionResult;
    return {
      tone: 'critical',
      title: `Record ${firstBad.sequence} ${problemWords[firstBad.problem] ?? 'does not verify'}`,
      details: ['Somebody with access to the database altered the log. Keep your exports, and tell your operator.'],
    } satisfies ActionResult;
  });
}

export default function AuditPage() {
  const data = useLoaderData<typeof loader>();
  return <AuditView key={JSON.stringify(data.filter)} {...data} />;
}
