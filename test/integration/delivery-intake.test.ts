import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { storeDelivery } from '#app/data/orders/delivery-intake.ts';
import type { NewDelivery } from '#app/data/orders/inbox.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let shops: TestShop[];
beforeAll(async () => {
  system = await openTestSystem();
  shops = [await makeShop(), await makeShop()];
});
afterAll(() => system.close());

function makeDelivery(overrides: Partial<NewDelivery> = {}): NewDelivery {
  const [shop] = shops;
  if (shop === undefined) throw new Error('there is no shop');
  return {
    shopId: shop.shopId,
    webhookId: randomUUID(),
    topic: 'orders/paid',
    state: 'pending',
    projection: '{"note":"a \\"quoted\\" \\\\ text, {braces} and ünïcode"}',
    sealed: null,
    problem: null,
    triggeredAt: null,
    ...overrides,
  };
}

const storedOf = async (deliveries: NewDelivery[]) =>
  system.sql<{
    shop_id: string;
    webhook_id: string;
    projection: string | null;
    sealed: Buffer | null;
    triggered_at: Date | null;
  }>('select shop_id, webhook_id, projection, sealed, triggered_at from inbox where webhook_id = any($1)', [
    deliveries.map(({ webhookId }) => webhookId),
  ]);

describe('deliveries that arrive at the same moment', () => {
  it('are all stored once, each with its own shop and contents', async () => {
    const deliveries = Array.from({ length: 300 }, (_, index) =>
      makeDelivery({
        shopId: shops[index % 2]?.shopId ?? makeDelivery().shopId,
        ...(index % 3 === 0 && {
          projection: null,
          sealed: Buffer.from([0, 1, 255, index % 256]),
          triggeredAt: new Date(1_700_000_000_000 + index),
        }),
      }),
    );
    await Promise.all([...deliveries, ...deliveries.toReversed()].map((delivery) => storeDelivery(delivery)));
    const stored = new Map((await storedOf(deliveries)).map((row) => [row.webhook_id, row]));
    expect(stored.size).toBe(deliveries.length);
    for (const { shopId, webhookId, projection, sealed, triggeredAt } of deliveries)
      expect(stored.get(webhookId)).toEqual({
        shop_id: shopId,
        webhook_id: webhookId,
        projection,
        sealed,
        triggered_at: triggeredAt,
      });
  });

  it('do not fail because one of them cannot be stored', async () => {
    const good = Array.from({ length: 100 }, () => makeDelivery());
    const bad = makeDelivery({ projection: 'no text of PostgreSQL has a \u0000 in it' });
    const outcomes = await Promise.allSettled(
      [...good.slice(0, 50), bad, ...good.slice(50)].map((delivery) => storeDelivery(delivery)),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(outcomes[50]?.status).toBe('rejected');
    expect(await storedOf([...good, bad])).toHaveLength(good.length);
  });

  it('fail on their own when their shop does not exist', async () => {
    const stranger = makeDelivery({
      shopId: makeDelivery().shopId.replace(/.{8}$/, '00000000') as NewDelivery['shopId'],
    });
    const good = Array.from({ length: 20 }, () => makeDelivery());
    const outcomes = await Promise.allSettled([...good, stranger].map((delivery) => storeDelivery(delivery)));
    expect(outcomes.at(-1)?.status).toBe('rejected');
    expect(await storedOf([...good, stranger])).toHaveLength(good.length);
  });
});
