/** An owner takes a person off the list. */
import { deleteOneStaff, findStaff, lockStaff } from '#app/data/access/staff.ts';
import { keepAnOwner, noteStaffChange } from '#app/data/access/staff-records.ts';
import { withShop } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

/**
 * Removes a person with their PIN; should Shopify still let them open the app, they come back with the default role, so
 * that locking out is what keeps somebody away. Throws `NotFound`, and `Conflict` 'last-owner'.
 */
export async function removeStaff(asked: {
  shopId: ShopId;
  staffId: string;
  actor: string;
  reason: string | null;
}): Promise<void> {
  const { shopId, staffId, actor, reason } = asked;
  await withShop(shopId, async (tx) => {
    const held = await lockStaff(tx);
    const before = isId(staffId) ? await findStaff(tx, staffId) : null;
    if (before === null) throw new NotFound('staff-not-found', 'No such person');
    keepAnOwner(before, held);
    await deleteOneStaff(tx, staffId);
    await noteStaffChange(tx, { actor, action: 'staff.remove', staffId, before, after: null, reason });
  });
}
