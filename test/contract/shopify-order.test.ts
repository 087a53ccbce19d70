import { describe, expect, test } from 'vitest';

import { projectOrder } from '#app/contracts/shopify-order.ts';
import { projectRefund } from '#app/contracts/shopify-refund.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import { itemRule, makeProgram, settleAlone, spendRule } from '#test/support/orders.ts';
import { newsOf, posOrder, refundOf, sample, snapshotOf } from '#test/support/shopify-samples.ts';

test('a till order is read whole', () => {
  expect(newsOf(sample(posOrder))).toEqual({
    orderId: '1073459981',
    snapshot: {
      orderId: '1073459981',
      orderNumber: 1002,
      customerId: '1073339475',
      cardCode: null,
      discountCodes: [],
      currency: 'USD',
      taxesIncluded: false,
      isTest: false,
      financialStatus: 'paid',
      channel: 'pos',
      locationId: '5791776832',
      lines: [
        {
          id: '1071823193',
          productId: '921728736',
          variantId: '447654529',
          vendor: 'Apple',
          quantity: 1,
          grossMinor: 19_900,
          discountMinor: 1_791,
          taxMinor: 0,
          isGiftCard: false,
          isTip: false,
        },
      ],
      shippingMinor: 0,
      shippingTaxMinor: 0,
      tipMinor: 0,
      totalMinor: 18_109,
      createdAt: '2025-04-02T16:31:38.000Z',
      processedAt: '2025-04-02T16:31:38.000Z',
      updatedAt: '2025-04-02T16:31:38.000Z',
      cancelledAt: null,
      fulfilledAt: '2025-04-02T16:31:38.000Z',
      hasGiftCardTender: false,
      presentment: null,
    },
    refunds: [],
  });
});

test('nothing personal is kept of any sample', () => {
  const personal = /bob|norman|jane|smith|john|example\.com|\+1|555|fake street|chestnut|0\.0\.0\.0|ipod/i;
  for (const name of [
    posOrder,
    'official_2026-07_order_web_partially_refunded',
    'official_2026-07_order_app_paid_customer',
  ])
    expect(JSON.stringify(newsOf(sample(name)))).not.toMatch(personal);
});

test.each([
  ['official_2026-07_order_authorized', 'not-paid'],
  ['official_2026-07_order_app_pending', 'not-paid'],
  ['official_2026-07_order_app_partially_paid', 'not-paid'],
  ['derived_order_test_flag', 'test-order'],
  ['official_2026-07_order_web_cancelled_refunded', 'cancelled'],
  ['official_2026-07_order_app_paid_customer', 'earned'],
])('%s is %s', (name, because) => {
  const news = newsOf(sample(name));
  const rate = { currency: 'USD', amount: 1, perMinor: 100 };
  const document = makeProgram([spendRule({ rates: [rate] })]);
  expect(settleAlone({ order: mergeNews(emptyOrder(news.orderId), news), document }).because).toBe(because);
});

test('an order tells its refunds too, and what they leave settles', () => {
  const news = newsOf(sample('official_2026-07_order_web_partially_refunded'));
  expect(news.refunds).toEqual([
    {
      refundId: '509562969',
      createdAt: '2025-04-02T16:29:59.000Z',
      lines: [
        { lineId: '703073504', quantity: 1, subtotalMinor: 19_566, taxMinor: 398 },
        { lineId: '466157049', quantity: 1, subtotalMinor: 19_567, taxMinor: 398 },
      ],
      shippingMinor: 0,
      amountOnlyMinor: 0,
      presentment: null,
    },
  ]);
  const rate = { currency: 'USD', amount: 1, perMinor: 100 };
  const document = makeProgram([spendRule({ rates: [rate] }), itemRule()]);
  const { targets } = settleAlone({ order: mergeNews(emptyOrder(news.orderId), news), document });
  expect(targets.map((target) => target.amount)).toEqual([195, 1]);
});

test('a guest order, a removed customer and custom lines have no ids where Shopify has none', () => {
  expect(snapshotOf(sample('derived_order_pos_guest')).customerId).toBeNull();
  expect(snapshotOf(sample('official_2026-07_order_web_no_customer')).customerId).toBeNull();
  const custom = snapshotOf(sample('official_2026-07_order_app_eur_tax_no_customer'));
  expect(custom.lines[0]).toMatchObject({ productId: null, quantity: 3, grossMinor: 22_497, taxMinor: 1_350 });
});

test('amounts are the shop’s, not the shopper’s, in an order in two currencies', () => {
  const snapshot = snapshotOf(sample('derived_order_multicurrency_tax_included'));
  expect(snapshot).toMatchObject({ currency: 'USD', taxesIncluded: true, totalMinor: 18_109 });
  expect(snapshot.lines[0]).toMatchObject({ grossMinor: 19_900, discountMinor: 1_791 });
});

