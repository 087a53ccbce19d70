/** Sales made at given times, for tests about what happens over days and months. */
import { randomUUID } from 'node:crypto';

import { setClockOffsetMs } from '#app/lib/clock.ts';
import { deliver, drain, orderBody, type TestShop } from '#test/support/factories.ts';

export type OrderOf = Record<string, unknown>;

/** Moves the rules' clock to an instant. */
export const setClock = (at: string | number | Date) => setClockOffsetMs(new Date(at).getTime() - Date.now());

/** A paid order of one line over so many dollars, made at an instant. */
export function saleOf(customerId: string, sale: { dollars: number; at: string; [field: string]: unknown }): OrderOf {
  const { dollars, at, ...overrides } = sale;
  const made = new Date(at).toISOString();
  const body = orderBody({
    customer: { id: Number(customerId) },
    created_at: made,
    processed_at: made,
    updated_at: made,
  });
  const [line] = body['line_items'] as Record<string, unknown>[];
  return { ...body, line_items: [{ ...line, price: `${dollars}.00` }], ...overrides };
}

/** Tells of orders and settles them. */
export async function tell(shop: TestShop, ...orders: Record<string, unknown>[]): Promise<void> {
  for (const order of orders) await deliver(shop, 'orders/updated', order);
  await drain(shop);
}

/** The order as it is told once it was cancelled at an instant. */
export function cancelled(order: OrderOf, at: string): OrderOf {
  return { ...order, cancelled_at: new Date(at).toISOString(), updated_at: new Date(at).toISOString() };
}

/** A refund of so many dollars of an order, made at an instant. */
export async function refund(shop: TestShop, order: OrderOf, back: { dollars: number; at: string }): Promise<void> {
  const [line] = order['line_items'] as { id: number; price: string }[];
  const isWhole = line !== undefined && Number(line.price) === back.dollars;
  await deliver(shop, 'refunds/create', {
    id: Math.floor(Math.random() * 1e12),
    order_id: order['id'],
    created_at: new Date(back.at).toISOString(),
    refund_line_items: isWhole
      ? [{ id: 1, line_item_id: line.id, quantity: 1, subtotal: back.dollars, total_tax: 0 }]
      : [],
    order_adjustments: [],
    refund_shipping_lines: [],
    transactions: [{ kind: 'refund', status: 'success', amount: `${back.dollars}.00`, currency: 'USD' }],
  }, randomUUID()); // prettier-ignore
  await drain(shop);
}
