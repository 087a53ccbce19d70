/** Somebody forgot their PIN and nobody can take it away for them: it goes by itself, a day after they asked. */
import { findStaffByUser, staffObject, writePinReset } from '#app/data/access/staff.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Long enough for the rightful person to see it on their page and in the audit log. */
const resetAfterMs = 24 * 60 * 60_000;

/**
 * Asks that the person's PIN may be replaced without knowing it a day from now, or calls that off. Asking again changes
 * nothing: the day does not begin anew. Throws `NotFound`.
 */
export async function resetPin(asked: { shopId: ShopId; actor: string; isCalledOff: boolean }): Promise<void> {
  const { shopId, actor, isCalledOff } = asked;
  const at = now();
  await withShop(shopId, async (tx) => {
    const staff = await findStaffByUser(tx, actor.replace(/^staff:/, ''));
    if (staff === null) throw new NotFound('staff-not-found', 'No such person');
    if (!staff.hasPin || (staff.pinResetAt === null) === isCalledOff) return;
    await writePinReset(tx, staff.staffId, isCalledOff ? null : new Date(at.getTime() + resetAfterMs));
    await appendAudit(tx, {
      actor,
      action: isCalledOff ? 'pin.reset-call-off' : 'pin.reset-ask',
      object: staffObject(staff.staffId),
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: at,
    });
  });
}
