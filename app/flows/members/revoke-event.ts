/** An event of a member is taken back: a review was removed, or an integrator was mistaken. */
import { revokeEvent, toldKey } from '#app/data/ledger/events.ts';
import { findEventByKey } from '#app/data/ledger/member-events.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { lockMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Takes an event back by its key, and what it brought. Safe to repeat. Throws `NotFound` for an unknown one, and for those
 * that nobody told us of: joining and birthdays cannot be taken back.
 */
export async function revokeMemberEvent(asked: { shopId: ShopId; memberId: string; eventKey: string }): Promise<void> {
  await withShop(asked.shopId, async (tx) => {
    await lockHistory(tx);
    const { memberId } = await lockMember(tx, asked.memberId);
    const found = await findEventByKey(tx, memberId, toldKey(asked.eventKey));
    if (found === null) throw new NotFound('event-not-found', 'The member has no such event');
    await revokeEvent(tx, { memberId, eventId: found.event.eventId, at: now() });
  });
}
