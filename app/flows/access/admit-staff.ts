/** Somebody opens the app: who they are to this shop. */
import { readAccessSettings } from '#app/data/access/access-settings.ts';
import {
  findStaffByUser,
  insertStaff,
  lockStaff,
  type Staff,
  staffMax,
  staffObject,
  touchStaff,
} from '#app/data/access/staff.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { Role } from '#app/domain/access/permissions.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Last use is kept to the minute at most: a page loads several parts at once. */
const seenEveryMs = 60_000;

/**
 * The role of a Shopify user in a shop. The first person ever becomes the owner, whoever comes later and is not known the
 * shop's default role; both leave an audit record. Safe to repeat, and for many at once.
 * Throws `Forbidden` for a person who was locked out, or whose time is over.
 */
export async function admitStaff(asked: { shopId: ShopId; userId: string }): Promise<{ staffId: string; role: Role }> {
  const at = now();
  return withShop(asked.shopId, async (tx) => {
    const staff = (await findStaffByUser(tx, asked.userId)) ?? (await join(tx, asked.userId, at));
    refuseThoseWhoLeft(staff, at);
    if (staff.lastSeenAt === null || at.getTime() - staff.lastSeenAt.getTime() >= seenEveryMs)
      await touchStaff(tx, staff.staffId, at);
    return { staffId: staff.staffId, role: staff.role };
  });
}

function refuseThoseWhoLeft(staff: Staff, at: Date): void {
  if (staff.isLocked)
    throw new Forbidden('staff-locked', 'A person who was locked out opened the app', {
      publicMessage: 'An owner of this shop has ended your access.',
    });
  if (staff.expiresAt !== null && staff.expiresAt <= at)
    throw new Forbidden('access-ended', 'A person whose access has ended opened the app', {
      publicMessage: 'Your access to this shop has ended. An owner can extend it.',
    });
}

async function join(tx: Tx, userId: string, at: Date): Promise<Staff> {
  const { people } = await lockStaff(tx);
  // Of two who come at once, the second sees the first here.
  const meanwhile = await findStaffByUser(tx, userId);
  if (meanwhile !== null) return meanwhile;
  if (people >= staffMax)
    throw new Forbidden('too-many-people', 'A shop has as many people as it can have', {
      publicMessage: 'This shop has as many people as it can have. An owner can remove some of them.',
    });
  const role = people === 0 ? 'owner' : (await readAccessSettings(tx)).defaultRole;
  const staff = await insertStaff(tx, {
    userId,
    role,
    locations: null,
    expiresAt: null,
    addedBy: `staff:${userId}`,
    at,
  });
  await appendAudit(tx, {
    actor: `staff:${userId}`,
    action: 'staff.join',
    object: staffObject(staff.staffId),
    beforeHash: null,
    afterHash: fingerprint({ userId, role }),
    reason: role,
    occurredAt: at,
  });
  return staff;
}
