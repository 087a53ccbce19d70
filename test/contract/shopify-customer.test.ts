import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { projectDelivery } from '#app/contracts/shopify-delivery.ts';
import { projectCompliance, projectCustomer } from '#app/contracts/shopify-customer.ts';

function sample(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/shopify/${name}.json`, import.meta.url), 'utf8'));
}

test('a customer is reduced to who they are and what they agreed to', () => {
  expect(projectCustomer(sample('official_2026-07_customer'))).toEqual({
    ok: true,
    customer: {
      customerId: '207119551',
      email: 'bob.norman@mail.example.com',
      phone: '+16136120707',
      firstName: 'Bob',
      lastName: 'Norman',
      verifiedEmail: true,
      updatedAt: '2025-04-02T16:25:58.000Z',
      emailMarketing: { state: 'not_subscribed', optInLevel: null, updatedAt: '2004-06-13T15:57:11.000Z' },
      smsMarketing: { state: 'not_subscribed', optInLevel: 'single_opt_in', updatedAt: '2024-01-01T12:00:00.000Z' },
      tags: ['Léon', 'Noël'],
    },
  });
});

test.each([
  [' vip ,, wholesale', ['vip', 'wholesale']],
  ['', []],
  [undefined, null],
  [['vip'], null],
  ['a'.repeat(70_000), null],
])('tags come as one text: case %#', (tags, read) => {
  expect(projectCustomer({ id: 7, tags })).toMatchObject({ customer: { tags: read } });
});

describe('what says that something changed', () => {
  test.each(['customer.tags_added', 'customer.tags_removed'] as const)(
    '%s names the customer, and keeps no tag',
    (topic) => {
      const body = {
        customerId: 'gid://shopify/Customer/207119551',
        tags: ['vip'],
        occurredAt: '2026-03-01T10:00:00Z',
      };
      const identity = { customerId: '207119551', changedAt: '2026-03-01T10:00:00.000Z' };
      expect(projectDelivery(topic, body, new Date())).toEqual({ ok: true, thin: null, identity });
      expect(projectDelivery(topic, { tags: ['vip'] }, new Date())).toEqual({
        ok: false,
        problem: 'customer_id does not fit',
      });
    },
  );

  test('a product is known by its id, a collection stands for any product', () => {
    const kept = (productId: string | null) => ({ ok: true, thin: { productId }, identity: null });
    for (const topic of ['products/create', 'products/update', 'products/delete'] as const)
      expect(projectDelivery(topic, { id: 7_001_001 }, new Date())).toEqual(kept('7001001'));
    for (const topic of ['collections/create', 'collections/update', 'collections/delete'] as const)
      expect(projectDelivery(topic, { id: 408_372_092 }, new Date())).toEqual(kept(null));
    expect(projectDelivery('products/update', {}, new Date())).toEqual({ ok: false, problem: 'id does not fit' });
  });
});

test('without approval for personal fields a customer is an id and nothing else', () => {
  expect(projectCustomer({ id: 7, email: null, first_name: null })).toMatchObject({
    ok: true,
    customer: { customerId: '7', email: null, firstName: null, emailMarketing: null, updatedAt: null },
  });
});

test('a change of one consent names its customer by another field', () => {
  const body = {
    customer_id: 7,
    email_address: 'ada@example.com',
    email_marketing_consent: { state: 'subscribed', consent_updated_at: '2026-03-01T10:00:00+01:00' },
  };
  expect(projectCustomer(body)).toMatchObject({
    ok: true,
    customer: {
      customerId: '7',
      email: 'ada@example.com',
      emailMarketing: { state: 'subscribed', optInLevel: null, updatedAt: '2026-03-01T09:00:00.000Z' },
    },
  });
});

test('problems name a field and never its content', () => {
  expect(projectCustomer({ email: 'ada@example.com' })).toEqual({ ok: false, problem: 'id does not fit' });
  expect(projectCustomer({ id: 7, updated_at: 'ada@example.com' })).toEqual({
    ok: false,
    problem: 'updated_at does not fit',
  });
  expect(projectCompliance({ orders_to_redact: ['ada@example.com'] })).toEqual({
    ok: false,
    problem: 'orders does not fit',
  });
});

test.each([
  ['compliance_customers_data_request', { customerId: '191167', dataRequestId: '9999' }],
  ['compliance_customers_redact', { customerId: '191167', dataRequestId: null }],
])('%s names the person and the orders', (name, expected) => {
  expect(projectCompliance(sample(name))).toEqual({
    ok: true,
    request: {
      email: 'john@example.com',
      phone: '555-625-1199',
      orderIds: ['299938', '280263', '220458'],
      ...expected,
    },
  });
});

test('a redaction may name a person by e-mail only, and that of a shop names nobody', () => {
  expect(projectCompliance(sample('compliance_customers_redact_email_only'))).toEqual({
    ok: true,
    request: { customerId: null, email: 'john@example.com', phone: null, orderIds: [], dataRequestId: null },
  });
  expect(projectCompliance(sample('compliance_shop_redact'))).toEqual({
    ok: true,
    request: { customerId: null, email: null, phone: null, orderIds: [], dataRequestId: null },
  });
});
