/** What Shopify would tell of an order, one delivery for each thing that happened to it, in the order of happening. */
import type {
  FinancialStatus,
  OrderLine,
  OrderNews,
  OrderRefund,
  OrderSnapshot,
  PresentmentMoney,
  PresentmentRefund,
} from '#app/domain/orders/order.ts';
import { snapshotValueMinor } from '#app/domain/orders/order-merge.ts';
import { extraLineId, extraPrice, isDown, type OrderSeed } from '#test/support/histories/order-lives.ts';
import type { LifeOrder, Prices } from '#test/support/oracle/life.ts';

export type Told = {
  deliveries: OrderNews[];
  /** Whether the last delivery alone tells everything that counts. */
  lastTellsAll: boolean;
};

type Step = { lines: 'bought' | 'with-extra'; status: FinancialStatus; at: number };

export function tellOrder(order: LifeOrder, seed: OrderSeed): Told {
  const refunds = order.refunds.map((_, index) => refundOf(order, index));
  const base = snapshotOf(order, seed);
  // What an edit took off was paid for before.
  const paidMinor = snapshotValueMinor(base['with-extra']);
  let updatedMs = order.soldAt;
  const told = (step: Step, known: OrderRefund[], cancelledAt: number | null = null): OrderNews => {
    // A till creates and pays in one second, and nothing finer than that is told.
    const isSameSecond = order.channel === 'pos' && step.status === 'paid' && updatedMs === order.soldAt + 1_000;
    if (!isSameSecond) updatedMs = Math.max(updatedMs + 1_000, step.at);
    const lines = step.lines === 'bought' ? 'bought' : 'with-extra';
    return {
      orderId: order.id,
      snapshot: {
        ...base[lines],
        financialStatus: step.status,
        updatedAt: timeText(updatedMs),
        cancelledAt: cancelledAt === null ? null : timeText(cancelledAt),
      },
      refunds: known,
      tenders: {
        asOf: timeText(updatedMs),
        giftCardMinor: order.tender.giftCards,
        totalMinor: order.tender.all,
      },
      ...(isDown(seed) &&
        step.status !== 'pending' && {
          received: { asOf: timeText(updatedMs), by: 'payments', amountMinor: paidMinor },
        }),
    };
  };
  const sale = saleSteps(order, seed);
  const deliveries = sale.map((step) => told(step, []));
  const last = sale.at(-1);
  if (last === undefined || !order.isPaid) return { deliveries, lastTellsAll: true };

  const isOpen = seed.edit === 'up-unpaid';
  // Refunds are told in the order of their times, whatever their ids.
  const inTime = refunds.toSorted((one, two) => (one.createdAt < two.createdAt ? -1 : 1));
  for (const [index, refund] of inTime.entries()) {
    const isWhole = order.refundedAt !== null && index === inTime.length - 1;
    const status = isWhole ? 'refunded' : isOpen ? last.status : 'partially_refunded';
    deliveries.push({ orderId: order.id, snapshot: null, refunds: [refund] });
    deliveries.push(told({ ...last, status, at: Date.parse(refund.createdAt) }, inTime.slice(0, index + 1)));
  }
  if (order.cancelledAt !== null) {
    const status = refunds.length > 0 && !isOpen ? 'partially_refunded' : last.status;
    deliveries.push(told({ ...last, status, at: order.cancelledAt }, inTime, order.cancelledAt));
  }
  return { deliveries, lastTellsAll: seed.edit !== 'up-unpaid' };
}

/** From the creation until all edits are done. An order edited downwards starts with the extra line and loses it. */
function saleSteps(order: LifeOrder, seed: OrderSeed): Step[] {
  const at = order.soldAt;
  const first = isDown(seed) ? 'with-extra' : 'bought';
  const steps: Step[] = [{ lines: first, status: 'pending', at }];
  if (!order.isPaid) return steps;
  steps.push({ lines: first, status: 'paid', at });
  if (seed.edit === 'up-paid' || seed.edit === 'up-unpaid')
    steps.push({ lines: 'with-extra', status: 'partially_paid', at });
  if (seed.edit === 'up-paid') steps.push({ lines: 'with-extra', status: 'paid', at });
  if (isDown(seed)) steps.push({ lines: 'bought', status: 'paid', at });
  return steps;
}

