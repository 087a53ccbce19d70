/** An event of a member is taken back: a review was removed, or an integrator was mistaken. */
import { revokeEvent, toldKey } from '#app/data/ledger/events.ts';
import { findEventByKey } from '#app/data/ledger/member-events.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { lockMember } from '#app/data/members/members.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

type AskedRevocation = { memberId: string; eventKey: string; actor: string };

/**
 * Takes an event back by its key, and what it brought. Safe to repeat. Throws `NotFound` for an unknown one, and for those
 * that nobody told us of: joining and birthdays cannot be taken back.
 */
export async function revokeMemberEvent({ shopId, ...asked }: AskedRevocation & { shopId: ShopId }): Promise<void> {
  await withShop(shopId, (tx) => revoke(tx, asked));
}

async function revoke(tx: Tx, asked: AskedRevocation): Promise<void> {
  const at = now();
  await lockHistory(tx);
  const { memberId } = await lockMember(tx, asked.memberId);
  const found = await findEventByKey(tx, { memberId, accountId: null }, toldKey(asked.eventKey));
  if (found === null) throw new NotFound('event-not-found', 'The member has no such event');
  await revokeEvent(tx, { memberId, eventId: found.event.eventId, at });
  if (found.event.isRevoked) return;
  const told = { eventKey: found.eventKey, booked: found.booked };
  await appendAudit(tx, {
    actor: asked.actor,
    action: 'member.event-revoke',
    object: `member:${memberId}`,
    beforeHash: fingerprint({ ...told, isRevoked: false }),
    afterHash: fingerprint({ ...told, isRevoked: true }),
    reason: null,
    occurredAt: at,
  });
}
