/** A person chooses their PIN. Nobody can choose it for them. */
import { isPinOf } from '#app/data/access/pins.ts';
import { findStaffByUser, readPinHash, staffObject, writePinHash } from '#app/data/access/staff.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { pinProblem } from '#app/domain/access/pins.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, Forbidden, InvalidInput, NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';

export type NewPin = {
  shopId: ShopId;
  /** 'staff:<Shopify user id>', proven by the session token. */
  actor: string;
  /** The PIN they have; null when they have none. */
  current: string | null;
  pin: string;
};

/**
 * Keeps the bcrypt hash of a new PIN. Whoever has one must know it, or have asked a day ago that it
 * may be replaced. Throws `InvalidInput` for a PIN that is too short or easy
 * to guess, `Forbidden` 'step_up_failed' when the current one is wrong, `RateLimited` after too many of those, `Conflict` when
 * it was changed meanwhile, and `Unavailable` when too many are being hashed at once.
 */
export async function setPin({ shopId, actor, current, pin }: NewPin): Promise<void> {
  const problem = pinProblem(pin);
  if (problem !== null)
    throw new InvalidInput('pin-invalid', 'A PIN was refused', {
      publicMessage: problem,
      issues: [{ path: 'pin', message: problem }],
    });
  const { staffId, before, isForgotten } = await withShop(shopId, async (tx) => {
    const staff = await findStaffByUser(tx, actor.replace(/^staff:/, ''));
    if (staff === null) throw new NotFound('staff-not-found', 'No such person');
    const { staffId: id, pinResetAt } = staff;
    return { staffId: id, before: await readPinHash(tx, id), isForgotten: pinResetAt !== null && pinResetAt <= now() };
  });
  const targets = [{ name: `staff:${staffId}`, freeTries: 5 }];
  const mustKnow = before !== null && !isForgotten;
  if (mustKnow && !(await isPinOf(shopId, { actor, hash: before, pin: current ?? '', targets })))
    throw new Forbidden('step_up_failed', 'A wrong PIN', { publicMessage: 'Your current PIN is not right.' });
  const after = await hashSecret(pin);
  await withShop(shopId, async (tx) => {
    if (!(await writePinHash(tx, staffId, { before, after, at: now() })))
      throw new Conflict('pin-changed', 'The PIN was changed meanwhile', {
        publicMessage: 'Your PIN was changed meanwhile. Reload the page.',
      });
    await appendAudit(tx, {
      actor,
      action: mustKnow ? 'pin.change' : 'pin.set',
      object: staffObject(staffId),
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
  });
}
