/** What an order tells beyond its lines in the shop's money: the shopper's money, when it left, and how it was paid. */

import { describe, expect, test } from 'vitest';

import { projectOrder } from '#app/contracts/shopify-order.ts';
import { newsOf, posOrder, refundOf, sample, snapshotOf } from '#test/support/shopify-samples.ts';

describe('the shopper’s money', () => {
  const multi = 'derived_order_multicurrency_tax_included';
  const yen = (amount: string) => ({ presentment_money: { amount, currency_code: 'JPY' } });

  test('is read beside the shop’s', () => {
    expect(snapshotOf(sample(multi)).presentment).toEqual({
      currency: 'EUR',
      lines: { 1071823193: { grossMinor: 18_308, discountMinor: 1_648, taxMinor: 0 } },
      shippingMinor: 0,
      shippingTaxMinor: 0,
      tipMinor: 0,
    });
  });

  test('is whole: shipping, tax, and a tip that only the total tells', () => {
    const body = sample(posOrder, {
      presentment_currency: 'JPY',
      total_tip_received: '2.00',
      total_price_set: yen('2500'),
      line_items: [
        {
          id: 1,
          quantity: 2,
          price: '5.00',
          price_set: yen('750'),
          tax_lines: [{ price: '1.00', price_set: yen('150') }],
        },
      ],
      shipping_lines: [
        { price: '3.00', price_set: yen('450'), discount_allocations: [{ amount: '1.00', amount_set: yen('150') }] },
      ],
    });
    expect(snapshotOf(body).presentment).toEqual({
      currency: 'JPY',
      lines: { 1: { grossMinor: 1_500, discountMinor: 0, taxMinor: 150 } },
      shippingMinor: 300,
      shippingTaxMinor: 0,
      tipMinor: 550,
    });
  });

  test('is left out when any of it is missing, or when it is the shop’s own', () => {
    const line_items = [{ id: 1, quantity: 1, price: '5.00' }];
    expect(snapshotOf(sample(posOrder, { presentment_currency: 'JPY', line_items })).presentment).toBeNull();
    expect(snapshotOf(sample(posOrder, { presentment_currency: 'USD' })).presentment).toBeNull();
    expect(snapshotOf(sample(posOrder, { presentment_currency: 'XXX' })).presentment).toBeNull();
  });

  test('must fit its own currency', () => {
    const line_items = [{ id: 1, quantity: 1, price: '5.00', price_set: yen('7.50') }];
    expect(projectOrder(sample(posOrder, { presentment_currency: 'JPY', line_items }))).toEqual({
      ok: false,
      problem: 'amount has more decimals than its currency',
    });
  });

  test('of a refund is read whether it comes with its order or alone', () => {
    const both = (shop: string, shopper: string) => ({
      shop_money: { amount: shop, currency_code: 'USD' },
      presentment_money: { amount: shopper, currency_code: 'JPY' },
    });
    const refund = {
      id: 5,
      order_id: 9,
      created_at: '2026-03-01T10:00:00Z',
      refund_line_items: [
        { line_item_id: 1, quantity: 1, subtotal_set: both('5.00', '750'), total_tax_set: both('0.50', '75') },
        { line_item_id: 1, quantity: 1, subtotal_set: both('5.00', '750'), total_tax_set: both('0.50', '75') },
      ],
      order_adjustments: [
        { kind: 'refund_discrepancy', amount_set: both('-2.00', '-300'), tax_amount_set: both('0.00', '0') },
      ],
      refund_shipping_lines: [{ subtotal_amount_set: both('1.00', '150') }],
      transactions: [],
    };
    const presentment = {
      lines: { 1: { subtotalMinor: 1_500, taxMinor: 150 } },
      shippingMinor: 150,
      amountOnlyMinor: 300,
    };
    expect(refundOf(refund)).toMatchObject({ amountOnlyMinor: 200, presentment });
    const order = sample(posOrder, { presentment_currency: 'JPY', line_items: [], refunds: [refund] });
    expect(newsOf(order).refunds[0]).toMatchObject({ amountOnlyMinor: 200, presentment });
  });
});

