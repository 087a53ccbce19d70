/** What each operation of the API on rewards does: parsed input in, answer out. */
import type { RewardOperationId } from '#app/contracts/api-reward-operations.ts';
import {
  type CommittedReservation,
  reservationCommitSchema,
  reservationCreateSchema,
  reservationLimits,
  rewardQuerySchema,
  type RewardList,
} from '#app/contracts/api-rewards.ts';
import type { RewardRefusal } from '#app/domain/programs/reward-gates.ts';
import { type ApiCall, type ApiHandlers, parse } from '#app/edge/api-call.ts';
import { sortedJson } from '#app/edge/sorted-json.ts';
import { answerRequest } from '#app/flows/api/answer-request.ts';
import { approveRedemption } from '#app/flows/access/approve-redemption.ts';
import { commitReservation, type CommittedReward } from '#app/flows/members/commit-reservation.ts';
import { releaseReservation } from '#app/flows/members/release-reservation.ts';
import { reserveReward } from '#app/flows/members/reserve-reward.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { memberReservation } from '#app/queries/member-reservation.ts';
import { rewardsFor } from '#app/queries/rewards-for-member.ts';

/** Kept for a repeated request: ids alone, the rest is told as it is by then. */
type Done = { reservationId: string };

/** The member and the reservation in the path, and who asks. */
function askedBy({ caller, parameters, request }: ApiCall) {
  const { memberId = '', reservationId = '' } = parameters;
  return { shopId: caller.shopId, memberId, reservationId, actor: `api:${caller.clientId}`, request };
}

export const rewardHandlers: ApiHandlers<RewardOperationId> = {
  listMemberRewards: async (call) => {
    const { channel = 'api', locationId = null } = parse(rewardQuerySchema, call.query);
    const { shopId, memberId } = askedBy(call);
    const rewards = await rewardsFor(shopId, memberId, { channel, locationId, at: now() });
    return { status: 200, value: { memberId, rewards } satisfies RewardList };
  },
  createReservation: async (call) => {
    const { approval, ...body } = parse(reservationCreateSchema, call.body);
    const asked = { ...askedBy(call), request: withoutApproval(call) };
    const { shopId, memberId } = asked;
    const { value, status } = await answerRequest<Done>(asked, async () => {
      const { rewardId, locationId = null } = body;
      const approving = { shopId, actor: asked.actor, deviceId: null, locationId, rewardId };
      const approvedBy = approval === undefined ? null : await approveRedemption({ ...approving, approval });
      const reserved = await reserveReward({
        ...asked,
        approvedBy,
        rewardId,
        channel: body.channel ?? 'api',
        locationId,
        cart: body.cartReference ?? null,
        idempotencyKey: `api:${call.caller.clientId}:${call.idempotencyKey}`,
        holdMinutes: (body.expiresInSeconds ?? reservationLimits.secondsDefault) / 60,
        staff: null,
        claim: null,
      });
      if (reserved.kind === 'refused') throw refusal(reserved.reason);
      return { status: 201, value: { reservationId: reserved.reservationId } };
    });
    const location = `/api/v1/members/${memberId}/reservations/${value.reservationId}`;
    return { status, value: await memberReservation(shopId, { memberId, ...value }), headers: { location } };
  },
  getReservation: async (call) => {
    const asked = askedBy(call);
    return { status: 200, value: await memberReservation(asked.shopId, asked) };
  },
  commitReservation: async (call) => {
    const { orderId = null } = parse(reservationCommitSchema, call.body);
    const asked = askedBy(call);
    // Of another member's reservation nothing may be learned.
    await memberReservation(asked.shopId, asked);
    let benefit: (CommittedReward & { kind: 'committed' })['benefit'] | null = null;
    const { value, status } = await answerRequest<Done & { isOnItsWay: boolean }>(asked, async () => {
      const done = await commitReservation({ ...asked, orderId });
      if (done.kind === 'refused') throw notCommitted(done.reason);
      benefit = done.benefit;
      const isOnItsWay = done.benefit.state === 'due';
      return { status: 200, value: { reservationId: done.reservationId, isOnItsWay } };
    });
    const record = await memberReservation(asked.shopId, asked);
    const told: CommittedReservation = { ...record, isOnItsWay: value.isOnItsWay, giftCardCode: codeOf(benefit) };
    return { status, value: told };
  },
  releaseReservation: async (call) => {
    const asked = askedBy(call);
    await memberReservation(asked.shopId, asked);
    const { status } = await answerRequest<Done>(asked, async () => {
      const { kind } = await releaseReservation(asked);
      if (kind === 'refused')
        throw new Conflict('reservation-committed', 'A spent reservation cannot be released', {
          publicMessage: 'It is spent already: cancel or refund the order that carries it.',
        });
      return { status: 200, value: { reservationId: asked.reservationId } };
    });
    return { status, value: await memberReservation(asked.shopId, asked) };
  },
};

/** What the request is remembered by: without the PIN, which is so short that its hash would tell it. */
function withoutApproval({ request, parameters, body }: ApiCall): ApiCall['request'] {
  if (typeof body !== 'object' || body === null || !('approval' in body)) return request;
  const { approval: _approval, ...rest } = body;
  return { ...request, inputs: sortedJson(['createReservation', parameters, rest]) };
}

/** Told once and never kept, so not part of the stored answer. */
function codeOf(benefit: { giftCardCode: string | null } | null): string | null {
  return benefit?.giftCardCode ?? null;
}

const reasons: Record<Exclude<RewardRefusal, 'not-enough' | 'frozen'>, string> = {
  limit: 'The member had it as often as the program allows.',
  stock: 'There is none left.',
  tier: 'It is for members of another tier.',
  'not-now': 'It cannot be had at this time.',
  channel: 'It cannot be had here.',
  paused: 'Rewards are paused by the shop for the moment.',
  challenge: 'The shop wants to check who this is first.',
};

const codes: Partial<Record<RewardRefusal, string>> = {
  paused: 'redemptions-paused',
  challenge: 'redemption-challenged',
};

function refusal(reason: RewardRefusal | 'not-offered'): Conflict | NotFound {
  if (reason === 'not-offered')
    return new NotFound('reward-not-found', 'The program has no such reward for this member', {
      publicMessage: 'The program has no such reward for this member.',
    });
  if (reason === 'frozen')
    return new Conflict('card-frozen', 'The card is frozen', { publicMessage: 'The card is frozen.' });
  if (reason === 'not-enough')
    return new Conflict('insufficient-balance', 'The member has not enough', {
      publicMessage: 'The member has not enough for it.',
    });
  return new Conflict(codes[reason] ?? 'reward-unavailable', `A reward was refused: ${reason}`, {
    publicMessage: reasons[reason],
  });
}

const endings: Record<(CommittedReward & { kind: 'refused' })['reason'], [string, string]> = {
  released: ['reservation-released', 'It was given up.'],
  expired: ['reservation-expired', 'It was held no longer.'],
  frozen: ['card-frozen', 'The card is frozen.'],
  'benefit-refused': ['benefit-refused', 'Shopify refused what it promises; nothing is spent.'],
};

function notCommitted(reason: keyof typeof endings): Conflict {
  const [code, publicMessage] = endings[reason];
  return new Conflict(code, 'A reservation could not be committed', { publicMessage });
}