function snapshotOf(order: LifeOrder, seed: OrderSeed): Record<'bought' | 'with-extra', OrderSnapshot> {
  const { shopPrices, shopperPrices } = order;
  const own = order.lines.map((line, index) => ({ line, index })).filter(({ line }) => line.id !== extraLineId);
  const lines = own.map(({ line, index }): OrderLine => ({
    id: line.id,
    productId: line.productId,
    variantId: line.variantId,
    vendor: line.vendor,
    quantity: line.quantity,
    ...grossOf(shopPrices.lines[index], line.kind === 'tip'),
    isGiftCard: line.kind === 'gift-card',
    isTip: line.kind === 'tip',
  }));
  const extra: OrderLine = {
    id: extraLineId,
    productId: '13',
    variantId: '131',
    vendor: 'Acme',
    quantity: 1,
    ...grossOf(extraPrice(order, null), false),
    isGiftCard: false,
    isTip: false,
  };
  const bought: OrderSnapshot = {
    orderId: order.id,
    orderNumber: Number(order.id),
    customerId: '7',
    cardCode: null,
    discountCodes: [],
    currency: shopPrices.currency,
    taxesIncluded: order.taxesIncluded,
    isTest: order.isTest,
    financialStatus: 'pending',
    channel: order.channel,
    locationId: order.locationId,
    lines,
    shippingMinor: shopPrices.shipping,
    shippingTaxMinor: shopPrices.shippingTax,
    tipMinor: shopPrices.looseTip + tipLines(order, shopPrices),
    totalMinor: 0,
    createdAt: timeText(order.soldAt),
    processedAt: timeText(order.soldAt),
    updatedAt: timeText(order.soldAt),
    cancelledAt: null,
    fulfilledAt: null,
    hasGiftCardTender: order.tender.giftCards > 0,
    presentment: shopperPrices === null ? null : presentmentOf(order, shopperPrices, extraPrice(order, seed.exchange)),
  };
  const removed = isDown(seed) ? { removedMinor: order.shopPrices.editedAway } : {};
  return { bought: { ...bought, ...removed }, 'with-extra': { ...bought, lines: [...lines, extra] } };
}

function tipLines(order: LifeOrder, prices: Prices): number {
  return order.lines.reduce(
    (sum, line, index) => (line.kind === 'tip' ? sum + (prices.lines[index]?.net ?? 0) : sum),
    0,
  );
}

/** A line's price before discounts is not part of what was true; any will do that leaves the same net. */
function grossOf(cost: { net: number; tax: number } | undefined, isTip: boolean) {
  const { net, tax } = cost ?? { net: 0, tax: 0 };
  const discountMinor = isTip ? 0 : Math.max(40, -net);
  return { grossMinor: net + discountMinor, discountMinor, taxMinor: tax };
}

function presentmentOf(order: LifeOrder, prices: Prices, extra: { net: number; tax: number }): PresentmentMoney {
  const lines: PresentmentMoney['lines'] = { [extraLineId]: grossOf(extra, false) };
  for (const [index, line] of order.lines.entries()) lines[line.id] = grossOf(prices.lines[index], line.kind === 'tip');
  return {
    currency: prices.currency,
    lines,
    shippingMinor: prices.shipping,
    shippingTaxMinor: prices.shippingTax,
    tipMinor: prices.looseTip + tipLines(order, prices),
  };
}

function refundOf(order: LifeOrder, index: number): OrderRefund {
  const refund = order.refunds[index];
  const shop = order.shopPrices.refunds[index];
  if (refund === undefined || shop === undefined) throw new Error('a refund without prices');
  const shopper = order.shopperPrices?.refunds[index];
  const presentment: PresentmentRefund | null =
    shopper === undefined
      ? null
      : {
          lines: Object.fromEntries(
            refund.returned.map(({ lineId }, position) => [
              lineId,
              {
                subtotalMinor: shopper.lines[position]?.subtotal ?? 0,
                taxMinor: shopper.lines[position]?.tax ?? 0,
              },
            ]),
          ),
          shippingMinor: shopper.shipping,
          amountOnlyMinor: shopper.amountOnly,
        };
  return {
    refundId: String(index + 1),
    createdAt: timeText(refund.at),
    lines: refund.returned.map(({ lineId, quantity }, position) => ({
      lineId,
      quantity,
      subtotalMinor: shop.lines[position]?.subtotal ?? 0,
      taxMinor: shop.lines[position]?.tax ?? 0,
    })),
    shippingMinor: shop.shipping,
    amountOnlyMinor: shop.amountOnly,
    presentment,
  };
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
