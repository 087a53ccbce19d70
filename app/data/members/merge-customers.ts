/** Shopify makes two customers one: who was known by the one that is gone is known by the other from then on. */
import type { CustomerMerge } from '#app/contracts/shopify-delivery.ts';
import { makeGood } from '#app/data/ledger/made-good.ts';
import { settleReferralsOf } from '#app/data/ledger/referral-settlement.ts';
import { readRules } from '#app/data/ledger/rules-in-force.ts';
import { countSince, countWaiting, settleAnew } from '#app/data/ledger/waiting-orders.ts';
import { foldMembers } from '#app/data/members/fold-members.ts';
import { findCustomers, type Member, resolveFolded } from '#app/data/members/members.ts';
import {
  allIdsOf,
  keepMerge,
  type MergeStep,
  readMergeSteps,
  renameMembers,
} from '#app/data/members/merged-customers.ts';
import { findOrdersOnceOf } from '#app/data/orders/former-customers.ts';
import { findOrdersNaming, waitForSettlers } from '#app/data/orders/member-orders.ts';
import { findErasedCustomers } from '#app/data/privacy/erased-customers.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';

/**
 * Applies a merge. Where both customers are members of a program, the one is folded into the other. Sales that name the gone
 * one, told before or after, are theirs. Told again, late, or after later merges, it ends the same. Hold the shop's history.
 */
export async function mergeCustomers(tx: Tx, merge: CustomerMerge): Promise<void> {
  const { goneCustomerId: goneId, keptCustomerId: intoId } = merge;
  if (goneId === intoId) return;
  const keptId = await waitForSettlers(tx, goneId, intoId);
  // Two that were each merged into the other are one already.
  if (keptId === goneId) return;
  // Who was erased is not brought back by a merge that is told late.
  if ((await findErasedCustomers(tx, [goneId, intoId, keptId])).size > 0) return;
  await keepMerge(tx, { goneId, intoId, mergedAt: new Date(merge.mergedAt) }, keptId);
  const steps = await readMergeSteps(tx, goneId);
  const namedOnTheWay: string[] = [];
  for (const step of steps) if ((await carryOut(tx, step)) && step.intoId !== keptId) namedOnTheWay.push(step.intoId);
  const kept = await resolveFolded(tx, await findCustomers(tx, [keptId]));
  if (kept.length === 0) return;
  await countMerged(tx, { keptId, kept, namedOnTheWay });
  for (const { memberId } of kept) {
    await countSince(tx, memberId, firstOf(steps));
    await makeGood(tx, memberId, now());
  }
}

/** Does to members what Shopify did to customers. Answers whether somebody got another name by it. */
async function carryOut(tx: Tx, step: MergeStep): Promise<boolean> {
  const renamed = await renameMembers(tx, step);
  const into = await findCustomers(tx, [step.intoId]);
  for (const gone of await findCustomers(tx, [step.goneId])) {
    if (gone.foldedInto !== null) continue;
    const survivor = into.find(({ programId }) => programId === gone.programId);
    if (survivor === undefined) continue;
    await foldMembers(tx, { goneId: gone.memberId, intoId: survivor.memberId, mergedAt: step.mergedAt, at: now() });
  }
  return renamed.length > 0;
}

const firstOf = (steps: readonly MergeStep[]) => new Date(Math.min(...steps.map(({ mergedAt }) => mergedAt.getTime())));

/** Sales that were told of too early, when nobody could know whose they are. */
async function countMerged(
  tx: Tx,
  { keptId, kept, namedOnTheWay }: { keptId: string; kept: Member[]; namedOnTheWay: string[] },
): Promise<void> {
  const memberIds = kept.map(({ memberId }) => memberId);
  // Nobody had that name when they were told, so they went to whom it led then.
  await settleAnew(tx, await findOrdersNaming(tx, namedOnTheWay), { isReopened: true });
  await settleAnew(tx, await findOrdersOnceOf(tx, { customerIds: await allIdsOf(tx, [keptId]), memberIds }));
  await countWaiting(tx, keptId);
  // What either bought may be the first order of a friend who was brought as the other; their friends are counted together.
  await settleReferralsOf(tx, memberIds, { rules: await readRules(tx), at: now() });
}
