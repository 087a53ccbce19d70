/** The console: one page from which a newcomer plays merchant, shopper and till, and sees everything that happens. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

import QRCode from 'qrcode';
import { z } from 'zod';

import { buildState, noticeOf } from '#test/platform/console-state.ts';
import type { ConsoleState } from '#test/platform/console-state.ts';
import { createExtensionHost } from '#test/platform/extension-host.ts';
import { readFields, sendJson, sendText } from '#test/platform/http.ts';
import { cardCodeOn } from '#test/platform/pass-figures.ts';
import { createPhoneBrowser } from '#test/platform/phone-browser.ts';
import type { PlatformPart } from '#test/platform/platform-server.ts';
import { applePassLink, joinProgram } from '#test/platform/shopper.ts';
import type { Customer } from '#test/platform/shopify-shops.ts';
import { createStorefront } from '#test/platform/storefront.ts';
import type { System } from '#test/platform/system.ts';
import { createTill } from '#test/platform/till.ts';

const pages = path.join(import.meta.dirname, 'pages');
const files: Record<string, { file: string; type: string }> = {
  '/': { file: 'console.html', type: 'text/html; charset=utf-8' },
  '/phone': { file: 'console.html', type: 'text/html; charset=utf-8' },
  '/console.css': { file: 'console.css', type: 'text/css; charset=utf-8' },
  '/console.js': { file: 'console.js', type: 'text/javascript; charset=utf-8' },
  '/pieces.js': { file: 'pieces.js', type: 'text/javascript; charset=utf-8' },
  '/story.js': { file: 'story.js', type: 'text/javascript; charset=utf-8' },
  '/wallet-card.js': { file: 'wallet-card.js', type: 'text/javascript; charset=utf-8' },
};
const noticesKept = 20;
const broadcastPauseMs = 25;

const buySchema = z.object({ productId: z.number(), channel: z.enum(['pos', 'online']) });
const orderSchema = z.object({ orderId: z.number() });
const amountSchema = z.object({ orderId: z.number(), amountMinor: z.number().int().positive() });

export type Console = { part: PlatformPart; close: () => void };

/** Makes the console of one shop, with a phone of its own. */
export function createConsole(options: { system: System; domain: string; programSlug: string }): Console {
  const { system, domain, programSlug } = options;
  const { addresses, shopify } = system;
  const listeners = new Set<ServerResponse>();
  const notices: ConsoleState['notices'] = [];
  let email = '';
  const links: ConsoleState['links'] = {
    admin: `${addresses.platform}/admin/${domain}`,
    join: `${addresses.app}/join/${programSlug}`,
    pos: `${addresses.platform}/pos/${domain}`,
    thankYou: null,
    orderStatus: null,
    card: null,
  };
  let customer: Customer | null = null;
  let isBroadcastDue = false;

  const phone = system.createPhone((event) => {
    const pass = event.serialNumber === null ? undefined : phone.pass(event.serialNumber);
    if (event.kind === 'verified' && pass !== undefined && pass.versions > 1) {
      notices.unshift({ at: event.at.toISOString(), text: noticeOf(pass) });
      notices.splice(noticesKept);
    }
    changed();
  });
  const till = createTill(shopify, domain, changed);

  function state(): ConsoleState {
    return buildState({ shop: shopify.shop(domain), links, phone, orders: till.orders(), notices });
  }

  function changed(): void {
    if (isBroadcastDue) return;
    isBroadcastDue = true;
    setTimeout(() => {
      isBroadcastDue = false;
      const message = `data: ${JSON.stringify(state())}\n\n`;
      for (const listener of listeners) listener.write(message);
    }, broadcastPauseMs);
  }

  /** Another shopper holds the phone from now on. */
  function becomeShopper(address: string): void {
    email = address;
    customer = null;
  }

  async function addCard(passUrl: string, cardUrl: string): Promise<void> {
    const pass = await phone.install(passUrl);
    for (const other of phone.passes())
      if (other.serialNumber !== pass.serialNumber) await phone.remove(other.serialNumber);
    links.card = cardUrl;
    notices.splice(0);
    changed();
  }

  async function buy(fields: unknown): Promise<void> {
    const { productId, channel } = buySchema.parse(fields);
    const shop = shopify.shop(domain);
    const product = shop.products.find((candidate) => candidate.productId === productId);
    if (product === undefined) throw new Error('the shop does not sell that');
    const [pass] = phone.passes();
    // At the till the card is scanned; online, the shopper's account says who it is.
    if (channel === 'online') customer ??= await addCustomer();
    const order = await till.buy({
      channel,
      currency: shop.currency,
      lines: [
        {
          title: product.title,
          productId: product.productId,
          variantId: product.variantId,
          unitPriceMinor: product.priceMinor,
          quantity: 1,
          isGiftCard: product.isGiftCard,
        },
      ],
      cardCode: channel === 'pos' && pass !== undefined ? cardCodeOn(pass.passJson) : null,
      customer: channel === 'online' ? customer : null,
    });
    if (channel === 'online') {
      links.thankYou = `/checkout/${domain}/thank-you?order=${order.body.id}`;
      links.orderStatus = `/account/${domain}/order-status?order=${order.body.id}`;
    }
    changed();
  }

  /** Shopify's record of whoever holds the phone; somebody without a card buys under a name of their own. */
  function addCustomer(): Promise<Customer> {
    const isMember = email !== '';
    const firstName = isMember ? 'Ada' : 'Alex';
    const address = isMember ? email : `alex-${randomBytes(3).toString('hex')}@example.com`;
    return till.addCustomer({ email: address, firstName, lastName: 'Example', phone: null });
  }

  async function refundFirstLine(fields: unknown): Promise<void> {
    const { orderId } = orderSchema.parse(fields);
    const line = till
      .orders()
      .find((order) => order.body.id === orderId)
      ?.body.line_items.find((item) => item.current_quantity > 0);
    if (line === undefined) throw new Error('nothing of this order is left to refund');
    await till.refundLine(orderId, line.id, 1);
  }

  const actions: Record<string, (fields: unknown) => Promise<unknown>> = {
    '/console/join': async () => {
      becomeShopper(`ada-${randomBytes(3).toString('hex')}@example.com`);
      const { cardUrl } = await joinProgram({ appUrl: addresses.app, programSlug, email });
      await addCard(await applePassLink(cardUrl), cardUrl);
    },
    '/console/buy': buy,
    '/console/refund-line': refundFirstLine,
    '/console/refund-amount': (fields) => {
      const { orderId, amountMinor } = amountSchema.parse(fields);
      return till.refundAmount(orderId, amountMinor);
    },
    '/console/cancel': (fields) => till.cancel(orderSchema.parse(fields).orderId),
    '/console/send-again': (fields) => till.sendAgain(orderSchema.parse(fields).orderId),
    '/console/remove-card': async () => {
      for (const pass of phone.passes()) await phone.remove(pass.serialNumber);
      links.card = null;
      // Whoever holds the phone next has not joined yet.
      becomeShopper('');
      notices.splice(0);
      changed();
    },
  };

  async function act(
    request: IncomingMessage,
    response: ServerResponse,
    action: (fields: unknown) => Promise<unknown>,
  ): Promise<void> {
    // JSON only: a page of another origin cannot send it without asking first.
    if (request.headers['content-type'] !== 'application/json')
      return sendJson(response, 415, { problem: 'JSON only' });
    try {
      await action(await readFields(request));
      sendJson(response, 200, state());
    } catch (error) {
      sendJson(response, 409, { problem: error instanceof Error ? error.message : String(error) });
    }
  }

  function follow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`data: ${JSON.stringify(state())}\n\n`);
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
  }

  const browse = createPhoneBrowser({
    appUrl: addresses.app,
    walletUrl: addresses.wallet,
    onPass: addCard,
    onEmail: becomeShopper,
  });

  const hostExtensions = createExtensionHost({
    shopify,
    appUrl: addresses.app,
    domain,
    till,
    readPhone: () => {
      const [pass] = phone.passes();
      return pass === undefined ? null : cardCodeOn(pass.passJson);
    },
  });

  const storefront = createStorefront({ shopify, appUrl: addresses.app, domain });

  async function part(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const action = actions[url.pathname];
    const page = files[url.pathname];
    if (request.method === 'POST' && action !== undefined) await act(request, response, action);
    else if (page !== undefined) sendText(response, 200, page.type, await readFile(path.join(pages, page.file)));
    else if (url.pathname === '/console/events') follow(response);
    else if (url.pathname === '/console/state') sendJson(response, 200, state());
    else if (url.pathname.startsWith('/phone/')) await sendPhoneImage(url, response);
    else if (await storefront(request, response, url)) return true;
    else return (await hostExtensions(request, response, url)) || browse(request, response, url);
    return true;
  }

  async function sendPhoneImage(url: URL, response: ServerResponse): Promise<void> {
    const [pass] = phone.passes();
    if (url.pathname === '/phone/code.svg' && pass !== undefined) {
      const svg = await QRCode.toString(cardCodeOn(pass.passJson), { type: 'svg', margin: 0 });
      return sendText(response, 200, 'image/svg+xml', svg);
    }
    const image = pass?.files.get(url.pathname.slice('/phone/'.length));
    if (image === undefined) return sendText(response, 404, 'text/plain', 'no such image');
    return sendText(response, 200, 'image/png', image);
  }

  return {
    part,
    close: () => {
      for (const listener of listeners) listener.end();
      phone.close();
    },
  };
}
