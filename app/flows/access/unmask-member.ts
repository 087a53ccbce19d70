/** Somebody has to know who a member is: they say why, and it is written down before anything is shown. */
import { readMember } from '#app/data/members/members.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { noteWatchedRead } from '#app/data/security/canaries.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type UnmaskedMember = { name: string | null; email: string | null; phone: string | null };

const reasonMin = 5;

/**
 * A member's name and addresses in full, with an audit record of who asked and why. Throws `InvalidInput` without a reason,
 * and `NotFound` for a member that is unknown or erased.
 */
export async function unmaskMember(asked: {
  shopId: ShopId;
  memberId: string;
  actor: string;
  reason: string;
}): Promise<UnmaskedMember> {
  const { shopId, memberId, actor } = asked;
  const reason = asked.reason.trim();
  if (reason.length < reasonMin)
    throw new InvalidInput('reason-missing', 'Nothing is unmasked without a reason', {
      publicMessage: 'Say why you need to see this. It is kept with your name.',
    });
  return withShop(shopId, async (tx) => {
    const member = await readMember(tx, memberId);
    if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
    await appendAudit(tx, {
      actor,
      action: 'member.unmask',
      object: `member:${memberId}`,
      beforeHash: null,
      afterHash: null,
      reason,
      occurredAt: now(),
    });
    await noteWatchedRead(tx, {
      actor,
      operation: 'unmask',
      memberIds: [member.memberId],
      fields: ['name', 'email', 'phone'],
      at: now(),
    });
    const profile = (await readProfiles(tx, [memberId])).get(memberId);
    return { name: profile?.name ?? null, email: profile?.email ?? null, phone: profile?.phone ?? null };
  });
}
