/** An owner lets somebody in before they come: by their Shopify user id. */
import { findStaffByUser, insertStaff, lockStaff, staffMax, writeStaffName } from '#app/data/access/staff.ts';
import { noteStaffChange } from '#app/data/access/staff-records.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type Terms, termsProblems } from '#app/domain/access/staff-terms.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type NewPerson = Omit<Terms, 'isLocked'> & {
  shopId: ShopId;
  actor: string;
  /** Shopify's id of the user, digits alone. */
  userId: string;
  /** What the owner calls them; null for nothing. */
  name: string | null;
};

/**
 * Adds a person. Throws `InvalidInput` with words for single fields, and `Conflict` for a person who is known already or a
 * shop that has as many people as it can have.
 */
export async function addStaff({ shopId, actor, userId, name, ...given }: NewPerson): Promise<{ staffId: string }> {
  const at = now();
  const terms = { ...given, isLocked: false };
  const problems = Object.entries(termsProblems(terms, at)).map(([path, message]) => ({ path, message }));
  if (!/^\d{1,20}$/.test(userId)) problems.push({ path: 'userId', message: 'Enter the number of the Shopify user.' });
  if (problems.length > 0) throw new InvalidInput('staff-invalid', 'A person cannot be added so', { issues: problems });
  return withShop(shopId, async (tx) => {
    const { people } = await lockStaff(tx);
    if (people >= staffMax)
      throw new Conflict('too-many-people', 'A shop has as many people as it can have', {
        publicMessage: 'This shop has as many people as it can have.',
      });
    if ((await findStaffByUser(tx, userId)) !== null)
      throw new Conflict('staff-known', 'The person is known already', {
        publicMessage: 'This person is on the list already. Change their role there.',
      });
    const { staffId } = await insertStaff(tx, { ...terms, userId, addedBy: actor, at });
    if (name !== null) await writeStaffName(tx, staffId, name);
    await noteStaffChange(tx, {
      actor,
      action: 'staff.add',
      staffId,
      before: null,
      after: { ...terms, userId },
      reason: terms.role,
    });
    return { staffId };
  });
}
