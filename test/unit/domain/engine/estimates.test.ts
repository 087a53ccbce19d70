/** What is promised is what is given: estimates equal awards, and a simulation equals what really happens later. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { settle, settleEvent } from '#app/domain/earning/earning.ts';
import { type MemberHistory, needsHistory, settleHistory, standingAt } from '#app/domain/earning/history.ts';
import { newcomer } from '#app/domain/earning/facts.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderNews, OrderState } from '#app/domain/orders/order.ts';
import { arrivalArbitrary, historyOf, lifeArbitrary, type ToldLife } from '#test/support/histories/lives.ts';
import { assertHistories } from '#test/support/histories/assert-histories.ts';
import { oracleSums } from '#test/support/histories/sums.ts';

/** The order as it was when it was just paid, before anything came back. */
function asPaid(told: ToldLife, orderId: string): OrderState {
  const deliveries = told.told.get(orderId)?.deliveries ?? [];
  return deliveries
    .filter(({ snapshot, refunds }) => snapshot !== null && snapshot.cancelledAt === null && refunds.length === 0)
    .reduce(mergeNews, emptyOrder(orderId));
}

test('an estimate made at the moment of a sale is what the sale earns, whatever happens to other orders later', () => {
  assertHistories(
    1_200,
    fc.property(lifeArbitrary(), fc.nat(), (told, which) => {
      const { orders, events } = told.life;
      fc.pre(orders.length > 0);
      const sold = orders[which % orders.length];
      if (sold === undefined) return;
      const history = historyOf(told);
      const order = asPaid(told, sold.id);
      const { document, facts } = sold;
      const isEarlier = (id: string, at: number) => at < sold.soldAt || (at === sold.soldAt && id < sold.id);
      const known: MemberHistory = {
        orders: history.orders.filter(({ state }) =>
          orders.some(({ id, soldAt }) => id === state.orderId && isEarlier(id, soldAt)),
        ),
        events: history.events.filter(({ event }) =>
          events.some(({ id, at }) => id === event.eventId && isEarlier(id, at)),
        ),
      };
      const at = new Date(sold.soldAt);
      const standing = standingAt(known, { at, document, timeZone: facts.timeZone });
      const estimate = settle({ order, document, facts, standing });
      const others = history.orders.filter(({ state }) => state.orderId !== sold.id);
      const award = settleHistory({ ...history, orders: [...others, { state: order, document, facts }] });
      expect(estimate).toEqual(award.orders.get(sold.id));
    }),
  );
});

test('where no rule looks at the history, settling an order or occasion alone is exact', () => {
  assertHistories(
    1_000,
    fc.property(lifeArbitrary(), (told) => {
      const history = historyOf(told);
      const together = settleHistory(history);
      for (const { state, document, facts } of history.orders)
        if (!needsHistory(document))
          expect(settle({ order: state, document, facts, standing: newcomer })).toEqual(
            together.orders.get(state.orderId),
          );
      for (const { event, document, facts } of history.events)
        if (!needsHistory(document))
          expect(settleEvent({ event, document, facts, standing: newcomer })).toEqual(
            together.events.get(event.eventId),
          );
    }),
  );
});

const runArbitrary = lifeArbitrary().chain((told) => fc.tuple(fc.constant(told), arrivalArbitrary(told.told)));

test('settling at every delivery posts in all what a simulation of the whole says at once, and hearing it all again nothing', () => {
  assertHistories(
    600,
    fc.property(runArbitrary, ([told, deliveries]) => {
      const booked: Record<string, Record<string, number>> = {};
      const heard: OrderNews[] = [];
      const hear = (news: OrderNews): number => {
        heard.push(news);
        let posted = 0;
        for (const [orderId, { targets }] of settleHistory(historyOf(told, heard)).orders) {
          const own = (booked[`order ${orderId}`] ??= {});
          for (const { unit, amount } of targets) {
            if (amount !== (own[unit] ?? 0)) posted += 1;
            own[unit] = amount;
          }
        }
        return posted;
      };
      for (const news of deliveries) hear(news);
      const simulated = oracleSums(told);
      for (const [order, own] of Object.entries(booked)) expect(own).toEqual(simulated[order]);
      for (const news of deliveries.slice(0, 4)) expect(hear(news)).toBe(0);
    }),
  );
});
