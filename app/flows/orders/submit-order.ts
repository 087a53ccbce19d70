/** An order of another point of sale is told through the API: it is kept and settled like any other, at once. */
import { findScannedCard } from '#app/data/cards/scanned-cards.ts';
import { settleOrders } from '#app/data/ledger/settlement.ts';
import { readMember } from '#app/data/members/members.ts';
import { findOrder } from '#app/data/orders/orders.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { answerOnce, type ApiRequest } from '#app/data/shops/api-idempotency.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, invariant, NotFound, Rejected } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

/** Whose sale the caller says it is. */
export type ToldOwner = { kind: 'member'; memberId: string } | { kind: 'card'; cardCode: string } | { kind: 'unsaid' };

export type SubmittedOrder = { isSettled: boolean };

/**
 * Takes in what an order is by now and books what it should have earned; older news than what is known changes nothing.
 * Once per key. Throws `NotFound` for an unknown member or card, `Conflict` when the order is another member's, was made in
 * another currency, or the key was used for other inputs.
 */
export async function submitOrder(asked: {
  shopId: ShopId;
  request: ApiRequest;
  news: OrderNews;
  owner: ToldOwner;
}): Promise<SubmittedOrder> {
  const { shopId, request, news, owner } = asked;
  const at = now();
  return withShop(shopId, (tx) =>
    answerOnce(tx, { request, at }, async () => {
      const memberId = await findOwner(tx, owner, new Date(news.snapshot?.processedAt ?? at));
      await settleOrders(tx, [{ orderId: news.orderId, news, memberId }], at).catch(asConflict);
      const order = await findOrder(tx, news.orderId);
      invariant(order !== null, 'a settled order is stored');
      if (memberId !== null && order.memberId !== memberId)
        throw new Conflict('order-taken', 'The order is another member’s', {
          publicMessage: 'This order is another member’s already.',
        });
      await appendAudit(tx, {
        actor: `api:${request.clientId}`,
        action: 'order.submit',
        object: `order:${news.orderId}`,
        beforeHash: null,
        afterHash: fingerprint(news),
        reason: null,
        occurredAt: at,
      });
      return { isSettled: !order.needsFetch };
    }),
  );
}

const refusals = {
  frozen: () => new Conflict('card-frozen', 'The card is frozen', { publicMessage: 'The card is frozen.' }),
  replaced: () =>
    new Conflict('card-replaced', 'The card was replaced', {
      publicMessage: 'This card was replaced by a new one. Ask for the new card.',
    }),
};

async function findOwner(tx: Tx, owner: ToldOwner, saleAt: Date): Promise<MemberId | null> {
  if (owner.kind === 'unsaid') return null;
  if (owner.kind === 'member') {
    const member = await readMember(tx, owner.memberId);
    if (member.state !== 'erased') return member.memberId;
  } else {
    const card = await findScannedCard(tx, { code: owner.cardCode, scannedAt: saleAt });
    if (card.kind === 'good') return card.member.memberId;
    if (card.kind !== 'unknown') throw refusals[card.kind]();
  }
  throw new NotFound('member-not-found', 'The order names nobody of the shop');
}

function asConflict(error: unknown): never {
  if (!(error instanceof Rejected)) throw error;
  const { publicMessage } = error;
  throw new Conflict(error.code, error.message, {
    cause: error,
    ...(publicMessage !== undefined && { publicMessage }),
  });
}
