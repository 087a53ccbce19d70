import type { ActionFunctionArgs } from '@remix-run/node';

import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { type AuditFormat, auditExport } from '#app/queries/audit-export.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { auditFields, auditFilterOf } from '#app/web/audit-filter.ts';
import { authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { fileInPieces } from '#app/web/file-in-pieces.ts';
import { forPage } from '#app/web/page-failure.ts';

const mediaTypes: Record<AuditFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
};

/** The log as a file, for whoever shows their PIN. It is sent while it is read. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const caller = await authenticateAdmin(request, 'exports:create');
  demandPermission(caller, 'audit:read');
  const { shopId, actor } = caller;
  const form = await request.formData();
  const pin = textField(form, 'pin', 13);
  await forPage(() => requireStepUp({ shopId, actor, action: 'exports.audit', pin: pin === '' ? null : pin }));
  const format: AuditFormat = form.get('format') === 'jsonl' ? 'jsonl' : 'csv';
  const { shop } = await shopOverview(shopId);
  const filter = auditFilterOf(auditFields(form), shop.timeZone);
  return fileInPieces(auditExport(shopId, { filter, format }), {
    mediaType: mediaTypes[format],
    name: `audit.${format}`,
  });
}
