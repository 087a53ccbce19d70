import { expect, test } from 'vitest';

import { packNews, unpackNews } from '#app/domain/orders/order-wire.ts';
import type { OrderNews, OrderReceived } from '#app/domain/orders/order.ts';
import { makeLine, makeRefund, makeSnapshot, snapshotNews } from '#test/support/orders.ts';

const rare = ['vendor', 'fulfilledAt', 'hasGiftCardTender', 'presentment', 'tenders', 'removedMinor', 'received'];
const presentment = { currency: 'JPY', lines: {}, shippingMinor: 0, shippingTaxMinor: 0, tipMinor: 0 };
const overTheWire = (news: OrderNews) => unpackNews(JSON.parse(JSON.stringify(packNews(news))));

test('what most orders do not have costs no byte on the way, and is there again afterwards', () => {
  const news = snapshotNews(makeSnapshot({ lines: [makeLine()] }), [makeRefund()]);
  const text = JSON.stringify(packNews(news));
  expect(rare.filter((field) => text.includes(field))).toEqual([]);
  expect(overTheWire(news)).toEqual(news);
});

test('what an order has arrives whole', () => {
  const snapshot = makeSnapshot({
    lines: [makeLine({ vendor: 'Bluebird' })],
    fulfilledAt: '2026-03-02T09:00:00.000Z',
    hasGiftCardTender: true,
    presentment,
    removedMinor: 3,
  });
  const refund = makeRefund({ presentment: { lines: {}, shippingMinor: 1, amountOnlyMinor: 2 } });
  const tenders = { asOf: '2026-03-02T09:00:00.000Z', giftCardMinor: 1, totalMinor: 2 };
  const received: OrderReceived = { asOf: '2026-03-02T09:00:00.000Z', by: 'payments', amountMinor: 4 };
  const news = { ...snapshotNews(snapshot, [refund]), tenders, received };
  expect(overTheWire(news)).toEqual(news);
  expect(overTheWire({ orderId: '1', snapshot: null, refunds: [refund] })).toMatchObject({ snapshot: null });
});
