/** Somebody serves at a till: whether the shop lets them, and there. */
import { readAccessSettings } from '#app/data/access/access-settings.ts';
import { findStaffByUser, type Staff, touchStaff } from '#app/data/access/staff.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** A till asks at every tap; a day's worth of last use is enough. */
const seenEveryMs = 60 * 60_000;

/**
 * Lets a Shopify user serve at a till. Whom we know serves where their locations allow, and nobody who was locked out, whose
 * time is over, or who only came to look; whom we do not know, as the shop chose. Safe to repeat. Throws `Forbidden`.
 */
export async function admitToTill(asked: {
  shopId: ShopId;
  userId: string;
  /** Where they say they stand; null when the call says nothing of it. */
  locationId: string | null;
}): Promise<void> {
  const at = now();
  await withShop(asked.shopId, async (tx) => {
    const staff = await findStaffByUser(tx, asked.userId);
    const isWelcome =
      staff === null ? (await readAccessSettings(tx)).isTillOpen : mayServe(staff, asked.locationId, at);
    if (!isWelcome)
      throw new Forbidden('not-at-this-till', 'A person who may not serve here used a till', {
        publicMessage: 'You may not use this till. An owner of the shop can change that.',
      });
    if (staff !== null && (staff.lastSeenAt === null || at.getTime() - staff.lastSeenAt.getTime() >= seenEveryMs))
      await touchStaff(tx, staff.staffId, at);
  });
}

function mayServe({ role, isLocked, expiresAt, locations }: Staff, locationId: string | null, at: Date): boolean {
  if (role === 'auditor' || isLocked || (expiresAt !== null && expiresAt <= at)) return false;
  if (locations === null) return true;
  return locationId === null ? locations.length > 0 : locations.includes(locationId);
}
