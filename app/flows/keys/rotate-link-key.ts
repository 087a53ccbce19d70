/** A merchant replaces the key that signs links. Cards get the new links by and by; those before open for a while. */
import { listPrograms } from '#app/data/programs/programs.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { replaceLinkKey } from '#app/data/shops/shop-keys.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

const dayMs = 24 * 60 * 60_000;
const overlapDaysMax = 365;

/**
 * Makes the new key, lets links of earlier ones open for `overlapDays` more (0: they end now), and has every card brought
 * up to date. Answers the version of the new key. Throws `InvalidInput`, and `NotFound` once the keys were destroyed.
 */
export async function rotateLinkKey(asked: {
  shopId: ShopId;
  actor: string;
  reason: string | null;
  overlapDays: number;
}): Promise<{ version: number; overlapUntil: Date }> {
  const { overlapDays } = asked;
  if (!Number.isInteger(overlapDays) || overlapDays < 0 || overlapDays > overlapDaysMax)
    throw new InvalidInput('overlap-invalid', 'The overlap is out of bounds', {
      publicMessage: `Choose between 0 and ${overlapDaysMax} days.`,
      issues: [{ path: 'overlapDays', message: `Choose between 0 and ${overlapDaysMax} days.` }],
    });
  const at = now();
  const overlapUntil = new Date(at.getTime() + overlapDays * dayMs);
  return withShop(asked.shopId, async (tx) => {
    const version = await replaceLinkKey(tx, { by: asked.actor, at, overlapUntil });
    for (const { programId } of await listPrograms(tx))
      await enqueue(tx, 'touch-program-passes', { programId, after: null });
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'key.rotate-links',
      object: `link-key:${version}`,
      beforeHash: null,
      afterHash: null,
      reason: asked.reason,
      occurredAt: at,
    });
    return { version, overlapUntil };
  });
}
