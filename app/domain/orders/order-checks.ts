/** What about an order can never be, and is not counted before a person has looked at it. */
import type { OrderNews, OrderState } from '#app/domain/orders/order.ts';
import { Rejected } from '#app/lib/errors.ts';

/**
 * Throws `Rejected` when news tells the order's amounts in another currency than before. Shopify fixes an order's currency
 * when it is made: amounts of two currencies must not be added up, and which is the right one cannot be told from here.
 */
export function refuseOtherCurrency(state: OrderState, news: OrderNews): void {
  if (news.snapshot === null || state.latest === null || news.snapshot.currency === state.latest.currency) return;
  throw new Rejected('order-currency-changed', 'An order came in another currency than before', {
    publicMessage: `It tells the order in ${news.snapshot.currency}, but the order was made in ${state.latest.currency}.`,
  });
}
