/** Somebody forgot their PIN: an owner takes it away, and they choose a new one. */
import { findStaff, lockStaff, readPinHash, staffObject, writePinHash } from '#app/data/access/staff.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

/** Takes a person's PIN away. Safe to repeat. Throws `NotFound`. */
export async function clearPin({
  shopId,
  staffId,
  actor,
}: {
  shopId: ShopId;
  staffId: string;
  actor: string;
}): Promise<void> {
  await withShop(shopId, async (tx) => {
    await lockStaff(tx);
    const staff = isId(staffId) ? await findStaff(tx, staffId) : null;
    if (staff === null) throw new NotFound('staff-not-found', 'No such person');
    const before = await readPinHash(tx, staffId);
    if (before === null || !(await writePinHash(tx, staffId, { before, after: null, at: now() }))) return;
    await appendAudit(tx, {
      actor,
      action: 'pin.clear',
      object: staffObject(staffId),
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
  });
}
