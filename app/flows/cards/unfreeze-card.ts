/** A frozen card is good again, and both wallets show so. */
import { type FrozenBy, markUnfrozen } from '#app/data/cards/card-lifecycle.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { demandUse, lockMember } from '#app/data/members/members.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { answerOnce, type ApiRequest } from '#app/data/shops/api-idempotency.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type UnfreezeCard = {
  shopId: ShopId;
  memberId: string;
  by: FrozenBy;
  actor: string;
  /** Who asks under which key, where somebody does: the same call later changes nothing. */
  request?: ApiRequest;
};

/** `by-staff`: the member asked, and it was not the member who froze it. */
export type UnfrozenCard = { kind: 'unfrozen' | 'not-frozen' | 'by-staff'; memberId: MemberId };

/**
 * Lifts a freeze. Safe to repeat. Throws `NotFound`, and `Conflict` while the member is restricted or when the key was used
 * for something else.
 */
export async function unfreezeCard(asked: UnfreezeCard): Promise<UnfrozenCard> {
  const at = now();
  return withShop(asked.shopId, (tx) => answerOnce(tx, { request: asked.request, at }, () => unfreeze(tx, asked, at)));
}

async function unfreeze(tx: Tx, { memberId, by, actor }: UnfreezeCard, at: Date): Promise<UnfrozenCard> {
  const member = await lockMember(tx, memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  if (member.state !== 'frozen') return { kind: 'not-frozen', memberId: member.memberId };
  if (by === 'member' && (member.frozenBy !== 'member' || member.restrictedAt !== null))
    return { kind: 'by-staff', memberId: member.memberId };
  demandUse(member);
  await markUnfrozen(tx, member);
  await touchPasses(tx, [member.memberId]);
  await appendAudit(tx, {
    actor,
    action: 'card.unfreeze',
    object: `member:${member.memberId}`,
    beforeHash: null,
    afterHash: null,
    reason: by,
    occurredAt: at,
  });
  return { kind: 'unfrozen', memberId: member.memberId };
}