test('only our card note and our discount codes are read', () => {
  const snapshot = snapshotOf(
    sample(posOrder, {
      note_attributes: [
        { name: 'greeting', value: 'Happy birthday' },
        { name: '_stampwell_card', value: 'abc.def' },
      ],
      discount_codes: [{ code: 'TENOFF' }, { code: 'SW-7Q' }, { code: 'sw-8r' }, { code: null }],
    }),
  );
  expect(snapshot.cardCode).toBe('abc.def');
  expect(snapshot.discountCodes).toEqual(['SW-7Q', 'sw-8r']);
});

test('shipping is net of its discounts, removed shipping is not there, and its tax stands apart', () => {
  const shipping_lines = [
    { price: '8.00', discounted_price: '6.00', tax_lines: [{ price: '1.14' }, { price: '0.06' }] },
    { price: '5.00', discount_allocations: [{ amount: '1.50' }] },
    { price: '9.00', is_removed: true },
  ];
  expect(snapshotOf(sample(posOrder, { shipping_lines }))).toMatchObject({ shippingMinor: 950, shippingTaxMinor: 120 });
});

test('tips are seen as a total and as a line, gift cards by their flag', () => {
  const line = { id: 1, price: '5.00', quantity: 1, product_id: null };
  const line_items = [
    { ...line, title: 'Tip' },
    { ...line, id: 2, title: 'Gratuity', tip: { payment_gateway: 'cash' } },
    { ...line, id: 3, title: 'Card', gift_card: true },
  ];
  const snapshot = snapshotOf(sample(posOrder, { line_items, total_tip_received: '10.00' }));
  expect(snapshot.tipMinor).toBe(1_000);
  expect(snapshot.lines.map((item) => [item.isTip, item.isGiftCard])).toEqual([
    [true, false],
    [true, false],
    [false, true],
  ]);
});

test.each([
  ['is known by its price, where it is in the total already', '13.00', [{ price: '10.00', product_id: 1 }, { price: '3.00' }], [false, true]],
  ['stands beside goods of its price, where the total holds it as well', '16.00', [{ price: '10.00', product_id: 1 }, { price: '3.00' }], [false, false]],
  ['is not guessed among two', '16.00', [{ price: '10.00', product_id: 1 }, { price: '3.00' }, { price: '3.00' }], [false, false, false]],
  ['is no product', '13.00', [{ price: '10.00' }, { price: '3.00', product_id: 1 }], [false, false]],
] as const)('a tip in the words of the shop %s', (_name, total_price, lines, isTip) => {
  const line_items = lines.map((line, id) => ({ id: id + 1, quantity: 1, product_id: null, title: 'Trinkgeld', ...line }));
  const body = { ...sample(posOrder, { line_items, total_price, total_tip_received: '3.00', shipping_lines: [] }), taxes_included: true };
  expect(snapshotOf(body).lines.map((line) => line.isTip)).toEqual(isTip);
}); // prettier-ignore

test.each([
  ['JPY', '1234', 1_234],
  ['JPY', '1234.00', 1_234],
  ['KWD', '1.234', 1_234],
  ['EUR', '12.34', 1_234],
])('%s %s is read in its own minor unit', (currency, price, grossMinor) => {
  const line_items = [{ id: 1, price, quantity: 1 }];
  const body = { id: 9, currency, created_at: '2026-03-01T10:00:00+01:00', line_items };
  expect(snapshotOf(body).lines[0]?.grossMinor).toBe(grossMinor);
});

test.each([
  ['web', 'online'],
  ['pos', 'pos'],
  ['shopify_draft_order', 'draft'],
  ['755357713', 'api'],
  [null, 'api'],
])('the source %s is the channel %s', (source_name, channel) => {
  expect(snapshotOf(sample(posOrder, { source_name })).channel).toBe(channel);
});

test('an id that JSON could not hold is taken from the GraphQL id', () => {
  const id = 2 ** 53 + 2;
  const admin_graphql_api_id = 'gid://shopify/Order/90071992547409931234';
  expect(snapshotOf(sample(posOrder, { id, admin_graphql_api_id })).orderId).toBe('90071992547409931234');
  expect(projectOrder(sample(posOrder, { id, admin_graphql_api_id: null }))).toEqual({
    ok: false,
    problem: 'id does not fit',
  });
});

describe('an order edited downwards', () => {
  const line = { id: 1, price: '10.00', quantity: 3, current_quantity: 2, discount_allocations: [{ amount: '3.00' }] };
  const other = { id: 2, price: '4.00', quantity: 1, current_quantity: 0 };
  const refunds = [
    { id: 5, created_at: '2026-03-01T10:00:00Z', refund_line_items: [{ line_item_id: 2, quantity: 1, subtotal: 4 }] },
  ];
  const edited = { line_items: [line, other], refunds, current_subtotal_price: '18.00' };

  test('loses the items that no refund explains', () => {
    const [kept, returned] = snapshotOf(sample(posOrder, edited)).lines;
    expect(kept).toMatchObject({ quantity: 2, grossMinor: 2_000, discountMinor: 200 });
    expect(returned).toMatchObject({ quantity: 1, grossMinor: 400 });
  });
  test('keeps them when the order’s own subtotal contradicts', () => {
    const [kept] = snapshotOf(sample(posOrder, { ...edited, current_subtotal_price: '27.00' })).lines;
    expect(kept).toMatchObject({ quantity: 3, grossMinor: 3_000, discountMinor: 300 });
  });
});

