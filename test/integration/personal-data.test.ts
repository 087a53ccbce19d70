import { capturedLog } from '#test/support/captured-log.ts';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  balancesOf,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { type Edge, post, startEdge } from '#test/support/edge.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let shop: TestShop;
let edge: Edge;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await system.close();
});

/** Everything Shopify may tell of a person with an order, each value found nowhere else. */
const person = {
  firstName: 'Quirinius',
  lastName: 'Zwetschgenbaum',
  email: 'quirinius.zwetschgenbaum@example.com',
  phone: '+4915799887766',
  street: 'Pfingstrosenallee 4711',
  city: 'Oberammergau-Canary',
  zip: '82487-77',
  ip: '198.51.100.77',
  note: 'please ring twice, allergic to walnuts',
  company: 'Zwetschgen Holding',
  card: '4242-canary-1881',
  userAgent: 'CanaryBrowser/9.9',
  landing: '/pages/canary-landing?utm=quirinius',
  gift: 'Happy birthday dear Quirinius',
};
const values = Object.values(person);

const address = {
  first_name: person.firstName, last_name: person.lastName, name: `${person.firstName} ${person.lastName}`, address1: person.street,
  city: person.city, zip: person.zip, phone: person.phone, company: person.company, latitude: 47.598, longitude: 11.066,
}; // prettier-ignore

function orderOf(customerId: string): Record<string, unknown> {
  const plain = orderBody();
  const lines = (plain['line_items'] as object[]).map((line) => ({
    ...line,
    name: `Mug for ${person.firstName}`,
    properties: [{ name: 'engraving', value: person.gift }],
  }));
  return {
    ...plain,
    email: person.email,
    contact_email: person.email,
    phone: person.phone,
    browser_ip: person.ip,
    note: person.note,
    landing_site: person.landing,
    referring_site: `https://${person.email}`,
    client_details: { browser_ip: person.ip, user_agent: person.userAgent },
    customer: {
      id: Number(customerId),
      email: person.email,
      first_name: person.firstName,
      last_name: person.lastName,
      phone: person.phone,
      default_address: address,
    },
    billing_address: address,
    shipping_address: address,
    payment_details: { credit_card_number: person.card, credit_card_name: person.lastName },
    note_attributes: [{ name: 'gift message', value: person.gift }],
    discount_codes: [{ code: person.company, amount: '0.00', type: 'fixed_amount' }],
    fulfillments: [{ receipt: { to: person.email }, destination: address }],
    line_items: lines,
  };
}

const send = (topic: string, body: unknown) => post(edge, { body: JSON.stringify(body), shop: shop.domain, topic });

describe('personal data in what Shopify sends', () => {
  it('of an order rests nowhere: not in the inbox, not once settled, and never in a log line', async () => {
    const { memberId, customerId } = await makeMember(shop, { email: 'someone-else@example.com' });
    const order = orderOf(customerId);
    for (const topic of ['orders/create', 'orders/paid', 'orders/updated'])
      expect((await send(topic, order)).status).toBe(200);
    expect(await findInDatabase(system, values)).toEqual([]);
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    expect(await findInDatabase(system, values)).toEqual([]);
  });

  it('of a refund, a customer, a consent and a merge rests nowhere in the clear', async () => {
    const { customerId } = await makeMember(shop, {
      email: person.email,
      name: `${person.firstName} ${person.lastName}`,
    });
    const refund = {
      id: 77,
      order_id: 4_711,
      note: person.note,
      refund_line_items: [],
      transactions: [{ receipt: address, kind: 'refund' }],
      created_at: new Date().toISOString(),
    };
    const customer = {
      id: Number(customerId),
      email: person.email,
      first_name: person.firstName,
      last_name: person.lastName,
      phone: person.phone,
      note: person.note,
      default_address: address,
      verified_email: true,
    };
    expect((await send('refunds/create', refund)).status).toBe(200);
    for (const topic of ['customers/create', 'customers/update', 'customers/delete'])
      expect((await send(topic, customer)).status).toBe(200);
    const consent = {
      customer_id: Number(customerId),
      email_address: person.email,
      email_marketing_consent: { state: 'subscribed' },
    };
    expect((await send('customers_email_marketing_consent/update', consent)).status).toBe(200);
    expect(await findInDatabase(system, values)).toEqual([]);
    await drain(shop);
    expect(await findInDatabase(system, values)).toEqual([]);
  });

  it('in a compliance request rests nowhere in the clear', async () => {
    const request = {
      shop_domain: shop.domain,
      customer: { id: 99_887_766_554, email: person.email, phone: person.phone },
      orders_requested: [1, 2],
      data_request: { id: 9 },
    };
    for (const topic of ['customers/data_request', 'customers/redact'])
      expect((await send(topic, request)).status).toBe(200);
    await drain(shop);
    expect(await findInDatabase(system, [...values, '99887766554'])).toEqual([]);
  });

  it('reaches no log line, not even when things go wrong', async () => {
    // Each of these fails somewhere else: at the signature, at the projection, in the database, and as a broken invariant.
    await post(edge, { body: JSON.stringify(orderOf('1')), shop: shop.domain, secret: 'wrong' });
    await send('orders/paid', { ...orderOf('1'), currency: person.company });
    await send('orders/paid', orderOf('2'));
    await system.sql(`update inbox set projection = $1 where state = 'pending'`, [
      JSON.stringify({ orderId: { name: person.lastName } }),
    ]);
    await drain(shop);
    const { memberId } = await makeMember(shop, { email: `second-${person.email}`, name: person.lastName });
    await system.sql('update balance set amount = amount + 1 where member_id = $1', [memberId]);
    await verifyBalances({ shopId: shop.shopId });
    const log = capturedLog();
    expect(log).toContain('a delivery could not be applied');
    expect(log).toContain('a balance does not add up');
    expect(values.filter((value) => log.includes(value))).toEqual([]);
  });
});
