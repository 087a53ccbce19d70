/** A rush: signed deliveries at a steady pace, whether answers come or not, while a till goes on asking. */
import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'vitest';

import { coffeeOrder } from '#test/load/shop-orders.ts';
import { percentile } from '#test/load/support.ts';
import { type LoadTarget, sendFlatOut, sendPaced } from '#test/load/webhook-load.ts';
import type { Answer } from '#test/platform/http.ts';
import type { System } from '#test/platform/system.ts';
import { brokenBalances, untilFinished } from '#test/support/books.ts';
import type { Callers } from '#test/support/callers.ts';
import { ask } from '#test/support/local-postgres.ts';
import { joinShop, openShop } from '#test/support/shop-floor.ts';

type Rush = {
  /** What was sent a second: what was asked for, or 70 % of what this machine can take when that is less. */
  perSecond: number;
  taken: number;
  failed: number;
  /** Until the last of them was answered, each from when it was due. */
  slowestMs: number;
  till: { statuses: number[]; quietMs: number; busyMs: number };
};

const connections = 16;
const askEveryMs = 60;
const capacityShare = 0.7;

/** The 95th percentile of how long a till waited. */
async function askWhile(askTill: () => Promise<Answer>, statuses: number[], isGoing: () => boolean): Promise<number> {
  const waitedMs: number[] = [];
  while (isGoing() || waitedMs.length < 10) {
    const startedAt = performance.now();
    statuses.push((await askTill()).status);
    waitedMs.push(performance.now() - startedAt);
    await delay(askEveryMs);
  }
  return percentile(waitedMs, 0.95);
}

/** Sends `orders` different orders over and over. `perSecond` for `durationMs`, after a look at what the machine can take. */
async function rush(asked: {
  app: string;
  secret: string;
  shopDomain: string;
  orders: number;
  perSecond: number;
  durationMs: number;
  askTill: () => Promise<Answer>;
}): Promise<Rush> {
  const bodies = Array.from({ length: asked.orders }, (_, index) => {
    const body = Buffer.from(JSON.stringify(coffeeOrder(7_000_000 + index)));
    return { body, hmac: createHmac('sha256', asked.secret).update(body).digest('base64') };
  });
  const target: LoadTarget = { port: Number(new URL(asked.app).port), path: '/webhooks/shopify', shopDomain: asked.shopDomain, bodies }; // prettier-ignore
  const statuses: number[] = [];
  const quietMs = await askWhile(asked.askTill, statuses, () => false);
  const probe = await sendFlatOut(target, { connections, durationMs: 700 });
  const perSecond = Math.min(asked.perSecond, probe.perSecond * capacityShare);
  let isGoing = true;
  const till = askWhile(asked.askTill, statuses, () => isGoing);
  const outcome = await sendPaced(target, { connections, durationMs: asked.durationMs, perSecond });
  isGoing = false;
  return {
    perSecond,
    taken: probe.ok + outcome.ok,
    failed: probe.failed + outcome.failed,
    slowestMs: Math.max(...outcome.latenciesMs),
    till: { statuses, quietMs, busyMs: await till },
  };
}

/** A shop of its own is rushed: every delivery is taken in time and applied, and its till is answered all the while. */
export async function expectRushTaken({
  system,
  callers,
  databaseUrl,
}: {
  system: System;
  callers: Callers;
  databaseUrl: string;
}): Promise<void> {
  const shop = await openShop(system, 'busy.myshopify.com');
  const holder = await joinShop(system, shop);
  const rushed = await rush({
    app: system.addresses.app,
    secret: system.environment['SHOPIFY_API_SECRET'] ?? '',
    shopDomain: shop.shopDomain,
    orders: 300,
    perSecond: 200,
    durationMs: 3_000,
    askTill: () => callers.askTill(shop, `members?code=${encodeURIComponent(holder.cardCode)}`),
  });
  expect(rushed.failed).toBe(0);
  // Shopify counts a delivery as failed after five seconds; whoever stands at a till has less patience.
  expect(rushed.slowestMs).toBeLessThan(5_000);
  expect(new Set(rushed.till.statuses)).toEqual(new Set([200]));
  expect(rushed.till.busyMs).toBeLessThan(Math.max(2_000, 10 * rushed.till.quietMs));
  await untilFinished(databaseUrl, 30_000);
  const states = `select state, count(*)::int as deliveries from inbox where shop_id = '${shop.shopId}' group by state`;
  expect(await ask(databaseUrl, states)).toEqual([{ state: 'done', deliveries: rushed.taken }]);
  expect(await brokenBalances(databaseUrl)).toEqual([]);
}