describe('what does not fit is named by its field and nothing else', () => {
  const order = 'official_2026-07_order_app_paid_customer';
  test.each([
    [null, 'the body is not an object'],
    [[], 'the body is not an object'],
    [sample(order, { currency: 'secret' }), 'currency does not fit'],
    [sample(order, { currency: 'ABC' }), 'currency does not fit'],
    [sample(order, { financial_status: 'secret' }), 'financial_status does not fit'],
    [sample(order, { updated_at: 'secret' }), 'updated_at does not fit'],
    [sample(order, { created_at: null }), 'created_at does not fit'],
    [sample(order, { line_items: { secret: 1 } }), 'line_items does not fit'],
    [sample(order, { line_items: [{ id: 1, price: 'secret', quantity: 1 }] }), 'line_items.0.price does not fit'],
    [sample(order, { line_items: [{ id: 1, price: '1.00', quantity: -1 }] }), 'line_items.0.quantity does not fit'],
    [sample(order, { line_items: Array.from({ length: 10_001 }, () => ({})) }), 'line_items does not fit'],
    [sample(order, { total_price: '1.005' }), 'total_price has more decimals than its currency'],
    [sample(order, { refunds: [{ id: 'secret' }] }), 'refund id does not fit'],
  ])('case %#', (body, problem) => {
    expect(projectOrder(body)).toEqual({ ok: false, problem });
  });
});

describe('a refund alone', () => {
  test('names its order and its returned lines; money below their worth is no more than a fee', () => {
    expect(refundOf(sample('official_2026-07_refund_0'))).toEqual({
      refundId: '509562969',
      createdAt: '2025-04-02T16:38:15.000Z',
      lines: [
        { lineId: '703073504', quantity: 1, subtotalMinor: 19_566, taxMinor: 398 },
        { lineId: '466157049', quantity: 1, subtotalMinor: 19_567, taxMinor: 398 },
      ],
      shippingMinor: 0,
      amountOnlyMinor: 0,
      presentment: null,
    });
  });
  test('money beyond its lines was given back without one', () => {
    expect(refundOf(sample('official_2026-07_refund_1'))).toMatchObject({ amountOnlyMinor: 4_194, shippingMinor: 0 });
  });
  test('shipping told twice is given back once', () => {
    expect(refundOf(sample('official_2026-07_refund_2'))).toMatchObject({ amountOnlyMinor: 0, shippingMinor: 500 });
  });
  test('store credit has no transaction, so its adjustment says what was given back', () => {
    const order_adjustments = [
      {
        kind: 'refund_discrepancy',
        amount: '-12.00',
        tax_amount: '-0.50',
        amount_set: { shop_money: { amount: '-12.00', currency_code: 'USD' } },
      },
    ];
    const body = { id: 1, order_id: 2, created_at: '2026-03-01T10:00:00Z', transactions: [], order_adjustments };
    expect(refundOf(body)).toMatchObject({ amountOnlyMinor: 1_250, lines: [] });
  });
  test('only money that really went back counts', () => {
    const transactions = [
      { kind: 'refund', status: 'success', amount: '3.00', currency: 'USD' },
      { kind: 'refund', status: 'pending', amount: '4.00', currency: 'USD' },
      { kind: 'refund', status: 'failure', amount: '5.00', currency: 'USD' },
      { kind: 'sale', status: 'success', amount: '6.00', currency: 'USD' },
    ];
    const body = { id: 1, order_id: 2, created_at: '2026-03-01T10:00:00Z', transactions };
    expect(refundOf(body)).toMatchObject({ amountOnlyMinor: 300 });
  });
  test('prices that contain tax give their tax back with the subtotal', () => {
    const refund = {
      id: 1,
      created_at: '2026-03-01T10:00:00Z',
      refund_line_items: [{ line_item_id: 1071823193, quantity: 1, subtotal: 100, total_tax: 16 }],
      transactions: [{ kind: 'refund', status: 'success', amount: '120.00', currency: 'USD' }],
    };
    const [included] = newsOf(sample(posOrder, { taxes_included: true, refunds: [refund] })).refunds;
    const [onTop] = newsOf(sample(posOrder, { taxes_included: false, refunds: [refund] })).refunds;
    expect([included?.amountOnlyMinor, onTop?.amountOnlyMinor]).toEqual([2_000, 400]);
  });
  test.each([
    ['not an object', 'the body is not an object'],
    [sample('official_2026-07_refund_0', { order_id: null }), 'order_id does not fit'],
    [{ id: 1, order_id: 2, created_at: '2026-03-01T10:00:00Z' }, 'currency does not fit'],
  ])('what does not fit is named: case %#', (body, problem) => {
    expect(projectRefund(body)).toEqual({ ok: false, problem });
  });
});
