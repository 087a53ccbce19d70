/** Before what matters most, a person shows once more that it is them: by a PIN of their own. */
import { isPinOf } from '#app/data/access/pins.ts';
import { findStaffByUser, readPinHash, staffObject } from '#app/data/access/staff.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';

export type AskedStepUp = {
  shopId: ShopId;
  /** 'staff:<Shopify user id>', proven by the session token. */
  actor: string;
  /** What it is for, as 'exports.members'; it stands in the audit record. */
  action: string;
  pin: string | null;
};

const freeTries = 5;

/**
 * Lets a person go on whose PIN is right; right and wrong ones both leave an audit record. Throws `Forbidden`
 * 'step_up_required' without a PIN, or for somebody who has none yet; 'step_up_failed' for a wrong one; `RateLimited` after
 * too many of those; `Unavailable` when too many are being checked at once.
 */
export async function requireStepUp({ shopId, actor, action, pin }: AskedStepUp): Promise<void> {
  const known = await withShop(shopId, async (tx) => {
    const staff = await findStaffByUser(tx, actor.replace(/^staff:/, ''));
    return staff === null ? null : { staffId: staff.staffId, hash: await readPinHash(tx, staff.staffId) };
  });
  if (known === null || known.hash === null || pin === null || pin === '')
    log.security('access refused', { code: 'step_up_required', shopId, actor });
  if (known === null || known.hash === null)
    throw new Forbidden('step_up_required', 'A person without a PIN asked for what needs one', {
      publicMessage: 'This needs your PIN, and you have none yet. Set one on the Staff page.',
    });
  if (pin === null || pin === '')
    throw new Forbidden('step_up_required', 'This needs a PIN', { publicMessage: 'Enter your PIN to go on.' });
  const targets = [{ name: `staff:${known.staffId}`, freeTries }];
  const isRight = await isPinOf(shopId, { actor, hash: known.hash, pin, targets });
  await withShop(shopId, (tx) =>
    appendAudit(tx, {
      actor,
      action: isRight ? 'step-up.pass' : 'step-up.fail',
      object: staffObject(known.staffId),
      beforeHash: null,
      afterHash: null,
      reason: action,
      occurredAt: now(),
    }),
  );
  if (!isRight) throw new Forbidden('step_up_failed', 'A wrong PIN', { publicMessage: 'This PIN is not right.' });
}
