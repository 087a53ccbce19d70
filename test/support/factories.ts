/** Arrangement for integration tests: a system on a database of its own, shops, members, deliveries. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import pg from 'pg';

import { createShop, markInstalled } from '#app/data/shops/shops.ts';
import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { createProgram, insertRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { DatabaseRole } from '#app/data/database.ts';
import { plainProgram, type ProgramDocument } from '#app/domain/programs/program.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { receiveWebhook } from '#app/flows/orders/receive-webhook.ts';
import { settleOrders } from '#app/flows/orders/settle-orders.ts';
import { newId, type MemberId, type ProgramId, type ShopId } from '#app/lib/ids.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { createTestDatabase } from '#test/support/database.ts';

/** The least environment our modules need; tests that need more set it before they import. */
export const testEnvironment = {
  STAMPWELL_ENV: 'test',
  SHOPIFY_API_KEY: 'test-key',
  SHOPIFY_API_SECRET: 'test-secret,older-secret',
  KEY_ENCRYPTION_KEYS: `test-1:${Buffer.alloc(32, 7).toString('base64')}`,
  APP_URL: 'https://stampwell.test',
  LOG_LEVEL: 'silent',
} as const;
/** Erasures are kept outside the database; these go with the system they belong to. */
const keptErasures = path.join(tmpdir(), `stampwell-test-erasures-${process.pid}`);
for (const [name, value] of Object.entries({ ...testEnvironment, ERASURE_DIRECTORY: keptErasures }))
  process.env[name] ??= value;

export type TestSystem = {
  url: string;
  /** Runs SQL as the superuser, past row-level security: for looking, and for tampering. */
  sql: <Row extends Record<string, unknown>>(text: string, values?: unknown[]) => Promise<Row[]>;
  close: () => Promise<void>;
};

/** Opens our data layer on a fresh database. `close` fails when something is left open. */
export async function openTestSystem(
  role: DatabaseRole = 'stampwell_worker',
  connectionsMax = 12,
): Promise<TestSystem> {
  const database = await createTestDatabase();
  const system = await openSystem({ databaseUrl: database.url, role, connectionsMax });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return {
    url: database.url,
    sql: async <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
      (await client.query<Row>(text, values)).rows,
    close: async () => {
      setClockOffsetMs(0);
      await client.end();
      await system.close();
      await database.drop();
      rmSync(keptErasures, { recursive: true, force: true });
    },
  };
}

/** One point per 1.00, one stamp per order, ten stamps a card. */
export function makeDocument(overrides: Partial<ProgramDocument> = {}): ProgramDocument {
  return {
    ...plainProgram,
    name: 'Coffee Club',
    units: [
      { kind: 'point', id: 'points', label: 'Points' },
      { kind: 'stamp', id: 'stamps', label: 'Stamps', stampsNeeded: 10 },
    ],
    earnRules: [
      {
        kind: 'spend',
        id: 'spend',
        unit: 'points',
        rates: [
          { currency: 'USD', amount: 1, perMinor: 100 },
          { currency: 'JPY', amount: 1, perMinor: 100 },
          { currency: 'KWD', amount: 1, perMinor: 1_000 },
        ],
        rounding: 'floor',
        conditions: {},
      },
      { kind: 'visit', id: 'visit', unit: 'stamps', amount: 1, conditions: {} },
    ],
    rewards: [
      {
        id: 'coffee',
        name: 'Free coffee',
        unit: 'stamps',
        cost: 10,
        benefit: { kind: 'custom', instructions: 'Any coffee' },
      },
      {
        id: 'five-off',
        name: '5 off',
        unit: 'points',
        cost: 100,
        benefit: { kind: 'amount-off', amountMinor: 500, currency: 'USD' },
      },
    ],
    settings: { ...plainProgram.settings, debtPolicy: 'carry', expiry: { mode: 'none' } },
    ...overrides,
  };
}

export type TestShop = { shopId: ShopId; domain: string; programId: ProgramId; slug: string };

