/** Something happened to a member that a program may give something for: a review, or an event of an integrator's. */
import { recordEvent, settleEvents, toldKey } from '#app/data/ledger/events.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { demandUse, lockMember } from '#app/data/members/members.ts';
import { answerOnce, type ApiRequest } from '#app/data/shops/api-idempotency.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type ToldEvent = {
  shopId: ShopId;
  memberId: string;
  kind: 'review' | 'custom';
  /** Which event it is; only for custom ones, which must have one. */
  name: string | null;
  /** The caller's own id of it: told again, it is the same event. */
  eventKey: string;
  occurredAt: Date;
  actor: string;
  /** Of an integrator's call: all who ask under one key are answered the same, also at once. */
  request?: ApiRequest;
};

export type RecordedMemberEvent = { kind: 'recorded' | 'repeated'; eventId: string; memberId: MemberId };

/** Clocks differ a little. */
const aheadMaxMs = 5 * 60_000;

/**
 * Records an event once per key and books what it is worth by the rules in force when it happened. Throws `NotFound`,
 * `InvalidInput` for one that has not happened yet or has the wrong name, and `Conflict` when the key names another
 * event, the request's key was used for other inputs, or the member is restricted.
 */
export async function recordMemberEvent(told: ToldEvent): Promise<RecordedMemberEvent> {
  const { shopId, kind, name, request } = told;
  if ((kind === 'custom') !== (name !== null))
    throw new InvalidInput('event-name-invalid', 'A custom event has a name, and only a custom event has one');
  return withShop(shopId, (tx) => {
    const at = now();
    return answerOnce(tx, { request, at }, () => recordOnce(tx, told, at));
  });
}

async function recordOnce(tx: Tx, told: ToldEvent, at: Date): Promise<RecordedMemberEvent> {
  const { kind, name, occurredAt, eventKey, actor } = told;
  if (occurredAt.getTime() > at.getTime() + aheadMaxMs)
    throw new InvalidInput('event-in-future', 'The event has not happened yet');
  await lockHistory(tx);
  const member = await lockMember(tx, told.memberId);
  demandUse(member);
  const { memberId } = member;
  const event = { member, toldAs: told.memberId, kind, name, eventKey: toldKey(eventKey), occurredAt, actor };
  const recorded = await recordEvent(tx, event, at);
  if (recorded.kind === 'differs')
    throw new Conflict('event-key-reused', 'The key was used for another event of this member');
  await settleEvents(tx, { memberId, eventIds: [recorded.eventId], at });
  if (recorded.kind === 'recorded')
    await appendAudit(tx, {
      actor,
      action: 'member.event',
      object: `member:${memberId}`,
      beforeHash: null,
      afterHash: fingerprint({ kind, name, eventKey, occurredAt }),
      reason: null,
      occurredAt: at,
    });
  return { kind: recorded.kind, eventId: recorded.eventId, memberId };
}
