/** The shop's till and web checkout: makes orders, changes them, and has Shopify tell the app. */
import { randomUUID } from 'node:crypto';

import { buildOrder, cancelOrder, createIds, refundAmount, refundLines } from '#test/platform/orders.ts';
import type { OrderBody } from '#test/platform/order-body.ts';
import type { OrderInput } from '#test/platform/order-parts.ts';
import type { Customer } from '#test/platform/shopify-shops.ts';
import type { Shopify } from '#test/platform/shopify.ts';
import type { Delivery } from '#test/platform/webhook-sender.ts';

/** One thing that was done to an order, with what was told about it. */
export type TillAction = { kind: 'paid' | 'refunded' | 'cancelled' | 'sent again'; at: Date; deliveries: Delivery[] };

export type TillOrder = { body: OrderBody; actions: TillAction[] };

type Purchase = Pick<
  OrderInput,
  'lines' | 'channel' | 'cardCode' | 'discountCode' | 'currency' | 'tipMinor' | 'isTest' | 'financialStatus'
> & {
  customer?: Customer | null;
};

export type Till = {
  /** Sells; resolves when the app has taken the webhooks. */
  buy: (purchase: Purchase) => Promise<TillOrder>;
  refundLine: (orderId: number, lineId: number, quantity: number) => Promise<TillOrder>;
  refundAmount: (orderId: number, amountMinor: number) => Promise<TillOrder>;
  cancel: (orderId: number) => Promise<TillOrder>;
  /** Sends the order's first webhook once more, as at-least-once delivery does. */
  sendAgain: (orderId: number) => Promise<TillOrder>;
  /** Makes Shopify's record of a shopper and tells the app. */
  addCustomer: (person: Omit<Customer, 'id'>) => Promise<Customer>;
  orders: () => TillOrder[];
};

const firstNumber = 1001;

/** Opens the till of a shop. `onChange` is told when an order changed or was told about. */
export function createTill(shopify: Shopify, domain: string, onChange: () => void = () => undefined): Till {
  const shop = shopify.shop(domain);
  const nextId = createIds();
  const orders = new Map<number, TillOrder>();

  function find(orderId: number): TillOrder {
    const order = orders.get(orderId);
    if (order === undefined) throw new Error('this till knows no such order');
    return order;
  }

  /** Tells the app of one action; its topics share an event, as they do at Shopify. */
  async function tell(
    order: TillOrder,
    kind: TillAction['kind'],
    messages: { topic: string; body: object }[],
  ): Promise<TillOrder> {
    const eventId = randomUUID();
    shop.orders.set(order.body.id, order.body);
    const action: TillAction = { kind, at: new Date(), deliveries: [] };
    order.actions.push(action);
    onChange();
    action.deliveries = await Promise.all(
      messages.map((message) => shopify.webhooks.send({ shopDomain: domain, eventId, ...message })),
    );
    onChange();
    return order;
  }

  function change(
    order: TillOrder,
    kind: 'refunded' | 'cancelled',
    changed: { order: OrderBody; refund: object | null },
  ): Promise<TillOrder> {
    order.body = changed.order;
    const topic = kind === 'cancelled' ? 'orders/cancelled' : 'orders/updated';
    const refunds = changed.refund === null ? [] : [{ topic: 'refunds/create', body: changed.refund }];
    return tell(order, kind, [...refunds, { topic, body: changed.order }]);
  }

  return {
    buy: (purchase) => {
      // Counted by the shop, whose several tills share the numbers.
      const number = firstNumber + shop.orders.size;
      const body = buildOrder({ ...purchase, number, at: new Date() }, nextId);
      const order: TillOrder = { body, actions: [] };
      orders.set(body.id, order);
      const topics = body.financial_status === 'paid' ? ['orders/paid', 'orders/updated'] : ['orders/updated'];
      return tell(
        order,
        'paid',
        topics.map((topic) => ({ topic, body })),
      );
    },
    refundLine: async (orderId, lineId, quantity) => {
      const order = find(orderId);
      return change(order, 'refunded', refundLines(order.body, [{ lineId, quantity }], { at: new Date(), nextId }));
    },
    refundAmount: async (orderId, amountMinor) => {
      const order = find(orderId);
      return change(order, 'refunded', refundAmount(order.body, amountMinor, { at: new Date(), nextId }));
    },
    cancel: async (orderId) => {
      const order = find(orderId);
      return change(order, 'cancelled', cancelOrder(order.body, { at: new Date(), nextId }));
    },
    sendAgain: async (orderId) => {
      const order = find(orderId);
      const first = order.actions[0]?.deliveries[0];
      if (first === undefined) throw new Error('nothing was told about this order yet');
      const action: TillAction = { kind: 'sent again', at: new Date(), deliveries: [] };
      order.actions.push(action);
      onChange();
      action.deliveries = [await shopify.webhooks.sendAgain(first)];
      onChange();
      return order;
    },
    addCustomer: async (person) => {
      const customer: Customer = { id: nextId(), ...person };
      shop.customers.set(customer.id, customer);
      await shopify.webhooks.send({ shopDomain: domain, topic: 'customers/create', body: customerBody(customer) });
      return customer;
    },
    orders: () => [...orders.values()].toReversed(),
  };
}

/** The body of `customers/create`. */
function customerBody(customer: Customer): object {
  const stamp = new Date().toISOString();
  return {
    id: customer.id,
    admin_graphql_api_id: `gid://shopify/Customer/${customer.id}`,
    email: customer.email,
    phone: customer.phone,
    first_name: customer.firstName,
    last_name: customer.lastName,
    created_at: stamp,
    updated_at: stamp,
    orders_count: 0,
    state: 'disabled',
    total_spent: '0.00',
    last_order_id: null,
    last_order_name: null,
    note: null,
    verified_email: true,
    multipass_identifier: null,
    tax_exempt: false,
    tax_exemptions: [],
    tags: '',
    currency: 'EUR',
    addresses: [],
    email_marketing_consent: { state: 'not_subscribed', opt_in_level: 'single_opt_in', consent_updated_at: null },
    sms_marketing_consent: null,
  };
}
