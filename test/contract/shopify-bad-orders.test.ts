/** Orders as no shop should send them: counted exactly where that is possible, refused by name where it is not. */
import { describe, expect, test } from 'vitest';

import { projectOrder } from '#app/contracts/shopify-order.ts';
import { projectRefund } from '#app/contracts/shopify-refund.ts';
import type { OrderSnapshot } from '#app/domain/orders/order.ts';
import { settle } from '#app/domain/earning/earning.ts';
import { newcomer, plainFacts } from '#app/domain/earning/facts.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import { makeProgram, spendRule } from '#test/support/orders.ts';

type Body = Record<string, unknown>;

const line = { id: 1, quantity: 1, price: '10.00' };
const body = (changes: Body): Body => ({
  id: 9,
  currency: 'EUR',
  created_at: '2026-03-01T10:00:00Z',
  financial_status: 'paid',
  line_items: [line],
  ...changes,
});
const withLine = (changes: Body): Body => body({ line_items: [{ ...line, ...changes }] });

function snapshotOf(order: Body): OrderSnapshot | string {
  const read = projectOrder(order);
  return read.ok ? (read.news.snapshot ?? 'no snapshot') : read.problem;
}

function pointsOf(order: Body): number | string {
  const read = projectOrder(order);
  if (!read.ok) return read.problem;
  const rate = { currency: String(order['currency']), amount: 1, perMinor: 1 };
  const state = mergeNews(emptyOrder(read.news.orderId), read.news);
  const document = makeProgram([spendRule({ rates: [rate] })]);
  const { targets } = settle({ order: state, document, facts: plainFacts('UTC'), standing: newcomer });
  return targets[0]?.amount ?? 0;
}

const tooLarge = 'is too large to count exactly';

describe('amounts past what a whole number holds exactly', () => {
  test.each([
    [{ price: '90071992547409.91' }, 9_007_199_254_740_991],
    [{ price: '45035996273704.95', quantity: 2 }, 9_007_199_254_740_990],
  ])('are counted up to the last exact one', (changes, grossMinor) => {
    expect(snapshotOf(withLine(changes))).toMatchObject({ lines: [{ grossMinor }] });
  });

  test.each([
    [withLine({ price: '90071992547409.92' }), `line_items.0.price ${tooLarge}`],
    [withLine({ price: '45035996273704.96', quantity: 2 }), `line_items.0.price ${tooLarge}`],
    [withLine({ price: '1.00', quantity: Number.MAX_SAFE_INTEGER }), `line_items.0.price ${tooLarge}`],
    [withLine({ price: '9'.repeat(41) }), 'line_items.0.price does not fit'],
    [withLine({ price: 1e21 }), 'line_items.0.price does not fit'],
    [body({ total_price: '90071992547409.92' }), `total_price ${tooLarge}`],
  ])('are refused where they begin: case %#', (order, problem) => {
    expect(snapshotOf(order)).toBe(problem);
  });

  test('are refused when only all lines together pass it, taxes and discounts too', () => {
    const half = { quantity: 1, price: '50000000000000.00' };
    const both = [
      { ...half, id: 1 },
      { ...half, id: 2 },
    ];
    expect(snapshotOf(body({ line_items: both }))).toBe(`line_items ${tooLarge}`);
    const taxes = [{ price: '90071992547409.91' }, { price: '0.01' }];
    expect(snapshotOf(withLine({ tax_lines: taxes }))).toBe(`line_items.0.price ${tooLarge}`);
    const discounts = [{ amount: '90071992547409.91' }];
    expect(snapshotOf(withLine({ discount_allocations: discounts }))).toBe(`line_items ${tooLarge}`);
  });
});

test.each([
  [withLine({ price: '-10.00' }), 'line_items.0.price is below zero'],
  [withLine({ price: '-0.01', quantity: 0 }), 'line_items.0.price is below zero'],
  [withLine({ discount_allocations: [{ amount: '-1.00' }] }), 'line_items.0.amount is below zero'],
  [withLine({ tax_lines: [{ price: '-1.00' }] }), 'line_items.0.price is below zero'],
  [body({ total_tip_received: '-1.00' }), 'total_tip_received is below zero'],
  [body({ total_price: '-1.00' }), 'total_price is below zero'],
  [body({ shipping_lines: [{ price: '-1.00' }] }), 'price is below zero'],
  [body({ shipping_lines: [{ discounted_price: '-1.00' }] }), 'discounted_price is below zero'],
])('a negative amount is refused, never counted as one given back: case %#', (order, problem) => {
  expect(snapshotOf(order)).toBe(problem);
});

