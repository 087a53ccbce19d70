/** What each operation of the API on cards does: once for each key, and what is answered is how the card is by then. */
import type { CardOperationId } from '#app/contracts/api-card-operations.ts';
import type { ApiCall, ApiHandlers } from '#app/edge/api-call.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { cardState } from '#app/queries/card-state.ts';

function askedBy({ caller, parameters, request }: ApiCall) {
  const memberId = parameters['memberId'] ?? '';
  return { shopId: caller.shopId, memberId, actor: `api:${caller.clientId}`, by: 'staff' as const, request };
}

async function answerState(call: ApiCall) {
  const { shopId, memberId } = askedBy(call);
  return { status: 200 as const, value: await cardState(shopId, memberId) };
}

export const cardHandlers: ApiHandlers<CardOperationId> = {
  freezeCard: async (call) => {
    await freezeCard(askedBy(call));
    return answerState(call);
  },
  unfreezeCard: async (call) => {
    await unfreezeCard(askedBy(call));
    return answerState(call);
  },
  reissueCard: async (call) => {
    await reissueCard({ ...askedBy(call), ifGeneration: null });
    return answerState(call);
  },
};
