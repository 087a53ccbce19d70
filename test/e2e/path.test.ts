/**
 * One order's path, from a shop's installation to a person's erasure, in a system of real processes. Two shops live side
 * by side, and at every step the second one tries to reach what belongs to the first.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openAdmin } from '#test/platform/admin-visit.ts';
import { call } from '#test/platform/http.ts';
import { editQuantity, payOrder } from '#test/platform/orders.ts';
import { shownFields } from '#test/platform/pass-figures.ts';
import { addedShopSchema } from '#test/platform/run-shop-add.ts';
import type { Customer } from '#test/platform/shopify-shops.ts';
import { startSystem } from '#test/platform/system.ts';
import type { System } from '#test/platform/system.ts';
import type { TillOrder } from '#test/platform/till.ts';
import { balancesBySerial, brokenBalances, storedDeliveries, untilFinished } from '#test/support/books.ts';
import { createCallers, jsonOf } from '#test/support/callers.ts';
import type { Callers } from '#test/support/callers.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';
import { ask, until } from '#test/support/local-postgres.ts';
import { expectRushTaken } from '#test/support/rush.ts';
import { coffee, joinShop, openShop } from '#test/support/shop-floor.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';
import { beginRequest, type SlowAnswer } from '#test/support/slow-callers.ts';

const arrivalTimeoutMs = 15_000;
const email = 'mara.lindqvist@example.com';
const neighbourEmail = 'neighbour@example.com';

let database: TestDatabase;
let system: System;
let callers: Callers;
let north: OpenShop;
let south: OpenShop;
let mara: CardHolder;
let neighbour: CardHolder;
let customer: Customer;
let sale: TillOrder;
let googleObjectId: string;
/** Their time runs out while everything else goes on. */
let slowCallers: { inHeaders: Promise<SlowAnswer>; inBody: Promise<SlowAnswer> };

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem({ databaseUrl: database.url });
  callers = createCallers(system);
  const line = 'POST /webhooks/shopify HTTP/1.1\r\nhost: x\r\n';
  slowCallers = {
    inHeaders: beginRequest(system.addresses.app, `${line}x-shopify-to`),
    inBody: beginRequest(system.addresses.app, `${line}content-length: 1000\r\n\r\n{`),
  };
  north = await openShop(system, 'north.myshopify.com');
  south = await openShop(system, 'south.myshopify.com');
});

afterAll(async () => {
  await system?.stop();
  await database?.drop();
});

async function expectShown(holder: CardHolder, figures: { points: number; stamps: number }): Promise<void> {
  const isShown = (): boolean => {
    const { points, stamps } = holder.shown();
    return points === figures.points && stamps === figures.stamps;
  };
  await holder.phone.waitFor(holder.serial, isShown, arrivalTimeoutMs).catch(() => undefined);
  expect(holder.shown()).toEqual(figures);
}

/** Waits until everything is done, then looks whether the first shop's balances are what they were. */
async function expectNothingChanges(attempt: () => Promise<unknown>): Promise<void> {
  const before = await balancesBySerial(database.url);
  await attempt();
  await untilFinished(database.url, arrivalTimeoutMs);
  expect(await balancesBySerial(database.url)).toEqual(before);
}

function tell(domain: string, topic: string, body: object): Promise<unknown> {
  return system.shopify.webhooks.send({ shopDomain: domain, topic, body });
}

function ordered(order: TillOrder): number[] {
  return order.actions.flatMap((action) => action.deliveries.map((delivery) => delivery.attempts.at(-1)?.status ?? 0));
}

async function memberIdOf(holder: CardHolder): Promise<string> {
  const rows = await ask(database.url, `select member_id from pass where serial = '${holder.serial}'`);
  return String(rows[0]?.['member_id']);
}

