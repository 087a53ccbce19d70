/**
 * A lost card is replaced: new serial, new code, new link. The old one is void wherever it is; the balance stays. A member
 * who proved their address is mailed the link.
 */
import { retireCard } from '#app/data/cards/card-lifecycle.ts';
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { ensurePass } from '#app/data/cards/passes.ts';
import { addMailRequest } from '#app/data/members/mail-requests.ts';
import { lockMember, type Member, readMember } from '#app/data/members/members.ts';
import { readProvenAddress } from '#app/data/members/proven-addresses.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { answerOnce, type ApiRequest } from '#app/data/shops/api-idempotency.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { canSendMail } from '#app/gateways/mail.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
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
  /** Whether the link is on its way to the address that the member proved. An address only typed gets nothing. */
  isMailed: boolean;
};

/**
 * Replaces a member's card once for each generation or key. A frozen card stays frozen. Throws `NotFound`, and `Conflict`
 * when the key was used for something else.
 */
export async function reissueCard(asked: ReissueCard): Promise<ReissuedCard> {
  return withShop(asked.shopId, async (tx) => {
    const at = now();
    const done = await answerOnce(tx, { request: asked.request, at }, () => replaceOnce(tx, asked, at));
    const member = await readMember(tx, done.memberId);
    return { ...done, cardUrl: cardUrlOf(await readShopKeys(tx), member, at) };
  });
}

async function replaceOnce(tx: Tx, asked: ReissueCard, at: Date): Promise<Omit<ReissuedCard, 'cardUrl'>> {
  const member = await lockMember(tx, asked.memberId);
  const { memberId, cardGeneration } = member;
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  if (asked.ifGeneration !== null && asked.ifGeneration !== cardGeneration)
    return { kind: 'already-reissued', memberId, isMailed: false };
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
  return { kind: 'reissued', memberId, isMailed: await mailLink(tx, member, at) };
}

/** Asks for the mail, unless there is no proven address, no mail server, or the address had enough mails for a day. */
async function mailLink(tx: Tx, { memberId, locale }: Member, at: Date): Promise<boolean> {
  const address = canSendMail() ? await readProvenAddress(tx, memberId) : null;
  if (address === null) return false;
  const requestId = await addMailRequest(tx, { memberId, kind: 'new-card', locale, address, at });
  if (requestId !== null) await enqueue(tx, 'send-mail', { requestId });
  return requestId !== null;
}
