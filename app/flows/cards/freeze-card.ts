/** A card is frozen: nothing can be collected or redeemed by it, and both wallets show so. The balance stays. */
import { type FrozenBy, markFrozen } from '#app/data/cards/card-lifecycle.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { lockMember } from '#app/data/members/members.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { answerOnce, type ApiRequest } from '#app/data/shops/api-idempotency.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type FreezeCard = {
  shopId: ShopId;
  memberId: string;
  by: FrozenBy;
  actor: string;
  /** Who asks under which key, where somebody does: the same call later changes nothing. */
  request?: ApiRequest;
};

export type FrozenCard = { kind: 'frozen' | 'already-frozen'; memberId: MemberId };

/**
 * Freezes a member's card. What the member froze, staff can take over: it then takes staff to lift it. Safe to repeat.
 * Throws `NotFound`, and `Conflict` when the key was used for something else.
 */
export async function freezeCard(asked: FreezeCard): Promise<FrozenCard> {
  const at = now();
  return withShop(asked.shopId, (tx) => answerOnce(tx, { request: asked.request, at }, () => freeze(tx, asked, at)));
}

async function freeze(tx: Tx, { memberId, by, actor }: FreezeCard, at: Date): Promise<FrozenCard> {
  const member = await lockMember(tx, memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  const wasFrozen = member.state === 'frozen';
  const outcome = { kind: wasFrozen ? 'already-frozen' : 'frozen', memberId: member.memberId } as const;
  if (wasFrozen && (by === 'member' || member.frozenBy === 'staff')) return outcome;
  await markFrozen(tx, member, { by, at });
  if (!wasFrozen) await touchPasses(tx, [member.memberId]);
  await appendAudit(tx, {
    actor,
    action: 'card.freeze',
    object: `member:${member.memberId}`,
    beforeHash: null,
    afterHash: null,
    reason: by,
    occurredAt: at,
  });
  return outcome;
}
