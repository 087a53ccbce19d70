/** What the API does in the name of people about their own data. */
import type { PrivacyOperationId } from '#app/contracts/api-privacy-operations.ts';
import { memberPatchSchema, privacyCaseCreateSchema, type PrivacyCaseRecord } from '#app/contracts/api-privacy.ts';
import type { SubjectCaseKind } from '#app/domain/privacy/case.ts';
import { type ApiAnswer, type ApiCall, type ApiHandlers, parse } from '#app/edge/api-call.ts';
import { memberAnswer, withIfMatch } from '#app/edge/api-member-answer.ts';
import { openSubjectCase } from '#app/flows/privacy/open-case.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { privacyCase } from '#app/queries/privacy-case.ts';
import { subjectData } from '#app/queries/subject-data.ts';

const memberOf = ({ parameters }: ApiCall): string => parameters['memberId'] ?? '';

const askedBy = (call: ApiCall) => ({
  shopId: call.caller.shopId,
  memberId: memberOf(call),
  origin: 'api' as const,
  actor: `api:${call.caller.clientId}`,
  request: call.request,
});

async function recordOf(call: ApiCall, caseId: string): Promise<PrivacyCaseRecord> {
  const found = await privacyCase(call.caller.shopId, caseId);
  return {
    id: found.caseId,
    kind: found.kind,
    origin: found.origin,
    status: found.state,
    requestedAt: found.requestedAt.toISOString(),
    dueAt: found.dueAt.toISOString(),
    closedAt: found.closedAt?.toISOString() ?? null,
    receipts: found.receipts,
  };
}

async function open(call: ApiCall, asked: { kind: SubjectCaseKind; seenRevisions?: string[] }): Promise<ApiAnswer> {
  const { caseId } = await openSubjectCase({ ...askedBy(call), ...asked });
  const value = await recordOf(call, caseId);
  return { status: 202, value, headers: { location: `/api/v1/privacy-cases/${caseId}` } };
}

export const privacyHandlers: ApiHandlers<PrivacyOperationId> = {
  updateMember: async (call) => {
    const { name, email, phone, birthday, locale, timeZone } = parse(memberPatchSchema, call.body);
    const details = {
      ...(name != null && { name }),
      ...(email != null && { email }),
      ...(phone != null && { phone }),
      ...(birthday != null && { birthday }),
      ...(locale !== undefined && { locale }),
      ...(timeZone != null && { timeZone }),
    };
    return withIfMatch(call, async (seen) => {
      const { caseId } = await openSubjectCase({ ...askedBy(call), ...seen, kind: 'rectification', details });
      // The caller waits for it; should this process end here, a worker does it.
      await processCase({ shopId: call.caller.shopId, caseId });
      return { status: 200, ...(await memberAnswer(call, memberOf(call))) };
    });
  },
  eraseMember: (call) => withIfMatch(call, (seen) => open(call, { ...seen, kind: 'erasure' })),
  exportMember: async (call) => ({ status: 200, value: await subjectData(call.caller.shopId, memberOf(call)) }),
  openPrivacyCase: (call) => open(call, { kind: parse(privacyCaseCreateSchema, call.body).kind }),
  getPrivacyCase: async (call) => ({ status: 200, value: await recordOf(call, call.parameters['caseId'] ?? '') }),
};
