/** What is written down about changes of who may do what, and the reviews of it. */
import { type Staff, staffObject } from '#app/data/access/staff.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';

type Terms = Pick<Staff, 'userId' | 'role' | 'locations' | 'isLocked' | 'expiresAt'>;

const fingerprintOf = ({ userId, role, locations, isLocked, expiresAt }: Terms): Buffer =>
  fingerprint({ userId, role, locations, isLocked, expiresAt });

/** Leaves an audit record of a change of one person: null before they were added, null after they were removed. */
export async function noteStaffChange(
  tx: Tx,
  change: {
    actor: string;
    action: string;
    staffId: string;
    before: Terms | null;
    after: Terms | null;
    reason: string | null;
  },
): Promise<void> {
  await appendAudit(tx, {
    actor: change.actor,
    action: change.action,
    object: staffObject(change.staffId),
    beforeHash: change.before === null ? null : fingerprintOf(change.before),
    afterHash: change.after === null ? null : fingerprintOf(change.after),
    reason: change.reason,
    occurredAt: now(),
  });
}

/** Throws `Conflict` 'last-owner' when nobody would be left who can let others in. The shop's people must be held. */
export function keepAnOwner(before: Pick<Staff, 'role'>, { owners }: { owners: number }): void {
  if (before.role !== 'owner' || owners > 1) return;
  throw new Conflict('last-owner', 'The last owner of a shop cannot go', {
    publicMessage: 'This is the last owner. Make somebody else an owner first.',
  });
}

/** One person of a review: who had which role, and when they were last here. */
export type ReviewedPerson = {
  userId: string;
  role: string;
  locations: string[] | null;
  isLocked: boolean;
  expiresAt: string | null;
  hasPin: boolean;
  lastSeenAt: string | null;
};

/** Keeps a review that somebody put their name to. */
export async function insertAccessReview(
  tx: Tx,
  review: { reviewId: string; people: ReviewedPerson[]; note: string | null; signedBy: string; at: Date },
): Promise<void> {
  await tx.query(
    `insert into access_review (shop_id, id, people, note, signed_by, signed_at) values ($1, $2, $3, $4, $5, $6)`,
    [tx.shopId, review.reviewId, JSON.stringify(review.people), review.note, review.signedBy, review.at],
  );
}

export type AccessReview = { reviewId: string; people: number; note: string | null; signedBy: string; signedAt: Date };

/** The newest reviews, newest first. */
export async function listAccessReviews(tx: Tx, limit: number): Promise<AccessReview[]> {
  const rows = await tx.query<{ id: string; people: number; note: string | null; signed_by: string; signed_at: Date }>(
    `select id, jsonb_array_length(people) as people, note, signed_by, signed_at from access_review
     where shop_id = $1 order by signed_at desc, id desc limit $2`,
    [tx.shopId, limit],
  );
  return rows.map((row) => ({
    reviewId: row.id,
    people: row.people,
    note: row.note,
    signedBy: row.signed_by,
    signedAt: row.signed_at,
  }));
}
