/** A restriction ends: the member's data is used again, and what was bought meanwhile is counted. */
import { lockMember, readMember } from '#app/data/members/members.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { countWaiting } from '#app/data/ledger/waiting-orders.ts';
import { waitForSettlers } from '#app/data/orders/member-orders.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { liftRestriction as lift } from '#app/data/privacy/subject-rights.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { CaseReason } from '#app/domain/privacy/case.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type LiftRestriction = { shopId: ShopId; memberId: string; actor: string; reason: CaseReason };

/** Lifts the restriction of everything that the person is in this shop. Safe to repeat. Throws `NotFound`. */
export async function liftRestriction(asked: LiftRestriction): Promise<{ kind: 'lifted' | 'not-restricted' }> {
  const { shopId, memberId, actor, reason } = asked;
  return withShop(shopId, async (tx) => {
    await keepErasureOut(tx);
    await lockHistory(tx);
    const { shopifyCustomerId: customerId } = await readMember(tx, memberId);
    if (customerId !== null) await waitForSettlers(tx, customerId);
    const member = await lockMember(tx, memberId);
    if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
    const lifted = await lift(tx, member);
    if (lifted.length === 0) return { kind: 'not-restricted' };
    for (const each of lifted)
      await appendAudit(tx, {
        actor,
        action: 'member.restriction-lifted',
        object: `member:${each.memberId}`,
        beforeHash: null,
        afterHash: null,
        reason,
        occurredAt: now(),
      });
    if (customerId !== null) await countWaiting(tx, customerId);
    return { kind: 'lifted' };
  });
}
