/** What the API can be asked in the name of people about their own data. */
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import {
  memberPatchSchema,
  privacyCaseCreateSchema,
  privacyCaseSchema,
  subjectDocumentSchema,
} from '#app/contracts/api-privacy.ts';
import { memberSchema, noQuerySchema } from '#app/contracts/api.ts';

export type PrivacyOperationId = 'updateMember' | 'eraseMember' | 'exportMember' | 'openPrivacyCase' | 'getPrivacyCase';

const member = '/api/v1/members/{memberId}';

export const privacyOperations: ApiOperation<PrivacyOperationId>[] = [
  {
    id: 'updateMember',
    tag: 'Privacy',
    method: 'PATCH',
    path: member,
    summary: 'Correct what is known about a member',
    scope: 'privacy:write',
    widerScopes: ['members:pii'],
    query: noQuerySchema,
    body: memberPatchSchema,
    heedsIfMatch: true,
    answers: [{ status: 200, description: 'The member, corrected', schema: memberSchema }],
  },
  {
    id: 'eraseMember',
    tag: 'Privacy',
    method: 'DELETE',
    path: member,
    summary: 'Erase a member: identity goes everywhere, wallets included; the arithmetic stays',
    scope: 'privacy:write',
    query: noQuerySchema,
    body: null,
    heedsIfMatch: true,
    answers: [{ status: 202, description: 'The case, which is worked on at once', schema: privacyCaseSchema }],
  },
  {
    id: 'exportMember',
    tag: 'Privacy',
    method: 'GET',
    path: `${member}/export`,
    summary: 'Everything held about a member, for them to read or to take elsewhere',
    scope: 'privacy:read',
    query: noQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The document', schema: subjectDocumentSchema }],
  },
  {
    id: 'openPrivacyCase',
    tag: 'Privacy',
    method: 'POST',
    path: `${member}/privacy-cases`,
    summary: 'Ask for a copy, erasure, restriction or objection in the name of a member',
    scope: 'privacy:write',
    query: noQuerySchema,
    body: privacyCaseCreateSchema,
    answers: [{ status: 202, description: 'The case, which is worked on at once', schema: privacyCaseSchema }],
  },
  {
    id: 'getPrivacyCase',
    tag: 'Privacy',
    method: 'GET',
    path: '/api/v1/privacy-cases/{caseId}',
    summary: 'How far a case is, with a receipt for each step',
    scope: 'privacy:read',
    query: noQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The case', schema: privacyCaseSchema }],
  },
];