describe('installing', () => {
  it('exchanges a session token for each shop, and keeps the two apart', () => {
    for (const shop of [north, south])
      expect(system.shopify.shop(shop.shopDomain).tokenCalls.exchanges).toBeGreaterThan(0);
    expect(north.shopId).not.toBe(south.shopId);
    expect(north.programId).not.toBe(south.programId);
  });

  it('adds a shop by command as one JSON object, and finds the same shop when repeated', async () => {
    const runs = [
      await callers.runShopCommand('north.myshopify.com'),
      await callers.runShopCommand('north.myshopify.com'),
    ];
    for (const { code, output } of runs) {
      expect(code).toBe(0);
      const { shopId, programId, programSlug } = addedShopSchema.parse(JSON.parse(output));
      expect({ shopId, programId, programSlug }).toEqual({
        shopId: north.shopId,
        programId: north.programId,
        programSlug: north.programSlug,
      });
    }
  });
});

describe('joining', () => {
  it('leads from the join page to a signed pass on the phone, in both shops', async () => {
    mara = await joinShop(system, north, email);
    neighbour = await joinShop(system, south, neighbourEmail);
    expect(mara.shown()).toEqual({ points: 0, stamps: 0 });
    expect(mara.serial).not.toBe(neighbour.serial);
  });

  it('does not open a pass to the token of another shop’s pass', async () => {
    expect((await callers.askWallet(mara, `passes/{type}/${mara.serial}`)).status).toBe(200);
    expect((await callers.askWallet(neighbour, `passes/{type}/${mara.serial}`)).status).toBe(401);
    const device = `devices/${neighbour.phone.deviceLibraryIdentifier}/registrations/{type}/${mara.serial}`;
    const pushToken = JSON.stringify({ pushToken: neighbour.phone.pushToken });
    expect((await callers.askWallet(neighbour, device, { method: 'POST', body: pushToken })).status).toBe(401);
    const own = `devices/${mara.phone.deviceLibraryIdentifier}/registrations/{type}/${mara.serial}`;
    expect((await callers.askWallet(neighbour, own, { method: 'DELETE' })).status).toBe(401);
  });

  it('does not open a card by a link made of two shops’ links', async () => {
    const [one = '', other = ''] = [mara, neighbour].map(({ cardUrl }) => new URL(cardUrl).pathname.split('/')[2]);
    const half = Math.floor(one.length / 2);
    const mixed = [one.slice(0, half) + other.slice(half), other.slice(0, half) + one.slice(half)];
    for (const token of mixed) expect((await call({ url: `${system.addresses.app}/card/${token}` })).status).toBe(403);
  });
});

describe('an order', () => {
  it('shows on the phone of the customer it belongs to', async () => {
    customer = await north.till.addCustomer({ email, firstName: 'Mara', lastName: 'Lindqvist', phone: null });
    await untilFinished(database.url, arrivalTimeoutMs);
    sale = await north.till.buy({
      channel: 'online',
      currency: 'EUR',
      lines: [coffee(380, 2), coffee(1450)],
      customer,
    });
    expect(ordered(sale)).toEqual([200, 200]);
    await expectShown(mara, { points: 22, stamps: 1 });
  });

  it('counts once, however often it is told', async () => {
    await expectNothingChanges(() => north.till.sendAgain(sale.body.id));
    expect(mara.shown()).toEqual({ points: 22, stamps: 1 });
  });

  it('changes nothing when another shop tells of the same customer, card and order', async () => {
    await expectNothingChanges(async () => {
      await tell(south.shopDomain, 'orders/paid', sale.body);
      await south.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(900)], cardCode: mara.cardCode });
    });
    expect(neighbour.shown()).toEqual({ points: 0, stamps: 0 });
  });

  it('gives back what a refund returns, and only to its own shop', async () => {
    const [line] = sale.body.line_items;
    await north.till.refundLine(sale.body.id, line?.id ?? 0, 1);
    await expectShown(mara, { points: 18, stamps: 1 });
    const [refund] = sale.body.refunds;
    await expectNothingChanges(async () => {
      await tell(south.shopDomain, 'refunds/create', { ...refund, id: 1 });
      await tell(south.shopDomain, 'orders/cancelled', { ...sale.body, cancelled_at: new Date().toISOString() });
    });
  });

  it('follows an edit that tells no figures: the order is fetched from Shopify', async () => {
    const bought = await north.till.buy({ channel: 'online', currency: 'EUR', lines: [coffee(500)], customer });
    await expectShown(mara, { points: 23, stamps: 2 });
    const lineId = bought.body.line_items[0]?.id ?? 0;
    const at = new Date(Date.now() + 2000);
    const edited = payOrder(editQuantity(bought.body, { lineId, quantity: 3 }, at), at);
    system.shopify.shop(north.shopDomain).orders.set(edited.id, edited);
    bought.body = edited;
    await tell(north.shopDomain, 'orders/edited', { order_edit: { id: 1, order_id: edited.id } });
    await expectShown(mara, { points: 33, stamps: 2 });
    await expectNothingChanges(() =>
      tell(south.shopDomain, 'orders/edited', { order_edit: { id: 1, order_id: edited.id } }),
    );
    await delay(2100);
    await north.till.cancel(edited.id);
    await expectShown(mara, { points: 18, stamps: 1 });
  });

  it('of a guest at the till counts for the card that was scanned', async () => {
    const guest = { channel: 'pos' as const, currency: 'EUR', lines: [coffee(420)], cardCode: mara.cardCode };
    const bought = await north.till.buy(guest);
    expect(bought.body.customer).toBeNull();
    await expectShown(mara, { points: 22, stamps: 2 });
  });
});

