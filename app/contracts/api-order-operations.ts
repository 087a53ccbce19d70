/** What the API can be asked about carts and orders. */
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import * as orders from '#app/contracts/api-orders.ts';
import { noQuerySchema } from '#app/contracts/api.ts';

export type OrderOperationId = 'createEstimate' | 'submitOrder' | 'getOrder' | 'claimOrder';

const shared = { tag: 'Orders', query: noQuerySchema } as const;

export const orderOperations: ApiOperation<OrderOperationId>[] = [
  {
    ...shared,
    id: 'createEstimate',
    method: 'POST',
    isQuestion: true,
    path: '/api/v1/estimates',
    summary: 'What a cart would earn if it were paid now; nothing is booked',
    scope: 'ledger:read',
    body: orders.estimateCreateSchema,
    bodyBytesMax: orders.orderApiLimits.bytesMax,
    answers: [{ status: 200, description: 'The estimate', schema: orders.estimateSchema }],
  },
  {
    ...shared,
    id: 'submitOrder',
    method: 'POST',
    path: '/api/v1/orders',
    summary: 'Submit an order of another point of sale as it stands, or as it changed: what it earns is booked',
    scope: 'orders:write',
    body: orders.orderCreateSchema,
    bodyBytesMax: orders.orderApiLimits.bytesMax,
    answers: [
      { status: 200, description: 'Booked', schema: orders.orderSchema },
      { status: 202, description: 'Kept; booked once Shopify told what the rules ask for', schema: orders.orderSchema },
    ],
  },
  {
    ...shared,
    id: 'getOrder',
    method: 'GET',
    path: '/api/v1/orders/{externalId}',
    summary: 'An order that this client submitted, and what is booked for it',
    scope: 'orders:read',
    body: null,
    answers: [{ status: 200, description: 'The order', schema: orders.orderSchema }],
  },
  {
    ...shared,
    id: 'claimOrder',
    method: 'POST',
    path: '/api/v1/members/{memberId}/claims',
    summary: 'Give a member the sale whose receipt carries this code',
    scope: 'orders:write',
    body: orders.claimCreateSchema,
    answers: [{ status: 200, description: 'Theirs', schema: orders.claimSchema }],
  },
];
