/** Where a shop asks for it, members who did nothing for years are erased: a case each, as if they had asked themselves. */
import { listInactiveMembers } from '#app/data/members/inactive-members.ts';
import { lockMember } from '#app/data/members/members.ts';
import { openCase } from '#app/data/privacy/cases.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { inactiveMembersClass, readRetentionChoices } from '#app/data/privacy/retention.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

/** A run: erasures call wallets, so that a large shop is done over some hours. */
const membersMax = 200;

/** Opens erasure cases for inactive members. Answers how many. Safe to repeat: who has a case is left alone. */
export async function eraseInactiveMembers({ shopId }: { shopId: ShopId }): Promise<number> {
  const at = now();
  const memberIds = await withShop(shopId, async (tx) => {
    const hours = (await readRetentionChoices(tx)).get(inactiveMembersClass);
    return hours === undefined ? [] : listInactiveMembers(tx, new Date(at.getTime() - hours * 3_600_000), membersMax);
  });
  for (const memberId of memberIds) await withShop(shopId, (tx) => openErasure(tx, memberId, at));
  return memberIds.length;
}

async function openErasure(tx: Tx, memberId: MemberId, at: Date): Promise<void> {
  const member = await lockMember(tx, memberId);
  if (member.state !== 'active') return;
  const caseId = await openCase(tx, {
    kind: 'erasure',
    origin: 'retention',
    actor: 'system',
    subject: { customerId: null, email: null, phone: null, orderIds: [], memberIds: [memberId] },
    details: null,
    sourceKey: `retention:${memberId}`,
    at,
  });
  await appendAudit(tx, {
    actor: 'system',
    action: 'case.open.erasure',
    object: `case:${caseId}`,
    beforeHash: null,
    afterHash: null,
    reason: inactiveMembersClass,
    occurredAt: at,
  });
  await enqueue(tx, 'process-case', { caseId });
}
