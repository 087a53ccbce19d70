/**
 * An order of which an edit took something off, and of which money went back. However many of its deliveries are lost, its last
 * state earns what all of them together do, as soon as Shopify's bodies tell what had been paid.
 */
import { describe, expect, test, vi } from 'vitest';

import { projectFetchedOrder } from '#app/contracts/shopify-fetched-order.ts';
import { projectOrder } from '#app/contracts/shopify-order.ts';
import { projectRefund } from '#app/contracts/shopify-refund.ts';
import { lacksReceived } from '#app/domain/orders/edits.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderNews, OrderState } from '#app/domain/orders/order.ts';
import { spendingReturn } from '#app/domain/ledger/spending-returns.ts';
import { fetchedOrder } from '#test/support/fetched-order.ts';
import { makeProgram, settleAlone, spendRule } from '#test/support/orders.ts';
import { moneySet, type OrderBody, type RefundBody } from '#test/platform/order-body.ts';
import { removeItems } from '#test/platform/order-changes.ts';
import type { OrderInput } from '#test/platform/order-parts.ts';
import { buildOrder, createIds, payOrder, refundAmount, refundLines, withLines } from '#test/platform/orders.ts';
import { inShoppersMoney } from '#test/platform/shopper-money.ts';

vi.setConfig({ testTimeout: 60_000 });
const nextId = createIds(2_000_000);
const document = makeProgram([spendRule({ rates: [{ currency: 'EUR', amount: 1, perMinor: 1 }] })]);
const at = (minutes: number) => new Date(Date.parse('2026-03-01T09:00:00Z') + minutes * 60_000);
const next = (minutes: number) => ({ at: at(minutes), nextId });

/** Two mugs of 20.00, not paid yet. */
function sell(input: Partial<OrderInput> = {}): OrderBody {
  const lines = [{ title: 'Mug', unitPriceMinor: 2_000, quantity: 2, productId: 11 }];
  const sale = { number: 1, at: at(0), currency: 'EUR', channel: 'online' as const, customer: null, lines };
  return buildOrder({ ...sale, financialStatus: 'pending', ...input }, nextId);
}

const takeOff = (order: OrderBody, minutes: number, quantity = 1): OrderBody =>
  removeItems(order, { lineId: order.line_items[0]?.id ?? 0, quantity }, at(minutes));

function told(order: OrderBody): OrderNews {
  const projected = projectOrder(order);
  if (!projected.ok) throw new Error(projected.problem);
  return projected.news;
}

function toldAlone(refund: RefundBody): OrderNews {
  const projected = projectRefund(refund);
  if (!projected.ok) throw new Error(projected.problem);
  return projected.news;
}

function fetched(order: OrderBody, paidMinor: number): OrderNews {
  const projected = projectFetchedOrder(fetchedOrder(order, [{ gateway: 'card', amountMinor: paidMinor }]));
  if (!projected.ok) throw new Error(projected.problem);
  return projected.news;
}

const stateAfter = (news: OrderNews[]): OrderState => news.reduce(mergeNews, emptyOrder(news[0]?.orderId ?? ''));

function outcomeOf(news: OrderNews[]): { points: number; back: unknown } {
  const order = stateAfter(news);
  const points = settleAlone({ order, document }).targets[0]?.amount ?? 0;
  return { points, back: spendingReturn(order, { cost: 1_000, policy: 'proportional' }) };
}

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** Every selection of what came before, with the last state, in every order. */
function arrivals(before: OrderNews[], last: OrderNews): OrderNews[][] {
  const chosen = before.reduce<OrderNews[][]>((sets, news) => sets.flatMap((set) => [set, [...set, news]]), [[]]);
  return chosen.flatMap((set) => permutations([...set, last]));
}

function expectAlways(points: number, before: OrderNews[], last: OrderNews): void {
  const whole = outcomeOf([...before, last]);
  expect(whole.points).toBe(points);
  for (const news of arrivals(before, last)) expect(outcomeOf(news)).toEqual(whole);
}

/** The life of an order paid before it was edited, of which so much went back since. */
function paidThenEdited(backMinor: number[], input: Partial<OrderInput> = {}) {
  const created = sell(input);
  const paid = payOrder(created, at(1));
  const edited = takeOff(paid, 2);
  const refunds: RefundBody[] = [];
  let last = edited;
  for (const [index, amountMinor] of backMinor.entries()) {
    const done = refundAmount(last, amountMinor, next(3 + index));
    refunds.push(done.refund);
    last = done.order;
  }
  return { created, paid, edited, refunds, last };
}

