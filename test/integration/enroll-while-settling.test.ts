import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { projectDelivery } from '#app/contracts/shopify-delivery.ts';
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { settleOrders } from '#app/data/ledger/settlement.ts';
import { enroll } from '#app/data/members/enrollment.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type NewsOnWire, unpackNews } from '#app/domain/orders/order-wire.ts';
import { applyCustomerNews } from '#app/data/members/identity-news.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { until } from '#test/support/local-postgres.ts';
import { saleOf } from '#test/support/sales.ts';
import { mergeBody } from '#test/support/merging.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

let customers = 9_950_000_000;
const nextCustomer = () => String((customers += 1));

function newsOf(order: Record<string, unknown>): OrderNews {
  const projected = projectDelivery('orders/paid', JSON.parse(JSON.stringify(order)), new Date());
  if (!projected.ok) throw new Error(projected.problem);
  return unpackNews(JSON.parse(JSON.stringify(projected.thin)) as NewsOnWire);
}

function identityOf(customerId: string): unknown {
  const at = new Date().toISOString();
  const told = {
    id: Number(customerId),
    email: 'found@example.com',
    verified_email: true,
    created_at: at,
    updated_at: at,
  };
  const projected = projectDelivery('customers/update', told, new Date());
  if (!projected.ok) throw new Error(projected.problem);
  return projected.identity;
}

const settle = (shop: TestShop, order: Record<string, unknown>, pause: () => Promise<void>) =>
  withShop(shop.shopId, async (tx) => {
    await settleOrders(tx, [{ orderId: String(order['id']), news: newsOf(order), memberId: null }], new Date());
    await pause();
  });

const join = (shop: TestShop, customerId: string, pause: () => Promise<void>) =>
  withShop(shop.shopId, async (tx) => {
    const joined = await enroll(tx, {
      programId: shop.programId, via: 'checkout', profile: {}, shopifyCustomerId: customerId, externalId: null,
      locale: 'en', location: null, consents: [], wordingVersion: '1', source: 'test', actor: 'shopper', at: new Date(),
    }); // prettier-ignore
    await pause();
    return joined.memberId;
  });

/** A pause that tells when it is reached, and ends when it is told to. */
function makeGate(): { pause: () => Promise<void>; reached: Promise<void>; open: () => void } {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    pause: () => {
      reached.resolve();
      return opened.promise;
    },
    reached: reached.promise,
    open: () => opened.resolve(),
  };
}

const atOnce = () => Promise.resolve();

it('an order that settles while its buyer joins is theirs, whichever commits first', async () => {
  const shop = await makeShop();
  for (const isOrderFirst of [true, false]) {
    const customerId = nextCustomer();
    const order = saleOf(customerId, { dollars: 20, at: '2026-03-01T09:00:00Z' });
    const gate = makeGate();
    const first = isOrderFirst ? settle(shop, order, gate.pause) : join(shop, customerId, gate.pause);
    await gate.reached;
    // Neither transaction sees the other; the second has to wait for the first.
    const second = isOrderFirst ? join(shop, customerId, atOnce) : settle(shop, order, atOnce);
    expect(await Promise.race([second.then(() => 'done'), delay(150, 'waiting')])).toBe('waiting');
    gate.open();
    const memberId = (await Promise.all([first, second])).find((id) => id !== undefined);
    expect(await balancesOf(system, String(memberId))).toEqual({ points: 20, stamps: 1 });
  }
  expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);
});

it('an order that settles while somebody’s customer is found by e-mail is theirs', async () => {
  const shop = await makeShop();
  const customerId = nextCustomer();
  const { memberId } = await makeMember(shop, { email: 'found@example.com' });
  await system.sql('update member set shopify_customer_id = null where id = $1', [memberId]);
  const gate = makeGate();
  const settling = settle(shop, saleOf(customerId, { dollars: 20, at: '2026-03-01T09:00:00Z' }), gate.pause);
  await gate.reached;
  const linking = withShop(shop.shopId, (tx) =>
    applyCustomerNews(tx, {
      topic: 'customers/update',
      webhookId: randomUUID(),
      news: identityOf(customerId),
      at: new Date(),
    }),
  );
  await delay(100);
  gate.open();
  await Promise.all([settling, linking]);
  expect(await balancesOf(system, memberId)).toEqual({ points: 20, stamps: 1 });
});

it('many orders and many who join at once all find each other', async () => {
  const shop = await makeShop();
  const buyers = Array.from({ length: 12 }, nextCustomer);
  for (const customerId of buyers)
    await deliver(shop, 'orders/paid', saleOf(customerId, { dollars: 20, at: '2026-03-01T09:00:00Z' }));
  const joined = await Promise.all([
    drain(shop),
    drain(shop),
    ...buyers.map((customerId) => join(shop, customerId, atOnce)),
  ]);
  for (const memberId of joined.slice(2))
    expect(await balancesOf(system, String(memberId))).toEqual({ points: 20, stamps: 1 });
});

it('a merge of customers keeps nobody from the audit while an order beside it waits for its member', async () => {
  const shop = await makeShop();
  const [gone, kept, other] = [await makeMember(shop), await makeMember(shop), await makeMember(shop)];
  await deliver(shop, 'orders/paid', saleOf(other.customerId, { dollars: 1, at: '2026-03-01T08:00:00Z' }));
  await drain(shop);
  await deliver(shop, 'customers/merge', mergeBody(gone.customerId, kept.customerId));
  await deliver(shop, 'orders/paid', saleOf(other.customerId, { dollars: 30, at: '2026-03-01T09:00:00Z' }));
  const gate = makeGate();
  let tries = 0;
  const holding = withShop(shop.shopId, async (tx) => {
    tries += 1;
    await lockBalances(tx, [other.memberId]);
    await gate.pause();
    await tx.query("set local lock_timeout = '500ms'", []);
    await appendAudit(tx, {
      actor: 'test', action: 'test', object: 'test', beforeHash: null, afterHash: null, reason: null, occurredAt: new Date(),
    }); // prettier-ignore
  });
  await gate.reached;
  const settling = drain(shop);
  await until(async () => {
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return (await system.sql(waiting)).length > 0;
  }, 20_000);
  gate.open();
  await holding;
  await settling;
  // A transaction that ran into another is repeated.
  expect(tries).toBe(1);
  expect(await balancesOf(system, other.memberId)).toMatchObject({ points: 31 });
  expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);
});
