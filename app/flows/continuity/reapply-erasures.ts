/** A restored backup brings back people who were erased after it was taken: their erasures are opened once more. */
import { openCase } from '#app/data/privacy/cases.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { forgetMerges } from '#app/data/members/merged-customers.ts';
import { readMembers } from '#app/data/members/members.ts';
import { forgetWaitingDeliveries } from '#app/data/orders/inbox.ts';
import { anonymizeOrders } from '#app/data/orders/orders.ts';
import { findErasedCustomersOfOrders } from '#app/data/privacy/restored-people.ts';
import { addTombstones, readErasures } from '#app/data/privacy/tombstones.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { type KeptErasure, readKeptErasures } from '#app/gateways/erasure-store.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { CaseId, MemberId, ShopId } from '#app/lib/ids.ts';

export type ReopenedCase = { shopId: ShopId; caseId: CaseId };

/**
 * Opens a case for everybody the database holds although they were erased, and for every erased shop; `takenAt` is when
 * the backup was taken. The caller works the cases at once; a job finishes what needs others. Safe to repeat. Throws
 * `Unavailable` when what was kept outside the database cannot be read, or was altered.
 */
export async function reapplyErasures({ takenAt }: { takenAt: Date }): Promise<ReopenedCase[]> {
  const reopened: ReopenedCase[] = [];
  for (const erasure of await readKeptErasures()) {
    const shopId = erasure.shopId as ShopId;
    const caseId = await withShop(shopId, (tx) => reopen(tx, erasure, takenAt));
    if (caseId !== null) reopened.push({ shopId, caseId });
  }
  return reopened;
}

async function reopen(tx: Tx, erasure: KeptErasure, takenAt: Date): Promise<CaseId | null> {
  // Also of a shop that the backup does not know.
  if ((await readErasures(tx)).isShopErased) return null;
  const sourceKey = `restore:${erasure.caseId}`;
  if (erasure.of === 'shop-erasure') return open(tx, { kind: 'shop-erasure', subject: null, sourceKey });
  await addTombstones(
    tx,
    erasure.fingerprints.map((print) => Buffer.from(print, 'base64')),
    new Date(erasure.erasedAt),
  );
  const members = await readMembers(tx, erasure.memberIds);
  const memberIds = members.filter(({ state }) => state !== 'erased').map(({ memberId }) => memberId);
  // Whoever was erased before the backup and joined again since is no longer meant by their tombstone.
  if (new Date(erasure.erasedAt) >= takenAt) await forgetCustomers(tx, await findErasedCustomersOfOrders(tx));
  if (memberIds.length === 0) return null;
  return open(tx, { kind: 'erasure', subject: { ...nobody, memberIds }, sourceKey });
}

async function forgetCustomers(tx: Tx, customerIds: string[]): Promise<void> {
  if (customerIds.length === 0) return;
  await anonymizeOrders(tx, { customerIds, memberIds: [] });
  await forgetMerges(tx, customerIds);
  await forgetWaitingDeliveries(tx, { customerIds });
}

const nobody = { customerId: null, email: null, phone: null, orderIds: [] };

type Reopening = {
  kind: 'erasure' | 'shop-erasure';
  subject: (typeof nobody & { memberIds: MemberId[] }) | null;
  sourceKey: string;
};

async function open(tx: Tx, { kind, subject, sourceKey }: Reopening): Promise<CaseId> {
  const at = now();
  const caseId = await openCase(tx, {
    kind,
    origin: 'restore',
    actor: 'system',
    subject,
    details: null,
    sourceKey,
    at,
  });
  await appendAudit(tx, {
    actor: 'system',
    action: `case.open.${kind}`,
    object: `case:${caseId}`,
    beforeHash: null,
    afterHash: null,
    reason: 'restored-backup',
    occurredAt: at,
  });
  await enqueue(tx, 'process-case', { caseId });
  return caseId;
}