describe('an order paid, edited downwards, and paid back', () => {
  const cases: [string, number, number[], number][] = [
    ['what was taken off', 2_000, [2_000], 4_000],
    ['what was taken off, in two amounts', 2_000, [1_200, 800], 4_000],
    ['what was taken off less a fee', 2_000, [1_500], 4_000],
  ];
  test.each(cases)('by %s, earns what stands, whatever of it is told before its last state', (_name, points, back) => {
    const { created, paid, edited, refunds, last } = paidThenEdited(back);
    const before = [told(created), told(paid), told(edited), ...refunds.map(toldAlone)];
    expectAlways(points, before, told(last));
  });

  const mixed: [string, number, number[]][] = [
    ['what was taken off, and 5.00 of goodwill', 1_500, [2_000, 500]],
    ['both at once', 1_500, [2_500]],
    ['5.00', 2_000, [500]],
  ];
  test.each([...cases.map(([name, points, back]) => [name, points, back] as const), ...mixed])(
    'by %s, earns what stands, whatever is told before its last state is fetched',
    (_name, points, back) => {
      const { created, paid, edited, refunds, last } = paidThenEdited([...back]);
      const before = [told(created), told(paid), fetched(edited, 4_000), ...refunds.map(toldAlone)];
      expectAlways(points, before, fetched(last, 4_000));
      // The webhook of the same state may come too, whatever it says.
      expectAlways(points, [told(paid), told(last)], fetched(last, 4_000));
    },
  );

  test('with tax on top, shipping, a tip and duties, which went in with the goods', () => {
    const input = { taxPerMille: 190, shippingMinor: 499, tipMinor: 250 };
    const { created, paid, last } = paidThenEdited([2_380], input);
    const duties = { original_total_duties_set: moneySet(300, 'EUR'), current_total_duties_set: moneySet(300, 'EUR') };
    const withDuties: OrderBody = { ...last, ...duties, current_total_price: '34.29' } as OrderBody;
    expectAlways(2_000, [told(created), told(paid)], told(withDuties));
    expectAlways(2_000, [told(created), told(paid)], told(last));
  });

  test('and edited upwards again since, of which the states between were lost', () => {
    const { created, paid, edited, refunds, last } = paidThenEdited([2_000]);
    const line = {
      ...paid.line_items[0],
      id: nextId(),
      quantity: 1,
      current_quantity: 1,
      price: '30.00',
      price_set: moneySet(3_000, 'EUR'),
    };
    const lines = [...last.line_items, line] as OrderBody['line_items'];
    const dearer = { ...last, line_items: lines, current_subtotal_price: '50.00', updated_at: at(9).toISOString() };
    const before = [told(created), told(paid), told(edited), ...refunds.map(toldAlone), told(last)];
    expectAlways(5_000, before, fetched(payOrder(dearer, at(10)), 7_000));
  });

  test('by a shopper of another currency, whose amounts are rounded apart', () => {
    const { created, paid, last } = paidThenEdited([2_000]);
    const yen = (body: OrderBody): OrderBody => inShoppersMoney(body, { currency: 'JPY', times: 163, over: 100 });
    expectAlways(2_000, [told(yen(created)), told(yen(paid)), told(yen(last))], fetched(yen(last), 3_999));
  });
});

describe('an order edited downwards before it was paid', () => {
  const created = sell();
  const edited = takeOff(created, 1);
  const paid = payOrder(edited, at(2));
  const { order: last, refund } = refundAmount(paid, 500, next(3));

  test('loses its goodwill once, whatever is told before its last state', () => {
    const before = [told(created), told(edited), told(paid), toldAlone(refund)];
    expectAlways(1_500, before, told(last));
    expectAlways(1_500, before, fetched(last, 2_000));
  });

  test('also when the goodwill is as much as what was taken off', () => {
    const three = sell({ lines: [{ title: 'Mug', unitPriceMinor: 1_000, quantity: 3, productId: 11 }] });
    const two = payOrder(takeOff(three, 1), at(2));
    const done = refundAmount(two, 1_000, next(3));
    const before = [told(three), told(two), toldAlone(done.refund)];
    expectAlways(1_000, before, told(done.order));
    expectAlways(1_000, before, fetched(done.order, 2_000));
    // Whatever a balance may have led to conclude, payments are believed.
    const silent = { ...done.order, refunds: [{ ...done.refund, order_adjustments: [] }] };
    expectAlways(1_000, [told(silent), ...before], fetched(done.order, 2_000));
  });
});

