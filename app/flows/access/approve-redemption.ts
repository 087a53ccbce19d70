/** A manager agrees to a redemption that costs more than others may give away alone. */
import { isPinOf } from '#app/data/access/pins.ts';
import { findStaffByNumber, readPinHash, type Staff, staffObject } from '#app/data/access/staff.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type AskedApproval = {
  shopId: ShopId;
  /** Who asks for the redemption: 'staff:<Shopify user id>' or 'api:<client id>'. */
  actor: string;
  /** The manager's number and PIN, typed where the redemption is asked for. */
  approval: { number: number; pin: string };
  /** The till, in its own words; null where there is none. */
  deviceId: string | null;
  locationId: string | null;
  rewardId: string;
};

/** A till may be wrong a few times. A manager's PIN may be tried at several tills, but nobody's may be guessed through. */
const tillFreeTries = 5;
const managerFreeTries = 15;

/**
 * Who agreed, as 'staff:<Shopify user id>'. A right and a wrong PIN both leave an audit record. Throws `Forbidden`
 * 'step_up_failed' when number and PIN are not those of a manager or owner who may serve here; `RateLimited` after too many
 * tries at one till, by one caller or at one manager; `Unavailable` when too many are being checked at once.
 */
export async function approveRedemption(asked: AskedApproval): Promise<string> {
  const { shopId, actor, approval, deviceId, locationId, rewardId } = asked;
  const known = await withShop(shopId, async (tx) => {
    const staff = await findStaffByNumber(tx, approval.number);
    return staff !== null && mayApprove(staff, locationId)
      ? { staff, hash: await readPinHash(tx, staff.staffId) }
      : null;
  });
  const isRight = await isPinOf(shopId, {
    actor,
    hash: known?.hash ?? null,
    pin: approval.pin,
    targets: [
      // What a till calls itself can be changed by whoever sits at it, so its user counts too.
      { name: `till:${actor}`, freeTries: tillFreeTries },
      ...(deviceId === null ? [] : [{ name: `device:${deviceId}`, freeTries: tillFreeTries }]),
      { name: `approver:${approval.number}`, freeTries: managerFreeTries },
    ],
  });
  await withShop(shopId, (tx) =>
    appendAudit(tx, {
      actor,
      action: isRight ? 'redemption.approve' : 'redemption.approve-fail',
      object: isRight && known !== null ? staffObject(known.staff.staffId) : `staff-number:${approval.number}`,
      beforeHash: null,
      afterHash: null,
      reason: rewardId,
      occurredAt: now(),
    }),
  );
  if (!isRight || known === null)
    throw new Forbidden('step_up_failed', 'Nobody who may approve has this number and PIN', {
      publicMessage: 'This is not the number and PIN of a manager.',
    });
  return `staff:${known.staff.userId}`;
}

function mayApprove({ role, isLocked, expiresAt, locations }: Staff, locationId: string | null): boolean {
  if (role !== 'owner' && role !== 'manager') return false;
  if (isLocked || (expiresAt !== null && expiresAt <= now())) return false;
  return locations === null || locationId === null || locations.includes(locationId);
}
