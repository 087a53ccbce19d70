/** What the API can be asked to book for a member by hand and for events. */
import * as ledger from '#app/contracts/api-ledger.ts';
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import { noQuerySchema } from '#app/contracts/api.ts';

export type LedgerOperationId =
  'createAdjustment' | 'createStamps' | 'createEvent' | 'revokeEvent' | 'createReferralCode';

const member = '/api/v1/members/{memberId}';
const writing = { tag: 'Ledger', method: 'POST', query: noQuerySchema } as const;

export const ledgerOperations: ApiOperation<LedgerOperationId>[] = [
  {
    ...writing,
    id: 'createAdjustment',
    path: `${member}/adjustments`,
    summary: 'Correct a balance by hand, with a reason; never below 0',
    scope: 'ledger:write',
    body: ledger.adjustmentCreateSchema,
    answers: [{ status: 201, description: 'Booked', schema: ledger.bookedEntrySchema }],
  },
  {
    ...writing,
    id: 'createStamps',
    path: `${member}/stamps`,
    summary: 'Give stamps for a visit that is not an order of ours',
    scope: 'ledger:write',
    body: ledger.stampsCreateSchema,
    answers: [
      { status: 201, description: 'Booked', schema: ledger.bookedEntrySchema },
      { status: 200, description: 'Booked before under this reference', schema: ledger.bookedEntrySchema },
    ],
  },
  {
    ...writing,
    id: 'createEvent',
    path: `${member}/events`,
    summary: 'Tell that something happened which the program may give something for',
    scope: 'events:write',
    body: ledger.eventCreateSchema,
    answers: [
      { status: 201, description: 'Recorded', schema: ledger.eventSchema },
      { status: 200, description: 'Recorded before under this key', schema: ledger.eventSchema },
    ],
  },
  {
    ...writing,
    id: 'revokeEvent',
    path: `${member}/events/{eventKey}/revoke`,
    summary: 'Take an event back, and what it brought',
    scope: 'events:write',
    body: null,
    answers: [{ status: 200, description: 'Taken back', schema: ledger.revokedEventSchema }],
  },
  {
    ...writing,
    id: 'createReferralCode',
    path: `${member}/referral-code`,
    summary: 'The code with which a member brings friends; made at first asking, the same ever after',
    scope: 'members:write',
    body: null,
    answers: [{ status: 200, description: 'The code', schema: ledger.referralCodeSchema }],
  },
];
