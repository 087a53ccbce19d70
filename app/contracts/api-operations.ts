/** What the API can be asked, as data: the router, the scopes it demands and the OpenAPI document are all read from here. */
import type { z } from 'zod';

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
import type { ApiScope } from '#app/contracts/api-scopes.ts';

export type ApiOperationId =
  'createMember' | 'listMembers' | 'getMember' | 'getMemberBalance' | 'listMemberLedger' | 'listMemberPasses';

export type ApiOperation = {
  id: ApiOperationId;
  method: 'GET' | 'POST';
  /** With `{memberId}` where the member stands. */
  path: string;
  summary: string;
  scope: ApiScope;
  /** Scopes that make the answer say more. */
  widerScopes: ApiScope[];
  query: z.ZodType;
  body: z.ZodType | null;
  answers: { status: 200 | 201; description: string; schema: z.ZodType }[];
};

const member = '/api/v1/members/{memberId}';

export const apiOperations: ApiOperation[] = [
  {
    id: 'createMember',
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
    method: 'GET',
    path: `${member}/balance`,
    summary: 'A member’s balance in every unit',
    scope: 'ledger:read',
    widerScopes: [],
    query: noQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The balances', schema: balanceSchema }],
  },
  {
    id: 'listMemberLedger',
    method: 'GET',
    path: `${member}/ledger`,
    summary: 'A member’s ledger entries, newest first, with why',
    scope: 'ledger:read',
    widerScopes: [],
    query: ledgerQuerySchema,
    body: null,
    answers: [{ status: 200, description: 'The entries', schema: ledgerSchema }],
  },
  {
    id: 'listMemberPasses',
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
