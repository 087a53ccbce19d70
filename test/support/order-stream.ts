/**
 * A steady stream of orders as a busy shop causes them: bought, partly returned, cancelled, told about more than once
 * and out of order. What everything should have earned is added up here, from what was bought and nothing else.
 */
import { setTimeout as delay } from 'node:timers/promises';

import type { OrderBody } from '#test/platform/order-body.ts';
import type { OrderLineInput } from '#test/platform/order-parts.ts';
import { buildOrder, cancelOrder, createIds, refundLines } from '#test/platform/orders.ts';
import type { Shopify } from '#test/platform/shopify.ts';
import type { Delivery } from '#test/platform/webhook-sender.ts';
import type { Amounts } from '#test/support/books.ts';
import type { Random } from '#test/support/random.ts';

export type Shopper = { serial: string; cardCode: string };

export type OrderStream = {
  /** Resolves when every delivery was acknowledged, or given up by the sender. */
  ended: Promise<void>;
  deliveries: Delivery[];
  /** What each order should have brought, by order id; orders that bring nothing are left out. */
  expectedByOrder: Map<string, Amounts>;
  /** What each card should show, by serial. */
  expectedBySerial: Map<string, Amounts>;
};

const latenessMaxMs = 1200;
const minorPerPoint = 100;

type News = { topic: string; body: object };
/** A line as the shopper sees it: what one costs, and how many were kept. */
type Kept = { lineId: number; unitPriceMinor: number; quantity: number; isEarning: boolean };

function pickLines(random: Random): OrderLineInput[] {
  return Array.from({ length: random.between(1, 3) }, (_, index) => ({
    title: `Item ${index + 1}`,
    productId: 7_001_001 + index,
    unitPriceMinor: random.between(40, 1900),
    quantity: random.between(1, 3),
    isGiftCard: random.chance(0.1),
  }));
}

function earned(kept: Kept[], isCancelled: boolean): Amounts {
  const minor = kept
    .filter((line) => line.isEarning)
    .reduce((total, line) => total + line.unitPriceMinor * line.quantity, 0);
  if (isCancelled || minor === 0) return { points: 0, stamps: 0 };
  return { points: Math.floor(minor / minorPerPoint), stamps: 1 };
}

/** Starts the stream; it runs for `durationMs`, or until it is over. */
export function startOrderStream(options: {
  shopify: Shopify;
  domain: string;
  shoppers: Shopper[];
  random: Random;
  durationMs: number;
  /** Ends it when somebody else says so, instead. */
  isOver?: () => boolean;
  ordersPerSecond: number;
  /** Makes the ids of orders and lines; streams that run at once share one, as Shopify's shops do. */
  nextId?: () => number;
}): OrderStream {
  const { shopify, domain, random, nextId = createIds() } = options;
  const deliveries: Delivery[] = [];
  const expectedByOrder = new Map<string, Amounts>();
  const expectedBySerial = new Map(options.shoppers.map(({ serial }) => [serial, { points: 0, stamps: 0 }]));
  let lastNumber = 1000;

  /** Tells of one thing, late, perhaps several times, perhaps at once. */
  async function tell(news: News): Promise<void> {
    await delay(random.between(0, latenessMaxMs));
    const sending = shopify.webhooks.send({ shopDomain: domain, ...news });
    const repeats = random.chance(0.2) ? random.between(1, 3) : 0;
    const delivery = await sending;
    deliveries.push(delivery);
    await Promise.all(
      Array.from({ length: repeats }, async () => {
        await delay(random.between(0, latenessMaxMs));
        deliveries.push(await shopify.webhooks.sendAgain(delivery));
      }),
    );
  }

  function returnSome(order: OrderBody, kept: Kept[], at: Date): { order: OrderBody; news: News[] } {
    const line = random.pick(kept.filter((candidate) => candidate.quantity > 0));
    const quantity = random.between(1, line.quantity);
    line.quantity -= quantity;
    const changed = refundLines(order, [{ lineId: line.lineId, quantity }], { at, nextId });
    const news = [
      { topic: 'refunds/create', body: changed.refund },
      { topic: 'orders/updated', body: changed.order },
    ];
    return { order: changed.order, news };
  }

  /** One order from the sale to its end, with all that is told about it. */
  function live(shopper: Shopper): News[] {
    lastNumber += 1;
    const soldAt = Date.now();
    // Each step has a second of its own: Shopify's times have no finer grain.
    const at = (step: number): Date => new Date(soldAt + step * 1000);
    const lines = pickLines(random);
    const sale = { channel: 'pos' as const, currency: 'EUR', lines, cardCode: shopper.cardCode };
    let order = buildOrder({ ...sale, number: lastNumber, at: at(0) }, nextId);
    const orderId = String(order.id);
    const kept = order.line_items.map((line, index): Kept => {
      const { unitPriceMinor = 0, quantity = 0, isGiftCard } = lines[index] ?? {};
      return { lineId: line.id, unitPriceMinor, quantity, isEarning: isGiftCard !== true };
    });
    const news: News[] = ['orders/create', 'orders/paid', 'orders/updated'].map((topic) => ({ topic, body: order }));
    let step = 1;
    while (random.chance(0.25) && kept.some((line) => line.quantity > 0)) {
      const changed = returnSome(order, kept, at(step));
      order = changed.order;
      news.push(...changed.news);
      step += 1;
    }
    const isCancelled = random.chance(0.1);
    if (isCancelled) {
      const cancelled = cancelOrder(order, { at: at(step), nextId });
      if (cancelled.refund !== null) news.push({ topic: 'refunds/create', body: cancelled.refund });
      news.push({ topic: 'orders/cancelled', body: cancelled.order });
    }
    const amounts = earned(kept, isCancelled);
    if (amounts.points !== 0 || amounts.stamps !== 0) expectedByOrder.set(orderId, amounts);
    const total = expectedBySerial.get(shopper.serial);
    if (total !== undefined) {
      total.points += amounts.points;
      total.stamps += amounts.stamps;
    }
    return news;
  }

  async function run(): Promise<void> {
    const endsAt = performance.now() + options.durationMs;
    const isOver = options.isOver ?? (() => performance.now() >= endsAt);
    const told: Promise<void>[] = [];
    while (!isOver()) {
      told.push(...live(random.pick(options.shoppers)).map(tell));
      await delay(1000 / options.ordersPerSecond);
    }
    await Promise.all(told);
  }

  return { ended: run(), deliveries, expectedByOrder, expectedBySerial };
}
