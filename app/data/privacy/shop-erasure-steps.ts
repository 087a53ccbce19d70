/**
 * The erasure of a whole shop, step by step, as far as it happens in our own database. Large shops go in slices, each a
 * transaction of its own that notes where it stopped.
 */
import { deleteDevices } from '#app/data/cards/devices.ts';
import { anonymizeEvents } from '#app/data/ledger/member-events.ts';
import { eraseMembers } from '#app/data/members/members.ts';
import { deleteProfiles } from '#app/data/members/profiles.ts';
import { anonymizeOrders, listOrderIds } from '#app/data/orders/orders.ts';
import { type Progress, sumLedger, writeLedgerBefore } from '#app/data/privacy/case-progress.ts';
import type { PrivacyCase } from '#app/data/privacy/cases.ts';
import { destroyConsentKeys } from '#app/data/privacy/consent-keys.ts';
import { clearCaches, forgetMessages } from '#app/data/privacy/erasure-steps.ts';
import { waitForWriters } from '#app/data/privacy/erasure-gate.ts';
import { markErased } from '#app/data/shops/shops.ts';
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';

const membersPerSlice = 500;
const ordersPerSlice = 2_000;

/** From now on nothing that still arrives is kept, and nobody can join. */
export async function closeShop(tx: Tx, { caseId }: PrivacyCase): Promise<number> {
  await waitForWriters(tx);
  await markErased(tx);
  await writeLedgerBefore(tx, caseId, await sumLedger(tx, null));
  return 1;
}

/** The members after one, in id order; at most `limit`, and null when these are the last. */
export async function listMemberIds(
  tx: Tx,
  after: string | null,
  limit: number,
): Promise<{ memberIds: MemberId[]; after: string | null }> {
  const rows = await tx.query<{ id: MemberId }>(
    `select id from member where shop_id = $1 and id > coalesce($2::uuid, ${lowestId}) order by id limit $3`,
    [tx.shopId, after, limit],
  );
  const memberIds = rows.map((row) => row.id);
  return { memberIds, after: rows.length < limit ? null : (memberIds.at(-1) ?? null) };
}

/** One slice of work over all members: what is done to these, and after whom the next slice begins. */
function overMembers(work: (tx: Tx, memberIds: MemberId[]) => Promise<number>) {
  return async (tx: Tx, before: string | null): Promise<Progress> => {
    await waitForWriters(tx);
    const { memberIds, after } = await listMemberIds(tx, before, membersPerSlice);
    return { count: memberIds.length === 0 ? 0 : await work(tx, memberIds), after };
  };
}

/** Nobody is told of void cards any more: with the registrations gone there is nobody to tell. */
export const endAllRegistrations = overMembers(async (tx, memberIds) => {
  await tx.query(
    `update pass set state = 'void', voided_at = coalesce(voided_at, $3) where shop_id = $1 and member_id = any($2)`,
    [tx.shopId, memberIds, now()],
  );
  return deleteDevices(tx, memberIds);
});

export const deleteAllIdentity = overMembers(async (tx, memberIds) => {
  await deleteProfiles(tx, memberIds);
  await anonymizeEvents(tx, memberIds);
  return eraseMembers(tx, memberIds);
});

export const forgetAllMessages = overMembers(forgetMessages);
export const clearAllCaches = overMembers(clearCaches);
export const destroyAllKeys = overMembers(destroyConsentKeys);

/** What was watched in the shop, where its tills stood, what was answered to integrators, and who became one with whom. */
const watched = [
  'member_read',
  'risk_decision',
  'security_signal',
  'store_place',
  'api_idempotency',
  'merged_customer',
] as const;
const watchedPerSlice = 5_000;

/** Deletes one slice of what was watched: who read which member, what was decided about whom, and where tills stood. */
export async function deleteWatched(tx: Tx, before: string | null): Promise<Progress> {
  const at = Math.max(
    0,
    watched.findIndex((table) => table === before),
  );
  const table = watched[at] ?? watched[0];
  const [row] = await tx.query<{ deleted: number }>(
    `with gone as (
       delete from ${table} where shop_id = $1 and ctid = any(array(select ctid from ${table} where shop_id = $1 limit $2))
       returning 1
     )
     select count(*)::int as deleted from gone`,
    [tx.shopId, watchedPerSlice],
  );
  const count = row?.deleted ?? 0;
  return { count, after: count === watchedPerSlice ? table : (watched[at + 1] ?? null) };
}

/** One slice of orders loses whose they were. */
export async function cutAllOrdersLoose(tx: Tx, before: string | null): Promise<Progress> {
  const orderIds = await listOrderIds(tx, before, ordersPerSlice);
  const count = orderIds.length === 0 ? 0 : await anonymizeOrders(tx, { orderIds });
  return { count, after: orderIds.length < ordersPerSlice ? null : (orderIds.at(-1) ?? null) };
}
