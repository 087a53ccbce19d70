/** Orders and programs for tests: complete and ordinary unless a test says otherwise. */
import { type Settlement, settle } from '#app/domain/earning/earning.ts';
import { newcomer, plainFacts } from '#app/domain/earning/facts.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderLine, OrderNews, OrderRefund, OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';
import { type EarnRule } from '#app/domain/programs/earn-rules.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';

export const orderId = '1001';

export function makeLine(overrides: Partial<OrderLine> = {}): OrderLine {
  return {
    id: '1',
    productId: '10',
    variantId: '100',
    vendor: null,
    quantity: 1,
    grossMinor: 0,
    discountMinor: 0,
    taxMinor: 0,
    isGiftCard: false,
    isTip: false,
    ...overrides,
  };
}

export function makeSnapshot(overrides: Partial<OrderSnapshot> = {}): OrderSnapshot {
  return {
    orderId,
    orderNumber: 1,
    customerId: '7',
    cardCode: null,
    discountCodes: [],
    currency: 'EUR',
    taxesIncluded: false,
    isTest: false,
    financialStatus: 'paid',
    channel: 'online',
    locationId: null,
    lines: [],
    shippingMinor: 0,
    shippingTaxMinor: 0,
    tipMinor: 0,
    totalMinor: 0,
    createdAt: '2026-03-01T09:00:00.000Z',
    processedAt: '2026-03-01T09:00:00.000Z',
    updatedAt: '2026-03-01T09:00:00.000Z',
    cancelledAt: null,
    fulfilledAt: null,
    hasGiftCardTender: false,
    presentment: null,
    ...overrides,
  };
}

export function makeRefund(overrides: Partial<OrderRefund> = {}): OrderRefund {
  return {
    refundId: '1',
    createdAt: '2026-03-02T09:00:00.000Z',
    lines: [],
    shippingMinor: 0,
    amountOnlyMinor: 0,
    presentment: null,
    ...overrides,
  };
}

export function snapshotNews(snapshot: OrderSnapshot, refunds: OrderRefund[] = []): OrderNews {
  return { orderId: snapshot.orderId, snapshot, refunds };
}

export function refundNews(...refunds: OrderRefund[]): OrderNews {
  return { orderId, snapshot: null, refunds };
}

/** The state after these deliveries, in this order. */
export function stateOf(...news: OrderNews[]): OrderState {
  return news.reduce(mergeNews, emptyOrder(orderId));
}

/** One unit of a spend rule for so much money of the order. */
export function spendRule(overrides: Partial<EarnRule & { kind: 'spend' }> = {}): EarnRule {
  return {
    kind: 'spend',
    id: 'spend',
    unit: 'point',
    rates: [{ currency: 'EUR', amount: 1, perMinor: 100 }],
    rounding: 'floor',
    conditions: {},
    ...overrides,
  };
}

export function itemRule(overrides: Partial<EarnRule & { kind: 'item' }> = {}): EarnRule {
  return { kind: 'item', id: 'item', unit: 'coffee', amount: 1, conditions: {}, ...overrides };
}

export function visitRule(overrides: Partial<EarnRule & { kind: 'visit' }> = {}): EarnRule {
  return { kind: 'visit', id: 'visit', unit: 'coffee', amount: 1, conditions: {}, ...overrides };
}

/** A valid program with points and a coffee card. */
export function makeProgram(
  earnRules: EarnRule[],
  settings: Partial<ProgramDocument['settings']> = {},
  rest: Partial<ProgramDocument> = {},
): ProgramDocument {
  return programDocumentSchema.parse({
    schemaVersion: 1,
    name: 'Club',
    units: [
      { kind: 'point', id: 'point', label: 'Points' },
      { kind: 'stamp', id: 'coffee', label: 'Coffees', stampsNeeded: 10 },
    ],
    earnRules,
    rewards: [],
    settings: {
      earnsOnTax: false,
      earnsOnShipping: false,
      debtPolicy: 'carry',
      expiry: { mode: 'none' },
      ...settings,
    },
    ...rest,
  });
}

/** What an order earns by itself: in UTC, for somebody of whom nothing else is known. */
export function settleAlone({ order, document }: { order: OrderState; document: ProgramDocument }): Settlement {
  return settle({ order, document, facts: plainFacts('UTC'), standing: newcomer });
}