describe('money that went back in another currency', () => {
  const set = (shop: string, shopper: string, currency = 'JPY') => ({
    shop_money: { amount: shop, currency_code: 'USD' },
    presentment_money: { amount: shopper, currency_code: currency },
  });
  const refundWith = (shop: string, isReturn: boolean, currency?: string) => ({
    id: 5,
    order_id: 9,
    created_at: '2026-03-01T10:00:00Z',
    total_duties_set: set('0.00', '0', currency),
    refund_line_items: isReturn
      ? [
          {
            line_item_id: 1,
            quantity: 1,
            subtotal_set: set('5.00', '750', currency),
            total_tax_set: set('0.00', '0', currency),
          },
        ]
      : [],
    transactions: [{ kind: 'refund', status: 'success', amount_set: set(shop, '750', currency) }],
  });

  test('differs from its lines by rounding, which is no money given back', () => {
    expect(refundOf(refundWith('5.02', true))).toMatchObject({ amountOnlyMinor: 0 });
    expect(refundOf(refundWith('5.03', true))).toMatchObject({ amountOnlyMinor: 3 });
    expect(refundOf(refundWith('0.01', false))).toMatchObject({ amountOnlyMinor: 1 });
  });

  test('is exact in the shop’s own currency', () => {
    expect(refundOf(refundWith('5.01', true, 'USD'))).toMatchObject({ amountOnlyMinor: 1 });
  });
});

test('duties that go back take nothing off the goods', () => {
  const amount = (money: string) => ({ shop_money: { amount: money, currency_code: 'USD' } });
  const body = {
    id: 1,
    order_id: 2,
    created_at: '2026-03-01T10:00:00Z',
    refund_line_items: [{ line_item_id: 3, quantity: 1, subtotal_set: amount('50.00') }],
    duties: [{ duty_id: 4, amount_set: amount('6.00') }, { duty_id: 5, amount_set: amount('1.00') }],
    transactions: [{ kind: 'refund', status: 'success', amount: '59.00', currency: 'USD' }],
  }; // prettier-ignore
  expect(refundOf(body)).toMatchObject({ amountOnlyMinor: 200 });
  expect(refundOf({ ...body, refund_line_items: [] })).toMatchObject({ amountOnlyMinor: 5_200 });
});

describe('additional fees that go back', () => {
  const money = (shop: string, shopper: string) => ({
    shop_money: { amount: shop, currency_code: 'USD' },
    presentment_money: { amount: shopper, currency_code: 'JPY' },
  });
  const body = {
    id: 1,
    order_id: 2,
    created_at: '2026-03-01T10:00:00Z',
    refund_line_items: [],
    transactions: [{ kind: 'refund', status: 'success', amount_set: money('9.00', '1350') }],
  };

  test.each([
    ['one by one and in all', { additional_fees: [{ amount_set: money('4.00', '600') }, { amount_set: money('3.00', '450') }], total_additional_fees_set: money('7.00', '1050') }],
    ['only one by one', { additional_fees: [{ amount_set: money('4.00', '600') }, { amount_set: money('3.00', '450') }], total_additional_fees_set: money('0.00', '0') }],
    ['only in all', { additional_fees: [], total_additional_fees_set: money('7.00', '1050') }],
  ])('take nothing off the goods, told %s, in either currency', (_name, fees) => {
    expect(refundOf({ ...body, ...fees })).toMatchObject({ amountOnlyMinor: 200, presentment: { amountOnlyMinor: 300 } });
  }); // prettier-ignore

  test('leave what went back beside them, duties and all', () => {
    const fees = { total_additional_fees_set: money('7.00', '1050'), total_duties_set: money('2.00', '300') };
    expect(refundOf({ ...body, ...fees })).toMatchObject({ amountOnlyMinor: 0, presentment: { amountOnlyMinor: 0 } });
    const none = { total_additional_fees_set: money('0.00', '0') };
    expect(refundOf({ ...body, ...none })).toMatchObject({
      amountOnlyMinor: 900,
      presentment: { amountOnlyMinor: 1_350 },
    });
  });
});

test.each([
  [{ fulfillment_status: null, fulfillments: [] }, null],
  [{ fulfillment_status: 'partial', fulfillments: [{ created_at: '2025-04-03T10:00:00Z', status: 'success' }] }, null],
  [
    {
      fulfillment_status: 'fulfilled',
      fulfillments: [
        { created_at: '2025-04-04T10:00:00Z', status: 'success' },
        { created_at: '2025-04-03T10:00:00Z', status: 'success' },
        { created_at: '2025-04-05T10:00:00Z', status: 'cancelled' },
      ],
    },
    '2025-04-04T10:00:00.000Z',
  ],
])('an order is fulfilled when the last of it left: %#', (changes, fulfilledAt) => {
  expect(snapshotOf(sample(posOrder, changes)).fulfilledAt).toBe(fulfilledAt);
});

test('a gift card among the payments is seen', () => {
  expect(snapshotOf(sample(posOrder, { payment_gateway_names: ['cash', 'gift_card'] })).hasGiftCardTender).toBe(true);
});
