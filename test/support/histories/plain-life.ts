/** Lives told by hand: complete and ordinary unless a test says otherwise. */
import { plainFacts } from '#app/domain/earning/facts.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { LifeLine, LifeOrder, Prices, PricesBack } from '#test/support/oracle/life.ts';
import { never, witnessOf } from '#test/support/oracle/earning.ts';
import { makeProgram, spendRule } from '#test/support/orders.ts';

export const soldAt = Date.parse('2026-03-01T09:00:00Z');

export function plainLine(overrides: Partial<LifeLine> = {}): LifeLine {
  return { id: '1', productId: '10', variantId: '100', vendor: null, quantity: 1, kind: 'goods', ...overrides };
}

/** Prices without tax, shipping or refunds, a line for each amount. */
export function plainPrices(nets: number[], overrides: Partial<Prices> = {}): Prices {
  return {
    currency: 'EUR',
    lines: nets.map((net) => ({ net, tax: 0 })),
    shipping: 0,
    shippingTax: 0,
    looseTip: 0,
    editedAway: 0,
    refunds: [],
    ...overrides,
  };
}

/** A paid order by 1 point for 1.00. */
export function plainOrder(prices: Prices, overrides: Partial<LifeOrder> = {}): LifeOrder {
  return {
    id: '1001',
    soldAt,
    document: makeProgram([spendRule()]),
    facts: plainFacts('UTC'),
    channel: 'online',
    locationId: null,
    taxesIncluded: false,
    isTest: false,
    isPaid: true,
    cancelledAt: null,
    refundedAt: null,
    lines: prices.lines.map((_, index) => plainLine({ id: String(index + 1) })),
    refunds: prices.refunds.map(() => ({ at: soldAt + 1, returned: [] })),
    shopPrices: prices,
    shopperPrices: null,
    tender: { giftCards: 0, all: 1 },
    ...overrides,
  };
}

/** Money given back without a line. */
export function moneyBack(amountOnly: number): PricesBack {
  return { lines: [], shipping: 0, amountOnly };
}

export function programOf(...rules: EarnRule[]): ProgramDocument {
  return makeProgram(rules);
}

/** What one order that is all of a life earned by now. */
export function oracleAmount(order: LifeOrder, unit = 'point', at = never): number {
  const witness = witnessOf({ orders: [order], events: [] });
  return witness.occasions.reduce((sum, occasion) => sum + witness.earnedIn(occasion, unit, at), 0);
}