describe('Google Wallet', () => {
  it('holds the card from the save link on, and shows the next stamp', async () => {
    const answer = await call({ url: `${mara.cardUrl}/google` });
    expect(answer.status).toBe(302);
    const opened = await system.google?.openSaveLink(answer.headers.location ?? '');
    googleObjectId = String(opened?.objects[0]?.['id']);
    await north.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(300)], cardCode: mara.cardCode });
    await expectShown(mara, { points: 25, stamps: 3 });
    const pointsAtGoogle = (): string =>
      JSON.stringify(system.google?.objectById(googleObjectId)?.['secondaryLoyaltyPoints']);
    await until(() => pointsAtGoogle().includes('"int":25'), arrivalTimeoutMs);
  });
});

describe('who asks for the member', () => {
  it('finds them by the API of their own shop', async () => {
    const found = jsonOf(await callers.askApi(north, `members?email=${encodeURIComponent(email)}`));
    expect(found['members']).toMatchObject([{ shopifyCustomerId: String(customer.id), status: 'active' }]);
    expect(jsonOf(await callers.askApi(north, `members?shopifyCustomerId=${customer.id}`))).toMatchObject(found);
    const memberId = await memberIdOf(mara);
    const balance = jsonOf(await callers.askApi(north, `members/${memberId}/balance`));
    expect(balance['balances']).toMatchObject([
      { unit: 'stamps', amount: 3 },
      { unit: 'points', amount: 25 },
    ]);
    const passes = jsonOf(await callers.askApi(north, `members/${memberId}/passes`));
    expect(JSON.stringify(passes)).toContain(mara.serial);
    const posMember = jsonOf(await callers.askTill(north, `members?code=${encodeURIComponent(mara.cardCode)}`));
    expect(posMember['member']).toMatchObject({ memberId });
  });

  it('finds nothing by the API, the till or the admin of another shop', async () => {
    const memberId = await memberIdOf(mara);
    for (const address of ['', '/balance', '/ledger', '/passes'])
      expect((await callers.askApi(south, `members/${memberId}${address}`)).status).toBe(404);
    for (const filter of [`email=${encodeURIComponent(email)}`, `shopifyCustomerId=${customer.id}`])
      expect(jsonOf(await callers.askApi(south, `members?${filter}`))).toMatchObject({ members: [] });
    expect((await callers.askTill(south, `members?code=${encodeURIComponent(mara.cardCode)}`)).status).toBe(404);
    expect((await openAdmin(system, north.shopDomain, `/app/members/${memberId}`)).status).toBe(200);
    expect((await openAdmin(system, south.shopDomain, `/app/members/${memberId}`)).status).toBe(404);
  });
});

