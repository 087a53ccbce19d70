/** Traps: a member nobody knows and a key nobody has. Whoever touches one has been where nobody has a reason to be. */
import { type MemberRead, noteMemberRead } from '#app/data/security/member-reads.ts';
import { noteSignal } from '#app/data/security/signals.ts';
import type { Tx } from '#app/data/tenancy.ts';

export type Canary = { subject: string; plantedBy: string; plantedAt: Date };

/** 'canary-member:<id>' */
export const memberCanary = (memberId: string): string => `canary-member:${memberId}`;
/** 'canary-key:<client id>' */
export const keyCanary = (clientId: string): string => `canary-key:${clientId}`;

/** Remembers a trap. */
export async function insertCanary(tx: Tx, canary: Canary): Promise<void> {
  await tx.query('insert into canary (shop_id, subject, planted_by, planted_at) values ($1, $2, $3, $4)', [
    tx.shopId,
    canary.subject,
    canary.plantedBy,
    canary.plantedAt,
  ]);
}

/** The traps of the shop, the newest first, at most 100. */
export async function listCanaries(tx: Tx): Promise<Canary[]> {
  return tx.query<Canary>(
    `select subject, planted_by as "plantedBy", planted_at as "plantedAt" from canary where shop_id = $1
     order by planted_at desc, subject limit 100`,
    [tx.shopId],
  );
}

/**
 * Notes which of these are traps, and who touched them; null for somebody nobody knows. Answers whether there was one.
 * Every touch counts.
 */
export async function touchCanaries(
  tx: Tx,
  touch: { subjects: string[]; actor: string | null; at: Date },
): Promise<boolean> {
  const traps = await tx.query<{ subject: string }>(
    'select subject from canary where shop_id = $1 and subject = any($2)',
    [tx.shopId, touch.subjects],
  );
  for (const { subject } of traps) {
    const touched = touch.actor === null ? subject : `${subject}/${touch.actor}`;
    await noteSignal(tx, { kind: 'canary', subject: touched, at: touch.at });
  }
  return traps.length > 0;
}

/** Notes that members were shown to somebody, and raises the alarm when a trap was among them. Every call counts. */
export async function noteWatchedRead(tx: Tx, read: MemberRead): Promise<void> {
  if (read.memberIds.length === 0) return;
  await noteMemberRead(tx, read);
  await touchCanaries(tx, { subjects: read.memberIds.map(memberCanary), actor: read.actor, at: read.at });
}
