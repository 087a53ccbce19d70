/** A lost card is replaced: new serial, new code, new link. The old one is void wherever it is; the balance stays. */
import { retireCard } from '#app/data/cards/card-lifecycle.ts';
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { ensurePass } from '#app/data/cards/passes.ts';
import { lockMember, readMember } from '#app/data/members/members.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { answerOnce, type ApiRequest } from '#app/data/shops/api-idempotency.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type ReissueCard = {
  shopId: ShopId;
  memberId: string;
  actor: string;
  /** The card that is meant, by the number of replacements before it: another one is left alone. Null means the newest. */
  ifGeneration: number | null;
  /** Who asks under which key, where somebody does. */
  request?: ApiRequest;
};

export type ReissuedCard = {
  kind: 'reissued' | 'already-reissued';
  memberId: MemberId;
  /** Where the member gets the new card. */
  cardUrl: string;
};

/**
 * Replaces a member's card once for each generation or key. A frozen card stays frozen. Throws `NotFound`, and `Conflict`
 * when the key was used for something else.
 */
export async function reissueCard(asked: ReissueCard): Promise<ReissuedCard> {
  return withShop(asked.shopId, async (tx) => {
    const at = now();
    const { kind, memberId } = await answerOnce(tx, { request: asked.request, at }, () => replaceOnce(tx, asked, at));
    const member = await readMember(tx, memberId);
    return { kind, memberId, cardUrl: cardUrlOf(await readShopKeys(tx), member, at) };
  });
}

async function replaceOnce(tx: Tx, asked: ReissueCard, at: Date): Promise<Pick<ReissuedCard, 'kind' | 'memberId'>> {
  const member = await lockMember(tx, asked.memberId);
  const { memberId, cardGeneration } = member;
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  if (asked.ifGeneration !== null && asked.ifGeneration !== cardGeneration)
    return { kind: 'already-reissued', memberId };
  await retireCard(tx, member, at);
  // As after joining: the new card is there before anybody asks for it.
  await ensurePass(tx, memberId, 'apple');
  await appendAudit(tx, {
    actor: asked.actor,
    action: 'card.reissue',
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: null,
    reason: `card ${cardGeneration + 2}`,
    occurredAt: at,
  });
  return { kind: 'reissued', memberId };
}
