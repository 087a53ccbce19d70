/** An owner changes what a person may do: role, places, an end, or locks them out. */
import { findStaff, lockStaff, type Staff, writeStaffName, writeStaffTerms } from '#app/data/access/staff.ts';
import { keepAnOwner, noteStaffChange } from '#app/data/access/staff-records.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type Terms, termsProblems } from '#app/domain/access/staff-terms.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

export type StaffChange = Terms & {
  shopId: ShopId;
  staffId: string;
  actor: string;
  /** What the owner calls them; null takes the name away. */
  name: string | null;
  reason: string | null;
};

/**
 * Sets the terms of a person; they hold from their next request on. Safe to repeat. Throws `NotFound`, `InvalidInput` with
 * words for single fields, and `Conflict` 'last-owner' when nobody would be left who can let others in.
 */
export async function changeStaff(change: StaffChange): Promise<void> {
  const { shopId, staffId, actor, name, reason, role, locations, isLocked, expiresAt } = change;
  const terms = { role, locations, isLocked, expiresAt };
  const issues = Object.entries(termsProblems(terms, now())).map(([path, message]) => ({ path, message }));
  if (issues.length > 0) throw new InvalidInput('staff-invalid', 'A person cannot be changed so', { issues });
  await withShop(shopId, async (tx) => {
    const held = await lockStaff(tx);
    const before = isId(staffId) ? await findStaff(tx, staffId) : null;
    if (before === null) throw new NotFound('staff-not-found', 'No such person');
    if (role !== 'owner') keepAnOwner(before, held);
    await writeStaffTerms(tx, staffId, terms);
    await writeStaffName(tx, staffId, name);
    await noteStaffChange(tx, {
      actor,
      action: actionOf(before, terms),
      staffId,
      before,
      after: { ...terms, userId: before.userId },
      reason,
    });
  });
}

function actionOf(before: Staff, after: Terms): string {
  if (before.isLocked !== after.isLocked) return after.isLocked ? 'staff.lock' : 'staff.unlock';
  return before.role === after.role ? 'staff.change' : 'staff.role';
}
