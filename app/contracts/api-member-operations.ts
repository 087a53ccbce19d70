/** What the API can be asked about members. */
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import {
  balanceSchema,
  ledgerQuerySchema,
  ledgerSchema,
  memberCreateSchema,
  memberListSchema,
  memberQuerySchema,
  memberSchema,
  noQuerySchema,
  passListSchema,
} from '#app/contracts/api.ts';

export type MemberOperationId =
  'createMember' | 'listMembers' | 'getMember' | 'getMemberBalance' | 'listMemberLedger' | 'listMemberPasses';

const member = '/api/v1/members/{memberId}';

export const memberOperations: ApiOperation<MemberOperationId>[] = [
  {
    id: 'createMember',
    tag: 'Members',
    method: 'POST',
    path: '/api/v1/members',
    summary: 'Enroll a member, or find the one this person already is',
    scope: 'members:write',
    widerScopes: ['members:pii'],
    query: noQuerySchema,
    body: memberCreateSchema,
    answers: [
      { status: 201, description: 'Enrolled', schema: memberSchema },
      {
        status: 200,
        description: 'Known already by customer, external id or e-mail; nothing was changed',
        schema: memberSchema,
      },
    ],
  },
  {
    id: 'listMembers',
    tag: 'Members',
    method: 'GET',
    path: '/api/v1/members',
    summary: 'Find a member by customer, e-mail or external id, or list all, newest first',
    scope: 'members:read',
    widerScopes: ['members:pii'],
    query: memberQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The members', schema: memberListSchema }],
  },
  {
    id: 'getMember',
    tag: 'Members',
    method: 'GET',
    path: member,
    summary: 'One member',
    scope: 'members:read',
    widerScopes: ['members:pii'],
    query: noQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The member', schema: memberSchema }],
  },
  {
    id: 'getMemberBalance',
    tag: 'Members',
    method: 'GET',
    path: `${member}/balance`,
    summary: 'A member’s balance in every unit',
    scope: 'ledger:read',
    query: noQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The balances', schema: balanceSchema }],
  },
  {
    id: 'listMemberLedger',
    tag: 'Members',
    method: 'GET',
    path: `${member}/ledger`,
    summary: 'A member’s ledger entries, newest first, with why',
    scope: 'ledger:read',
    query: ledgerQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The entries', schema: ledgerSchema }],
  },
  {
    id: 'listMemberPasses',
    tag: 'Members',
    method: 'GET',
    path: `${member}/passes`,
    summary: 'A member’s passes and how fresh they are',
    scope: 'passes:read',
    widerScopes: ['passes:secret'],
    query: noQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The passes', schema: passListSchema }],
  },
];
