/** What each operation of the API on carts and orders does: parsed input in, answer out. */
import type { OrderOperationId } from '#app/contracts/api-order-operations.ts';
import { readCart, readSubmittedOrder } from '#app/contracts/api-order-reading.ts';
import {
  type Claim,
  claimCreateSchema,
  type Estimate,
  estimateCreateSchema,
  orderCreateSchema,
  type OrderInput,
} from '#app/contracts/api-orders.ts';
import { type ApiHandlers, parse } from '#app/edge/api-call.ts';
import { answerRequest } from '#app/flows/api/answer-request.ts';
import { claimOrder, type ClaimedOrder } from '#app/flows/members/claim-order.ts';
import { submitOrder, type ToldOwner } from '#app/flows/orders/submit-order.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput, type InputIssue, NotFound } from '#app/lib/errors.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { estimateOrder } from '#app/queries/estimate-order.ts';
import { memberBalance } from '#app/queries/member-balance.ts';
import { submittedOrder } from '#app/queries/submitted-order.ts';

export const orderHandlers: ApiHandlers<OrderOperationId> = {
  createEstimate: async (call) => {
    const { memberId, programId, channel, locationId, cart } = parse(estimateCreateSchema, call.body);
    const read = readCart(cart);
    if (!read.ok) throw misfit(read.issues);
    const value: Estimate = await estimateOrder({
      shopId: call.caller.shopId,
      programId: programId ?? null,
      memberId: memberId ?? null,
      cart: read.cart,
      channel: channel ?? 'api',
      locationId: locationId ?? null,
      at: now(),
    });
    return { status: 200, value };
  },
  submitOrder: async (call) => {
    const order = parse(orderCreateSchema, call.body);
    const { shopId, clientId } = call.caller;
    const read = readSubmittedOrder(order, { clientId, at: now() });
    if (!read.ok) throw misfit(read.issues);
    const { request } = call;
    const { isSettled } = await submitOrder({ shopId, request, news: read.news, owner: ownerOf(order) });
    const { externalId } = order;
    const value = await submittedOrder(shopId, { clientId, externalId });
    const headers = { location: `/api/v1/orders/${externalId}` };
    return { status: isSettled ? 200 : 202, value, headers };
  },
  getOrder: async ({ caller: { shopId, clientId }, parameters }) => {
    const externalId = parameters['externalId'] ?? '';
    return { status: 200, value: await submittedOrder(shopId, { clientId, externalId }) };
  },
  claimOrder: async (call) => {
    const { code } = parse(claimCreateSchema, call.body);
    const { shopId, clientId } = call.caller;
    // Also tells members that are not this shop's.
    const { memberId } = await memberBalance(shopId, call.parameters['memberId'] ?? '');
    return answerRequest<Claim>({ shopId, request: call.request }, async () => {
      const claim = { shopId, code, memberId: memberId as MemberId, actor: `api:${clientId}`, at: now() };
      const claimed = await claimOrder(claim);
      if (claimed.kind !== 'claimed') throw notClaimed(claimed.kind);
      return { status: 200, value: { memberId, orderId: claimed.orderId } };
    });
  },
};

function ownerOf({ memberId, cardCode }: OrderInput): ToldOwner {
  if (memberId !== undefined) return { kind: 'member', memberId };
  return cardCode === undefined ? { kind: 'unsaid' } : { kind: 'card', cardCode };
}

function misfit(issues: InputIssue[]): InvalidInput {
  const publicMessage = issues
    .slice(0, 10)
    .map(({ path, message }) => `${path}: ${message}`)
    .join('; ');
  return new InvalidInput('invalid-input', 'An order cannot be counted', {
    publicMessage,
    issues: issues.slice(0, 50),
  });
}

function notClaimed(kind: Exclude<ClaimedOrder['kind'], 'claimed'>): Conflict | NotFound {
  if (kind === 'unknown')
    return new NotFound('claim-unknown', 'A claim code is none of the shop’s', {
      publicMessage: 'There is no receipt with this code.',
    });
  const publicMessage =
    kind === 'expired' ? 'The receipt is too old to be claimed.' : 'The receipt is somebody else’s already.';
  return new Conflict(`claim-${kind}`, 'A receipt cannot be claimed', { publicMessage });
}