describe('an order from which one thing was taken and to which another was added', () => {
  const paid = payOrder(sell(), at(1));
  const swap = (order: OrderBody): OrderBody[] => {
    const off = takeOff(order, 3);
    const [mug] = off.line_items;
    if (mug === undefined) throw new Error('nothing was sold');
    const other = { ...mug, id: nextId(), quantity: 1, current_quantity: 1 };
    return [off, { ...withLines(off, [...off.line_items, other], at(4)), total_outstanding: '0.00' }];
  };

  test('keeps the goodwill of before, which the edit did not meet', () => {
    const { order: given, refund } = refundAmount(paid, 500, next(2));
    const [off, swapped] = swap(given) as [OrderBody, OrderBody];
    const before = [told(paid), toldAlone(refund), told(off)];
    expect(outcomeOf([...before, told(swapped)]).points).toBe(3_500);
    expect(lacksReceived(stateAfter([...before, told(swapped)]))).toBe(true);
    expectAlways(3_500, [...before, told(swapped)], fetched(swapped, 4_000));
  });

  test('is settled by its states where nobody knows of payments', () => {
    const { paid: whole, edited, last, refunds } = paidThenEdited([2_000]);
    const before = [told(whole), told(edited), ...refunds.map(toldAlone)];
    expect(outcomeOf([...before, fetched(last, 0)]).points).toBe(2_000);
    expect(lacksReceived(stateAfter([...before, fetched(last, 0)]))).toBe(false);
  });

  test('has no goodwill where the other was paid anew', () => {
    const { order: given, refund } = refundAmount(paid, 2_000, next(2));
    const [off, swapped] = swap(given) as [OrderBody, OrderBody];
    const before = [told(paid), toldAlone(refund), told(off), told(swapped)];
    expectAlways(4_000, before, fetched(swapped, 6_000));
  });
});

describe('what came in is told', () => {
  const { paid, edited, last } = paidThenEdited([2_000]);
  const received = { asOf: at(3).toISOString(), amountMinor: 4_000 };

  test('by a webhook only where its balance leaves no doubt', () => {
    expect(told(last)).toMatchObject({ snapshot: { removedMinor: 2_000 }, received: { ...received, by: 'balance' } });
    const [refund] = last.refunds;
    const adjustment = { amount: '-20.00', tax_amount: '0.00', kind: 'refund_discrepancy', amount_set: moneySet(-2_000, 'EUR'), tax_amount_set: moneySet(0, 'EUR') };
    for (const doubt of [
      { total_outstanding: undefined },
      { total_outstanding: 'secret' },
      { total_outstanding: '5.00' },
      { current_total_price: null },
      { refunds: [{ ...refund, order_adjustments: [adjustment] }] },
    ])
      expect(told({ ...last, ...doubt } as OrderBody).received).toBeUndefined();
  }); // prettier-ignore

  test('by its payments when it is fetched, beside what they paid besides', () => {
    expect(fetched(last, 4_000)).toMatchObject({ snapshot: { removedMinor: 2_000 }, received: { ...received, by: 'payments' } });
    const fees = { original_total_additional_fees_set: moneySet(700, 'EUR') };
    expect(fetched({ ...last, ...fees }, 4_700).received).toEqual({ ...received, by: 'payments' });
    expect({ ...told(last), received: null }).toEqual({ ...fetched(last, 4_000), received: null });
  }); // prettier-ignore

  test('of no order that no edit took anything from', () => {
    for (const order of [paid, refundLines(paid, [{ lineId: paid.line_items[0]?.id ?? 0, quantity: 1 }], next(2)).order])
      for (const news of [told(order), fetched(order, 4_000)]) {
        expect(news).not.toHaveProperty('received');
        expect(news.snapshot).not.toHaveProperty('removedMinor');
      }
  }); // prettier-ignore

  test('or asked for: where money went back that may have been for the edit, until payments as new as the order are known', () => {
    const doubtful = { ...last, total_outstanding: '1.00' };
    expect(lacksReceived(stateAfter([told(doubtful)]))).toBe(true);
    expect(lacksReceived(stateAfter([told(last)]))).toBe(true);
    expect(lacksReceived(stateAfter([told(doubtful), fetched(edited, 4_000)]))).toBe(false);
    expect(lacksReceived(stateAfter([told(doubtful), fetched(last, 2_000)]))).toBe(false);
    expect(lacksReceived(stateAfter([told(doubtful), told(paid)]))).toBe(false);
    expect(lacksReceived(stateAfter([told(edited)]))).toBe(false);
    expect(lacksReceived(stateAfter([told(paid)]))).toBe(false);
  });
});
