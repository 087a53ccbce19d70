/** A file of a privacy case is taken out: the answer, as a document or a table, or the certificate of what was done. */
import { readCertificate } from '#app/data/privacy/case-progress.ts';
import { findCase, readCaseAnswer } from '#app/data/privacy/cases.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CaseFileKind } from '#app/domain/privacy/case.ts';
import { type PersonalData, subjectCsv } from '#app/domain/privacy/subject-document.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { CaseId, ShopId } from '#app/lib/ids.ts';

export type CaseFile = { name: string; type: string; text: string };

/**
 * Hands out a file of a case and notes in the audit chain who took it. Throws `NotFound` when there is none, for another
 * shop's case, and once an answer was deleted.
 */
export async function takeCaseFile(asked: {
  shopId: ShopId;
  caseId: string;
  kind: CaseFileKind;
  actor: string;
}): Promise<CaseFile> {
  const { shopId, kind, actor } = asked;
  return withShop(shopId, async (tx) => {
    const found = await findCase(tx, asked.caseId);
    const file = found === null ? null : await readFile(tx, found.caseId, kind);
    if (found === null || file === null)
      throw new NotFound('case-file-not-found', 'The case has no such file', {
        publicMessage: 'There is no such file. Copies of data are deleted 30 days after a request was closed.',
      });
    await appendAudit(tx, {
      actor,
      action: `case.download.${kind}`,
      object: `case:${found.caseId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
    return file;
  });
}

async function readFile(tx: Tx, caseId: CaseId, kind: CaseFileKind): Promise<CaseFile | null> {
  if (kind === 'certificate') {
    const certificate = await readCertificate(tx, caseId);
    const text = JSON.stringify(certificate, null, 2);
    return certificate === null ? null : { name: `certificate-${caseId}.json`, type: 'application/json', text };
  }
  const answer = await readCaseAnswer(tx, caseId);
  if (answer === null) return null;
  if (kind === 'json') return { name: `data-${caseId}.json`, type: 'application/json', text: answer };
  const text = subjectCsv(JSON.parse(answer) as PersonalData);
  return { name: `data-${caseId}.csv`, type: 'text/csv; charset=utf-8', text };
}