test('a price of nothing is nothing', () => {
  expect(pointsOf(withLine({ price: '0.00' }))).toBe(0);
  expect(snapshotOf(withLine({ price: '-0.00' }))).toMatchObject({ lines: [{ grossMinor: 0 }] });
});

test.each([['XXX'], ['EURO'], ['eur'], [''], [null], [978]])('the currency %j is none we know', (currency) => {
  expect(snapshotOf(body({ currency }))).toBe('currency does not fit');
});

test.each([
  ['JPY', '12.34', 'line_items.0.price has more decimals than its currency'],
  ['KWD', '1.2345', 'line_items.0.price has more decimals than its currency'],
  ['EUR', '1.005', 'line_items.0.price has more decimals than its currency'],
  ['JPY', '1,234', 'line_items.0.price does not fit'],
  ['EUR', '12,34', 'line_items.0.price does not fit'],
  ['EUR', '12.34 €', 'line_items.0.price does not fit'],
  ['EUR', '1e3', 'line_items.0.price does not fit'],
  ['EUR', { amount: '1.00' }, 'line_items.0.price does not fit'],
  ['EUR', { toString: 1 }, 'line_items.0.price does not fit'],
])('in %s the price %j is refused, never rounded or guessed', (currency, price, problem) => {
  expect(snapshotOf({ ...withLine({ price }), currency })).toBe(problem);
});

test.each([
  ['JPY', '1234', 1_234],
  ['JPY', '1234.00', 1_234],
  ['KWD', '1.234', 1_234],
])('in %s the price %s is exact', (currency, price, points) => {
  expect(pointsOf({ ...withLine({ price }), currency })).toBe(points);
});

describe('lines that do not add up to the order’s total', () => {
  test.each(['0.00', '9.99', '1000.00', undefined])(
    'are counted as they are, whatever the total: %s',
    (total_price) => {
      expect(pointsOf(body({ total_price, subtotal_price: total_price }))).toBe(1_000);
    },
  );
});

test('5,000 lines are counted to the last one', () => {
  const line_items = Array.from({ length: 5_000 }, (_, index) => ({ id: index + 1, quantity: 1, price: '0.07' }));
  expect(pointsOf(body({ line_items }))).toBe(35_000);
});

describe('a refund', () => {
  const refund = (changes: Body): Body => ({ id: 5, created_at: '2026-03-02T10:00:00Z', ...changes });
  const back = (amount: string) => [{ kind: 'refund', status: 'success', amount, currency: 'EUR' }];

  test('larger than the order leaves nothing, never less', () => {
    const returned = { line_item_id: 1, quantity: 3, subtotal: 99, total_tax: 0 };
    expect(pointsOf(body({ refunds: [refund({ transactions: back('999.00') })] }))).toBe(0);
    expect(pointsOf(body({ refunds: [refund({ refund_line_items: [returned] })] }))).toBe(0);
  });

  test('of a line the order does not have changes nothing of the lines it has', () => {
    const unknown = { line_item_id: 77, quantity: 1, subtotal: 4, total_tax: 0 };
    expect(pointsOf(body({ refunds: [refund({ refund_line_items: [unknown], transactions: back('4.00') })] }))).toBe(
      1_000,
    );
  });

  test.each([
    [{ refund_line_items: [{ line_item_id: 1, quantity: 1, subtotal: -4 }] }, 'refund_line_items is below zero'],
    [{ refund_line_items: [{ line_item_id: 1, quantity: -1 }] }, 'quantity does not fit'],
    [{ refund_line_items: [{ quantity: 1 }] }, 'refund_line_items.line_item_id does not fit'],
    [{ transactions: back('1.005') }, 'amount has more decimals than its currency'],
    [
      {
        refund_line_items: [
          { line_item_id: 1, quantity: 1, subtotal_set: { shop_money: { amount: '4.00', currency_code: 'USD' } } },
        ],
      },
      'subtotal_set is in another currency',
    ],
  ])('that cannot be true is refused: case %#', (changes, problem) => {
    expect(snapshotOf(body({ refunds: [refund(changes)] }))).toBe(problem);
  });

  test('in two currencies that are not the two of its order is refused', () => {
    const set = (currency: string) => ({ shop_money: { amount: '1.00', currency_code: currency } });
    const items = [{ line_item_id: 1, quantity: 1, subtotal_set: set('EUR'), total_tax_set: set('USD') }];
    expect(projectRefund({ id: 1, order_id: 2, created_at: '2026-03-02T10:00:00Z', refund_line_items: items })).toEqual(
      {
        ok: false,
        problem: 'total_tax_set is in another currency',
      },
    );
  });
});
