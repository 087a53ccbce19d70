/** Somebody looked through who may do what, and puts their name to it. */
import { listStaff } from '#app/data/access/staff.ts';
import { insertAccessReview, type ReviewedPerson } from '#app/data/access/staff-records.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { newId, type ShopId } from '#app/lib/ids.ts';

/** Keeps who had which role and when each was last here, as of now. Every call is a review of its own. */
export async function signAccessReview(asked: {
  shopId: ShopId;
  actor: string;
  note: string | null;
}): Promise<{ reviewId: string }> {
  const { shopId, actor, note } = asked;
  const reviewId = newId();
  await withShop(shopId, async (tx) => {
    const people: ReviewedPerson[] = (await listStaff(tx)).map((staff) => ({
      userId: staff.userId,
      role: staff.role,
      locations: staff.locations,
      isLocked: staff.isLocked,
      expiresAt: staff.expiresAt?.toISOString() ?? null,
      hasPin: staff.hasPin,
      lastSeenAt: staff.lastSeenAt?.toISOString() ?? null,
    }));
    await insertAccessReview(tx, { reviewId, people, note, signedBy: actor, at: now() });
    await appendAudit(tx, {
      actor,
      action: 'access.review',
      object: `access-review:${reviewId}`,
      beforeHash: null,
      afterHash: fingerprint(people),
      reason: note,
      occurredAt: now(),
    });
  });
  return { reviewId };
}
