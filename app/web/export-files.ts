/** The files that links to exports lead to: made when they are fetched, never stored. */
import {
  exportMark,
  exportNeeds,
  exportReason,
  type ExportKind,
  type ExportOffer,
} from '#app/domain/access/exports.ts';
import { caseFileKinds } from '#app/domain/privacy/case.ts';
import { offerExport } from '#app/flows/access/offer-export.ts';
import { takeEvidencePack } from '#app/flows/continuity/build-evidence-pack.ts';
import { takeCaseFile } from '#app/flows/privacy/take-case-file.ts';
import { csvLine } from '#app/lib/csv.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { type AuditFormat, auditExport } from '#app/queries/audit-export.ts';
import { exportProof, exportRoots } from '#app/queries/consent-page.ts';
import { incidentReport } from '#app/queries/incident-report.ts';
import { type LiabilityCsv, liabilityCsv } from '#app/queries/liability-csv.ts';
import { retentionReport } from '#app/queries/retention-report.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { accessReviewCsv } from '#app/queries/staff-page.ts';
import { textField } from '#app/web/admin-forms.ts';
import { auditFilterOf } from '#app/web/audit-filter.ts';
import { type AdminCaller, authenticateAdmin, demandPermission } from '#app/web/authenticate-admin.ts';
import { forPage } from '#app/web/page-failure.ts';

type Asked = { shopId: ShopId; offer: ExportOffer; at: Date };
type ExportFile =
  | { name: string; mediaType: string; pieces: AsyncGenerator<string> }
  | { name: string; mediaType: string; bytes: Uint8Array };

const csv = 'text/csv; charset=utf-8';
const jsonLines = 'application/x-ndjson; charset=utf-8';
const json = 'application/json; charset=utf-8';
const dayMs = 86_400_000;

/** A table ends with who took it; what is signed stays as it was signed, and has the export's id in its name. */
async function* markedTable(lines: AsyncGenerator<string>, { offer, at }: Asked): AsyncGenerator<string> {
  yield* lines;
  yield csvLine(exportMark(offer, at));
}

async function* once(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}

const signedName = (base: string, { offer }: Asked, ending: string) => `${base}-${offer.exportId}.${ending}`;

async function auditFile(asked: Asked): Promise<ExportFile> {
  const { shopId, offer, at } = asked;
  const { format = 'csv', actor = '', action = '', object = '', from = '', until = '' } = offer.fields;
  const { shop } = await shopOverview(shopId);
  const filter = auditFilterOf({ actor, action, object, from, until }, shop.timeZone);
  const pieces = auditExport(shopId, { filter, format: format as AuditFormat });
  if (format === 'csv') return { name: 'audit.csv', mediaType: csv, pieces: markedTable(pieces, asked) };
  async function* marked(): AsyncGenerator<string> {
    yield* pieces;
    yield `${JSON.stringify({ kind: 'export', mark: exportMark(offer, at) })}\n`;
  }
  return { name: 'audit.jsonl', mediaType: jsonLines, pieces: marked() };
}

async function liabilityFile(asked: Asked): Promise<ExportFile> {
  const { kind = 'months', months = '12' } = asked.offer.fields;
  const pieces = liabilityCsv(asked.shopId, { programId: null, months: Number(months), kind: kind as LiabilityCsv });
  return { name: `liability-${kind}.csv`, mediaType: csv, pieces: markedTable(pieces, asked) };
}

async function staffFile(asked: Asked): Promise<ExportFile> {
  const pieces = markedTable(once(await accessReviewCsv(asked.shopId)), asked);
  return { name: 'staff.csv', mediaType: csv, pieces };
}

async function consentFile(asked: Asked): Promise<ExportFile> {
  const { sequence = '' } = asked.offer.fields;
  const text = sequence === '' ? await exportRoots(asked.shopId) : await proofOf(asked.shopId, Number(sequence));
  const base = sequence === '' ? 'consent-roots' : 'consent-proof';
  return { name: signedName(base, asked, 'jsonl'), mediaType: jsonLines, pieces: once(text) };
}

async function proofOf(shopId: ShopId, sequence: number): Promise<string> {
  const proof = Number.isSafeInteger(sequence) ? await exportProof(shopId, sequence) : null;
  if (proof === null) throw new NotFound('consent-proof', 'No signed root covers that consent yet');
  return `${JSON.stringify(proof)}\n`;
}

async function retentionFile(asked: Asked): Promise<ExportFile> {
  const { shopId, offer, at } = asked;
  const from = new Date(at.getTime() - Number(offer.fields['days'] ?? 1) * dayMs);
  const report = await retentionReport(shopId, { from, until: at });
  return {
    name: signedName('retention-report', asked, 'json'),
    mediaType: json,
    pieces: once(`${JSON.stringify(report, null, 2)}\n`),
  };
}

async function evidenceFile(asked: Asked): Promise<ExportFile> {
  const { shopId, offer, at } = asked;
  const bytes = new Uint8Array(await takeEvidencePack({ shopId, actor: offer.actor, at }));
  return { name: signedName('evidence', asked, 'zip'), mediaType: 'application/zip', bytes };
}

async function incidentFile(asked: Asked): Promise<ExportFile> {
  const report = await incidentReport(asked.shopId, asked.offer.fields['incidentId'] ?? '');
  return {
    name: signedName('incident-report', asked, 'json'),
    mediaType: json,
    pieces: once(`${JSON.stringify(report, null, 2)}\n`),
  };
}

/** A copy of somebody's data is theirs to read and to take elsewhere: it is handed out as it is, under a name that tells the export. */
async function caseFile(asked: Asked): Promise<ExportFile> {
  const { fields, actor } = asked.offer;
  const kind = caseFileKinds.find((each) => each === fields['kind']) ?? 'certificate';
  const file = await takeCaseFile({ shopId: asked.shopId, caseId: fields['caseId'] ?? '', kind, actor });
  return { name: signedName('data', asked, kind), mediaType: file.type, pieces: once(file.text) };
}

const makers: Record<ExportKind, (asked: Asked) => Promise<ExportFile>> = {
  audit: auditFile,
  liability: liabilityFile,
  staff: staffFile,
  consents: consentFile,
  retention: retentionFile,
  evidence: evidenceFile,
  incident: incidentFile,
  case: caseFile,
};

/** The person who asks for a file, if they may have one of this kind. Throws as `authenticateAdmin` does. */
export async function authenticateExport(request: Request, kind: ExportKind): Promise<AdminCaller> {
  const caller = await authenticateAdmin(request, 'exports:create');
  for (const permission of exportNeeds[kind]) demandPermission(caller, permission);
  return caller;
}

/** Answers the admin with the link to a file. The caller has shown their right to it, and their PIN. */
export async function offerFile(
  { shopId, actor }: { shopId: ShopId; actor: string },
  form: FormData,
  { kind, fields }: Pick<ExportOffer, 'kind' | 'fields'>,
): Promise<Response> {
  const reason = textField(form, 'reason', exportReason.lengthMax);
  const url = await forPage(() => offerExport({ shopId, actor, kind, fields, reason }));
  return Response.json({ url }, { headers: { 'cache-control': 'no-store' } });
}

/** Makes the file that was offered. Throws what its maker throws, `NotFound` above all. */
export function makeExport(asked: Asked): Promise<ExportFile> {
  return makers[asked.offer.kind](asked);
}
