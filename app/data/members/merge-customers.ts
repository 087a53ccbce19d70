/** Shopify makes two customers one: who was known by the one that is gone is known by the other from then on. */
import type { CustomerMerge } from '#app/contracts/shopify-delivery.ts';
import { makeGood } from '#app/data/ledger/made-good.ts';
import { settleReferralsOf } from '#app/data/ledger/referral-settlement.ts';
import { readRules } from '#app/data/ledger/rules-in-force.ts';
import { countSince, countWaiting, settleAnew } from '#app/data/ledger/waiting-orders.ts';
import { foldMembers, moveFold } from '#app/data/members/fold-members.ts';
import { findCustomers, type Member, readMembers, resolveFolded } from '#app/data/members/members.ts';
import {
  allIdsOf,
  firstNameOf,
  keepCameWith,
  keepMerge,
  type KnownMerge,
  readMergesInto,
  renameMembers,
} from '#app/data/members/merged-customers.ts';
import { findOrdersOnceOf } from '#app/data/orders/former-customers.ts';
import { findOwnedOrdersNaming, waitForSettlers } from '#app/data/orders/member-orders.ts';
import { findErasedCustomers } from '#app/data/privacy/erased-customers.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { changedNames, type Joined, type MergePlan, planMerges } from '#app/domain/members/merges.ts';
import { now } from '#app/lib/clock.ts';

/**
 * Applies a merge. All merges around the two are played through in the order in which Shopify did them, and members are made
 * what comes of that, so it ends the same when a merge is told again, late, or after later ones. Where both customers are
 * members of a program, the one is folded into the other; sales that name the gone one are theirs. Who was erased is not
 * brought back by a merge that is told late: it changes nothing, and answers whom the erasure would have been about as well,
 * had the merge been told in time. Hold the shop's history.
 */
export async function mergeCustomers(tx: Tx, merge: CustomerMerge): Promise<{ alsoErased: string | null }> {
  const { goneCustomerId: goneId, keptCustomerId: intoId } = merge;
  if (goneId === intoId) return { alsoErased: null };
  const keptId = await waitForSettlers(tx, goneId, intoId);
  // Two that were each merged into the other are one already.
  if (keptId === goneId) return { alsoErased: null };
  const erased = await findErasedCustomers(tx, [goneId, intoId, keptId]);
  // Who is merged into an erased one only after that has asked for nothing.
  const wasMerged = [intoId, keptId].some((id) => (erased.get(id) ?? new Date(0)) >= new Date(merge.mergedAt));
  if (erased.size > 0) return { alsoErased: wasMerged && !erased.has(goneId) ? goneId : null };
  await apply(tx, merge, keptId);
  return { alsoErased: null };
}

async function apply(tx: Tx, merge: CustomerMerge, keptId: string): Promise<void> {
  const { goneCustomerId: goneId, keptCustomerId: intoId } = merge;
  await keepMerge(tx, { goneId, intoId, mergedAt: new Date(merge.mergedAt) }, keptId);
  const merges = await readMergesInto(tx, keptId);
  const { plan, joined } = await carryOut(tx, merges);
  const kept = await resolveFolded(tx, await findCustomers(tx, [keptId]));
  if (kept.length === 0) return;
  const without = merges.filter((known) => known.goneId !== goneId);
  const names = changedNames(planMerges(without, joined), plan);
  await countMerged(tx, { keptId, kept, reopened: await findOwnedOrdersNaming(tx, names) });
  const since = merges.find((known) => known.goneId === goneId)?.mergedAt ?? new Date(merge.mergedAt);
  for (const { memberId } of kept) {
    await countSince(tx, memberId, since);
    await makeGood(tx, memberId, now());
  }
}

/** Makes of the members what Shopify made of the customers. Answers the plan, and whom it is about. */
async function carryOut(tx: Tx, merges: KnownMerge[]): Promise<{ plan: MergePlan; joined: Joined[] }> {
  const members = await readAround(tx, merges);
  let joined = members.map((member): Joined => {
    const { memberId, programId } = member;
    return { memberId, programId, customerId: firstNameOf(member, merges) ?? '' };
  });
  let plan = planMerges(merges, joined);
  // Who was folded otherwise than by these merges stays so, and bears no name any more.
  const isFoldedElse = (member: Member) =>
    member.foldedInto !== null && plan.places.get(member.memberId)?.fold === null;
  for (let others = members.filter(isFoldedElse); others.length > 0; others = members.filter(isFoldedElse)) {
    const left = new Set(others.map(({ memberId }) => memberId));
    joined = joined.filter(({ memberId }) => !left.has(memberId));
    plan = planMerges(merges, joined);
  }
  await writePlan(tx, { plan, merges, members });
  return { plan, joined };
}

/** Everybody who is or was known as one of these customers; erased ones left out. */
async function readAround(tx: Tx, merges: KnownMerge[]): Promise<Member[]> {
  const named = await findCustomers(tx, [...new Set(merges.flatMap(({ goneId, intoId }) => [goneId, intoId]))]);
  const went = await readMembers(tx, [...new Set(merges.flatMap(({ memberIds }) => memberIds))]);
  const byId = new Map([...named, ...went].map((member) => [member.memberId, member]));
  return [...byId.values()].filter(({ state, shopifyCustomerId }) => state !== 'erased' && shopifyCustomerId !== null);
}

async function writePlan(
  tx: Tx,
  { plan, merges, members }: { plan: MergePlan; merges: KnownMerge[]; members: Member[] },
): Promise<void> {
  const changed = members.flatMap((member) => {
    const place = plan.places.get(member.memberId);
    return place === undefined ? [] : { member, memberId: member.memberId, ...place };
  });
  await renameMembers(tx, changed.filter(({ member, customerId }) => member.shopifyCustomerId !== customerId)); // prettier-ignore
  for (const { goneId, memberIds } of merges) {
    const cameWith = plan.cameWith.get(goneId) ?? [];
    if (String(cameWith.toSorted()) !== String(memberIds.toSorted())) await keepCameWith(tx, goneId, cameWith);
  }
  const folds = changed.flatMap(({ member, fold }) => (fold === null ? [] : { member, ...fold }));
  for (const { member, intoId, foldedAt } of folds.toSorted((one, two) => +one.foldedAt - +two.foldedAt)) {
    const fold = { goneId: member.memberId, intoId, mergedAt: foldedAt };
    if (member.foldedInto === null) await foldMembers(tx, { ...fold, at: now() });
    else if (member.foldedInto !== intoId || member.foldedAt?.getTime() !== foldedAt.getTime())
      await moveFold(tx, fold);
  }
}

/** Sales that were told of too early, when nobody could know whose they are. */
async function countMerged(
  tx: Tx,
  { keptId, kept, reopened }: { keptId: string; kept: Member[]; reopened: string[] },
): Promise<void> {
  const memberIds = kept.map(({ memberId }) => memberId);
  await settleAnew(tx, reopened, { isReopened: true });
  await settleAnew(tx, await findOrdersOnceOf(tx, { customerIds: await allIdsOf(tx, [keptId]), memberIds }));
  await countWaiting(tx, keptId);
  // What either bought may be the first order of a friend who was brought as the other; their friends are counted together.
  await settleReferralsOf(tx, memberIds, { rules: await readRules(tx), at: now() });
}