/** An installed shop with a live program. Versions count from 2020, so that sample orders of any date do. */
export async function makeShop(document: ProgramDocument = makeDocument()): Promise<TestShop> {
  const shopId = newId<ShopId>();
  const name = `shop-${randomUUID().slice(0, 8)}`;
  const domain = `${name}.myshopify.com`;
  const at = new Date();
  const programId = await withShop(shopId, async (tx) => {
    await createShop(tx, domain, at);
    await markInstalled(tx, { name, currency: 'USD', timeZone: 'UTC', country: 'US', scopes: 'read_orders' }, at);
    const created = await createProgram(tx, {
      slug: name,
      draft: document,
      signUpPlaces: ['link', 'checkout', 'pos'],
      at,
    });
    await insertRuleVersion(tx, {
      programId: created,
      document,
      effectiveFrom: new Date('2020-01-01T00:00:00Z'),
      publishedAt: at,
      publishedBy: 'test',
    });
    await insertCardDesign(tx, created, { design: starterDesign(name), at });
    return created;
  });
  return { shopId, domain, programId, slug: name };
}

/** Long enough never to appear by chance in an id or a hash: tests search whole databases for it. */
let nextCustomer = 7_318_204_000_000;

/** A member known to Shopify. */
export async function makeMember(
  shop: TestShop,
  overrides: { email?: string; name?: string; shopifyCustomerId?: string } = {},
): Promise<{ memberId: MemberId; customerId: string; cardUrl: string }> {
  nextCustomer += 1;
  const customerId = overrides.shopifyCustomerId ?? String(nextCustomer);
  const { memberId, cardUrl } = await enrollMember({
    shopId: shop.shopId,
    programId: shop.programId,
    via: 'link',
    profile: {
      email: overrides.email ?? `person-${customerId}@example.com`,
      ...(overrides.name && { name: overrides.name }),
    },
    shopifyCustomerId: customerId,
    locale: 'en',
    consents: [{ purpose: 'program', channel: 'wallet', granted: true }],
    wordingVersion: '1',
    source: 'test',
  });
  return { memberId, customerId, cardUrl };
}

/** Hands a delivery to the inbox the way the edge does. */
export async function deliver(
  shop: { domain: string },
  topic: string,
  body: unknown,
  webhookId: string = randomUUID(),
  triggeredAt: Date | null = null,
): Promise<string> {
  const text = JSON.stringify(body);
  await receiveWebhook({ shopDomain: shop.domain, topic, webhookId, triggeredAt, body: JSON.parse(text), text });
  return webhookId;
}

/** Settles until the shop's inbox is empty. */
export async function drain(shop: { shopId: ShopId }): Promise<void> {
  while ((await settleOrders({ shopId: shop.shopId })) > 0);
}

let nextOrder = Date.now();

/** A paid Shopify order body, as small as the projection allows. */
export function orderBody(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  nextOrder += 1;
  const at = new Date().toISOString();
  return {
    id: nextOrder,
    order_number: 1001,
    created_at: at,
    processed_at: at,
    updated_at: at,
    cancelled_at: null,
    test: false,
    financial_status: 'paid',
    currency: 'USD',
    taxes_included: false,
    source_name: 'web',
    location_id: null,
    customer: null,
    total_price: '12.00',
    subtotal_price: '12.00',
    total_tax: '0.00',
    total_tip_received: '0.00',
    discount_codes: [],
    note_attributes: [],
    shipping_lines: [],
    refunds: [],
    line_items: [
      {
        id: nextOrder * 10 + 1,
        product_id: 11,
        variant_id: 12,
        quantity: 1,
        price: '12.00',
        gift_card: false,
        discount_allocations: [],
        tax_lines: [],
      },
    ],
    ...overrides,
  };
}

/** A member's balances by unit. */
export async function balancesOf(system: TestSystem, memberId: string): Promise<Record<string, number>> {
  const rows = await system.sql<{ unit: string; amount: string }>(
    'select unit, amount from balance where member_id = $1',
    [memberId],
  );
  return Object.fromEntries(rows.map((row) => [row.unit, Number(row.amount)]));
}
