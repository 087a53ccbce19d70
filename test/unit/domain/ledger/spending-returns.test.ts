import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { spendingReturn } from '#app/domain/ledger/spending-returns.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderRefund, OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';

const lineOf = (id: string, grossMinor: number, quantity = 1, taxMinor = 0): OrderSnapshot['lines'][number] => ({
  id, productId: '1', variantId: '1', vendor: null, quantity, grossMinor, discountMinor: 0, taxMinor, isGiftCard: false,
  isTip: false,
}); // prettier-ignore

function snapshotOf(lines: OrderSnapshot['lines'], overrides: Partial<OrderSnapshot> = {}): OrderSnapshot {
  const at = '2026-05-01T10:00:00.000Z';
  return {
    orderId: '1', orderNumber: 1, customerId: null, cardCode: null, discountCodes: [], currency: 'USD', taxesIncluded: false,
    isTest: false, financialStatus: 'paid', channel: 'online', locationId: null, lines, shippingMinor: 0,
    shippingTaxMinor: 0, tipMinor: 0, totalMinor: 0, createdAt: at, processedAt: at, updatedAt: at, cancelledAt: null,
    fulfilledAt: null, hasGiftCardTender: false, presentment: null, ...overrides,
  }; // prettier-ignore
}

const refundOf = (refundId: string, back: Partial<OrderRefund>): OrderRefund => ({
  refundId, createdAt: '2026-05-02T10:00:00.000Z', lines: [], shippingMinor: 0, amountOnlyMinor: 0, presentment: null, ...back,
}); // prettier-ignore

function stateOf(snapshot: OrderSnapshot, refunds: OrderRefund[] = []): OrderState {
  return mergeNews(emptyOrder('1'), { orderId: '1', snapshot, refunds });
}

const ask = (order: OrderState, cost = 50, policy: 'proportional' | 'full-refund-only' | 'never' = 'proportional') =>
  spendingReturn(order, { cost, policy });

describe('what of spending a refund gives back', () => {
  const order = snapshotOf([lineOf('1', 6_000), lineOf('2', 4_000)]);

  it('is nothing while nothing went back', () => {
    expect(ask(stateOf(order))).toEqual({ amount: 0, isWhole: false });
    expect(ask(emptyOrder('1'))).toEqual({ amount: 0, isWhole: false });
  });

  it('is by money, lines with their tax, rounded down', () => {
    const returned = refundOf('9', { lines: [{ lineId: '2', quantity: 1, subtotalMinor: 4_000, taxMinor: 0 }] });
    expect(ask(stateOf(order, [returned]))).toEqual({ amount: 20, isWhole: false });
    expect(ask(stateOf(order, [refundOf('9', { amountOnlyMinor: 3_333 })]))).toEqual({ amount: 16, isWhole: false });
    const taxed = snapshotOf([lineOf('1', 8_000, 1, 2_000), lineOf('2', 10_000)]);
    const back = refundOf('9', { lines: [{ lineId: '1', quantity: 1, subtotalMinor: 8_000, taxMinor: 2_000 }] });
    expect(ask(stateOf(taxed, [back])).amount).toBe(25);
  });

  it('leaves shipping out on both sides', () => {
    const shipped = { ...order, shippingMinor: 10_000 };
    expect(ask(stateOf(shipped, [refundOf('9', { shippingMinor: 10_000 })])).amount).toBe(0);
    expect(ask(stateOf(shipped, [refundOf('9', { amountOnlyMinor: 5_000 })])).amount).toBe(25);
  });

  it('is all once all money is back, or Shopify says so', () => {
    expect(ask(stateOf(order, [refundOf('9', { amountOnlyMinor: 10_000 })]))).toEqual({ amount: 50, isWhole: true });
    expect(ask(stateOf({ ...order, financialStatus: 'refunded' }))).toEqual({ amount: 50, isWhole: true });
  });

  it('is all for a cancelled order under every policy, also before any money moved', () => {
    const cancelled = stateOf({ ...order, cancelledAt: '2026-05-03T00:00:00.000Z' });
    for (const policy of ['proportional', 'full-refund-only', 'never'] as const)
      expect(ask(cancelled, 50, policy)).toEqual({ amount: 50, isWhole: true });
  });

  it('is all or nothing, or never, when the program says so', () => {
    const part = stateOf(order, [refundOf('9', { amountOnlyMinor: 9_999 })]);
    const full = stateOf(order, [refundOf('9', { amountOnlyMinor: 10_000 })]);
    expect(ask(part, 50, 'full-refund-only').amount).toBe(0);
    expect(ask(full, 50, 'full-refund-only').amount).toBe(50);
    expect(ask(full, 50, 'never')).toEqual({ amount: 0, isWhole: false });
  });

  it('counts an order that cost nothing as given back when every item is', () => {
    const free = snapshotOf([{ ...lineOf('1', 500, 2), discountMinor: 500 }]);
    const back = (quantity: number) =>
      refundOf('9', { lines: [{ lineId: '1', quantity, subtotalMinor: 0, taxMinor: 0 }] });
    expect(ask(stateOf(free, [back(1)])).isWhole).toBe(false);
    expect(ask(stateOf(free, [back(2)]))).toEqual({ amount: 50, isWhole: true });
  });

  it('counts the money of an edit downwards as given back, once', () => {
    const before = stateOf(order);
    const smaller = snapshotOf([lineOf('1', 6_000)], { updatedAt: '2026-05-02T10:00:00.000Z' });
    const back = refundOf('9', { amountOnlyMinor: 4_000 });
    const edited = mergeNews(before, { orderId: '1', snapshot: smaller, refunds: [back] });
    expect(ask(edited)).toEqual({ amount: 20, isWhole: false });
    const rest = mergeNews(edited, {
      orderId: '1',
      snapshot: null,
      refunds: [refundOf('10', { amountOnlyMinor: 6_000 })],
    });
    expect(ask(rest)).toEqual({ amount: 50, isWhole: true });
  });

  it('never exceeds the cost and never shrinks as more goes back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 8 }),
        (cost, grossMinor, backs) => {
          let before = 0;
          for (const count of backs.keys()) {
            const refunds = backs
              .slice(0, count + 1)
              .map((amountOnlyMinor, index) => refundOf(String(index), { amountOnlyMinor }));
            const { amount } = ask(stateOf(snapshotOf([lineOf('1', grossMinor)]), refunds), cost);
            expect(Number.isSafeInteger(amount)).toBe(true);
            expect(amount).toBeGreaterThanOrEqual(before);
            expect(amount).toBeLessThanOrEqual(cost);
            before = amount;
          }
        },
      ),
    );
  });
});