describe('erasing a person', () => {
  const request = (): object => ({
    customer: { id: customer.id, email, phone: null },
    orders_to_redact: [sale.body.id],
  });

  it('is no business of another shop', async () => {
    await expectNothingChanges(() => tell(south.shopDomain, 'customers/redact', request()));
    expect(mara.pass().passJson['voided']).toBeUndefined();
    expect((await callers.askWallet(mara, `passes/{type}/${mara.serial}`)).status).toBe(200);
  });

  it('leaves a void pass and a blank Google object, without a trace of who it was', async () => {
    await tell(north.shopDomain, 'customers/redact', request());
    const voided = await mara.phone.waitFor(mara.serial, (pass) => pass.passJson['voided'] === true, arrivalTimeoutMs);
    await untilFinished(database.url, arrivalTimeoutMs);
    const text = JSON.stringify(voided.passJson);
    for (const trace of [email, 'Mara', 'Lindqvist']) expect(text).not.toContain(trace);
    expect(shownFields(voided.passJson).map((field) => field.key)).not.toContain('stamps');
    const object = system.google?.objectById(googleObjectId);
    expect(object).toMatchObject({ state: 'INACTIVE', accountName: '' });
    expect(JSON.stringify(object)).not.toContain(mara.cardCode);
    expect(jsonOf(await callers.askApi(north, `members?email=${encodeURIComponent(email)}`))).toMatchObject({
      members: [],
    });
  });

  it('is not undone by an order that comes late', async () => {
    await expectNothingChanges(async () => {
      await north.till.buy({ channel: 'online', currency: 'EUR', lines: [coffee(700)], customer });
      await north.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(700)], cardCode: mara.cardCode });
    });
    expect(jsonOf(await callers.askApi(north, `members?shopifyCustomerId=${customer.id}`))).toMatchObject({
      members: [],
    });
  });
});

describe('uninstalling', () => {
  it('keeps what is still delivered, and leaves the other shop alone', async () => {
    await system.shopify.uninstall(north.shopDomain);
    const late = await north.till.buy({ channel: 'online', currency: 'EUR', lines: [coffee(300)] });
    expect(ordered(late)).toEqual([200, 200]);
    const stored = await storedDeliveries(database.url);
    for (const delivery of late.actions[0]?.deliveries ?? []) expect(stored.has(delivery.webhookId)).toBe(true);
    expect((await callers.askTill(north, `members?code=${encodeURIComponent(mara.cardCode)}`)).status).toBeGreaterThan(
      400,
    );
    await south.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(640)], cardCode: neighbour.cardCode });
    await expectShown(neighbour, { points: 6, stamps: 1 });
  });
});

describe('a rush', () => {
  it('L24 W29 of 200 deliveries a second is taken in time and in full, while the till goes on answering', () =>
    expectRushTaken({ system, callers, databaseUrl: database.url }));
});

describe('a caller who begins and never ends', () => {
  it('is told so and let go after five seconds within the headers, after fifteen within the body', async () => {
    const [inHeaders, inBody] = await Promise.all([slowCallers.inHeaders, slowCallers.inBody]);
    expect([inHeaders.firstLine, inBody.firstLine]).toEqual(Array(2).fill('HTTP/1.1 408 Request Timeout'));
    expect(inHeaders.afterMs).toBeLessThan(10_000);
    expect(inBody.afterMs).toBeLessThan(20_000);
  });
});

describe('time', () => {
  it('lets points expire that nobody used, and the card says so', async () => {
    const east = await openShop(system, 'east.myshopify.com');
    // Before anybody read it: published rules never change afterwards.
    await ask(
      database.url,
      `update rule_version set document = jsonb_set(document, '{settings,expiry}', '{"mode":"rolling","months":1}')
       where shop_id = '${east.shopId}'`,
    );
    const holder = await joinShop(system, east);
    await east.till.buy({ channel: 'pos', currency: 'EUR', lines: [coffee(1200)], cardCode: holder.cardCode });
    await expectShown(holder, { points: 12, stamps: 1 });
    const body = JSON.stringify({ advance: 'P33D' });
    expect((await call({ url: `${system.addresses.app}/test/clock`, body })).status).toBe(200);
    await expectShown(holder, { points: 0, stamps: 0 });
    // What the other shop's rules give has no end.
    expect(neighbour.shown()).toEqual({ points: 6, stamps: 1 });
    expect(await brokenBalances(database.url)).toEqual([]);
  });
});
