/** What each operation of the API on bookings by hand and events does: parsed input in, answer out. */
import type { LedgerOperationId } from '#app/contracts/api-ledger-operations.ts';
import {
  adjustmentCreateSchema,
  type BookedEntry,
  eventCreateSchema,
  type EventRecord,
  type ReferralCode,
  type RevokedEvent,
  stampsCreateSchema,
} from '#app/contracts/api-ledger.ts';
import { type ApiCall, type ApiHandlers, parse } from '#app/edge/api-call.ts';
import { answerRequest } from '#app/flows/api/answer-request.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { giveStamps } from '#app/flows/members/give-stamps.ts';
import { recordMemberEvent } from '#app/flows/members/record-event.ts';
import { referFriend } from '#app/flows/members/refer-friend.ts';
import { revokeMemberEvent } from '#app/flows/members/revoke-event.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';

/** The member in the path, and who asks. */
function askedBy({ caller, parameters, request }: ApiCall) {
  const { shopId, clientId } = caller;
  return { shopId, clientId, memberId: parameters['memberId'] ?? '', actor: `api:${clientId}`, request };
}

export const ledgerHandlers: ApiHandlers<LedgerOperationId> = {
  createAdjustment: async (call) => {
    const { unit, amount, reason } = parse(adjustmentCreateSchema, call.body);
    const asked = askedBy(call);
    const idempotencyKey = `${asked.clientId}:${call.idempotencyKey}`;
    return answerRequest<BookedEntry>(asked, async () => {
      const { shopId, memberId, actor } = asked;
      const done = await adjustBalance({
        shopId,
        memberId,
        actor,
        unit,
        amount,
        reason,
        source: 'api',
        idempotencyKey,
      });
      if (done.kind === 'insufficient')
        throw new Conflict('insufficient-balance', 'An adjustment would take more than there is', {
          publicMessage: 'There is not as much to take: what is held for sales going on stays.',
        });
      return { status: 201, value: { entryId: done.entryId, memberId, unit, amount, balance: done.balance } };
    });
  },
  createStamps: async (call) => {
    const { unit = null, count = 1, reference } = parse(stampsCreateSchema, call.body);
    const asked = askedBy(call);
    const { kind, ...given } = await giveStamps({ ...asked, unit, count, reference });
    const value: BookedEntry = { ...given, amount: count };
    return { status: kind === 'posted' ? 201 : 200, value };
  },
  createEvent: async (call) => {
    const { kind, name = null, eventKey, occurredAt } = parse(eventCreateSchema, call.body);
    const asked = askedBy(call);
    const at = occurredAt === undefined ? now() : new Date(occurredAt);
    const told = { ...asked, kind, name, eventKey, occurredAt: at };
    const { kind: outcome, eventId, memberId } = await recordMemberEvent(told);
    const value: EventRecord = { eventId, memberId, eventKey };
    return { status: outcome === 'recorded' ? 201 : 200, value };
  },
  revokeEvent: async (call) => {
    const asked = askedBy(call);
    const eventKey = call.parameters['eventKey'] ?? '';
    return answerRequest<RevokedEvent>(asked, async () => {
      await revokeMemberEvent({ ...asked, eventKey });
      return { status: 200, value: { memberId: asked.memberId, eventKey, isRevoked: true } };
    });
  },
  createReferralCode: async (call) => {
    const asked = askedBy(call);
    return answerRequest<ReferralCode>(asked, async () => {
      const { code } = await referFriend(asked);
      return { status: 200, value: { memberId: asked.memberId, code } };
    });
  },
};
