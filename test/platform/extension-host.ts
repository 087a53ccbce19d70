/**
 * Shopify's places that run our extensions: the page after an order, the order's status page in the shopper's account,
 * and the screen of its point of sale. All run the bundles as built, which speak to the running app; only what Shopify
 * itself does is stood in.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

import { cardNoteName } from '#app/contracts/card-note.ts';
import { ensureExtensions } from '#test/platform/build.ts';
import { readFields, sendJson, sendText } from '#test/platform/http.ts';
import { decimalOf, lineAmounts } from '#test/platform/order-body.ts';
import type { OrderBody } from '#test/platform/order-body.ts';
import type { PlatformPart } from '#test/platform/platform-server.ts';
import { priceSale, saleSchema } from '#test/platform/sale-pricing.ts';
import { mintShopperToken } from '#test/platform/session-token.ts';
import type { Shopify } from '#test/platform/shopify.ts';
import type { Till } from '#test/platform/till.ts';

export type ExtensionHostOptions = {
  shopify: Shopify;
  appUrl: string;
  /** The one shop that has these pages. */
  domain: string;
  /** Where the sales of the point of sale are rung up. */
  till: Till;
  /** What the scanner reads when the shopper holds out the phone; null without a card. */
  readPhone: () => string | null;
};

const pages = path.join(import.meta.dirname, 'pages');
const extensions = path.join(import.meta.dirname, '..', '..', 'extensions');

const files: Record<string, string> = {
  '/extension-frame.html': 'text/html; charset=utf-8',
  '/extension-frame.css': 'text/css; charset=utf-8',
  '/extension-components.js': 'text/javascript; charset=utf-8',
  '/extension-runner.js': 'text/javascript; charset=utf-8',
  '/order-page.css': 'text/css; charset=utf-8',
  '/order-page.js': 'text/javascript; charset=utf-8',
  '/thank-you.js': 'text/javascript; charset=utf-8',
  '/order-status.js': 'text/javascript; charset=utf-8',
  '/pos.css': 'text/css; charset=utf-8',
  '/pos.js': 'text/javascript; charset=utf-8',
};
const bundlePattern = /^\/extensions\/(checkout-sign-up|pos-loyalty)\.js$/;
const localePattern = /^\/extensions\/(checkout-sign-up|pos-loyalty)\/locales\/(en|de|fr|es|nl)\.json$/;

/** The built bundle and the texts of an extension. */
async function sendExtension(response: ServerResponse, pathname: string): Promise<boolean> {
  const [, bundle] = bundlePattern.exec(pathname) ?? [];
  if (bundle !== undefined) {
    await ensureExtensions();
    const text = await readFile(path.join(extensions, bundle, 'dist', `${bundle}.js`));
    sendText(response, 200, 'text/javascript; charset=utf-8', text);
    return true;
  }
  const [, handle, language] = localePattern.exec(pathname) ?? [];
  if (handle === undefined || language === undefined) return false;
  const name = language === 'en' ? 'en.default' : language;
  const text = await readFile(path.join(extensions, handle, 'locales', `${name}.json`));
  sendText(response, 200, 'application/json; charset=utf-8', text);
  return true;
}

function statusOf(order: OrderBody): string {
  if (order.cancelled_at !== null) return 'Cancelled';
  return order.financial_status === 'refunded' ? 'Refunded' : 'Confirmed, and being prepared';
}

/** An order as its buyer reads it. */
function describeOrder(order: OrderBody, customer: { firstName: string; email: string } | null): object {
  const { currency } = order;
  return {
    orderId: order.id,
    name: order.name,
    currency,
    firstName: customer?.firstName ?? null,
    email: customer?.email ?? null,
    total: order.total_price,
    processedAt: order.processed_at,
    status: statusOf(order),
    lines: order.line_items.map((line) => ({
      productId: line.product_id,
      variantId: line.variant_id,
      title: line.title,
      quantity: line.quantity,
      price: decimalOf(lineAmounts(line, currency).netMinor, currency),
    })),
  };
}

/** Makes the part of the platform server that has the pages of one shop. */
export function createExtensionHost(options: ExtensionHostOptions): PlatformPart {
  const { shopify, appUrl, domain, till } = options;
  const shop = shopify.shop(domain);
  const appOrigin = new URL(appUrl).origin;

  const orderOf = (url: URL): OrderBody | undefined => shop.orders.get(Number(url.searchParams.get('order')));

  async function pay(fields: unknown): Promise<object> {
    const sale = saleSchema.parse(fields);
    const priced = priceSale(shop, sale);
    if (priced.lines.length === 0) throw new Error('There is nothing to pay for');
    const order = await till.buy({
      channel: 'pos',
      currency: shop.currency,
      lines: priced.lines.map(({ product, quantity, discountMinor }) => ({
        title: product.title,
        productId: product.productId,
        variantId: product.variantId,
        unitPriceMinor: product.priceMinor,
        isGiftCard: product.isGiftCard,
        quantity,
        discountMinor,
      })),
      cardCode: sale.properties[cardNoteName] ?? null,
      discountCode: sale.code,
      customer: priced.customer,
    });
    return { name: order.body.name, total: order.body.total_price };
  }

  function showOrder(url: URL): object {
    const order = orderOf(url);
    if (order === undefined) throw new Error('The shop has no such order');
    const customer = order.customer === null ? null : (shop.customers.get(order.customer.id) ?? null);
    return { shopName: shop.name, appOrigin, order: describeOrder(order, customer) };
  }

  /** Only a shopper who is logged in is named in the token. */
  async function mintToken(url: URL): Promise<object> {
    const isGuest = url.searchParams.has('guest');
    const customerId = isGuest ? null : (orderOf(url)?.customer?.id ?? null);
    return { token: await mintShopperToken(shopify.app, domain, customerId) };
  }

  const questions: Record<string, (url: URL) => object | Promise<object>> = {
    [`/checkout/${domain}/order`]: showOrder,
    [`/checkout/${domain}/session-token`]: mintToken,
    [`/account/${domain}/order`]: showOrder,
    [`/account/${domain}/session-token`]: mintToken,
    [`/pos/${domain}/shop`]: () => {
      const { id, name, currency, products } = shop;
      return { appOrigin, shop: { id, name, domain, currency, products } };
    },
    [`/pos/${domain}/session-token`]: async () => ({ token: await shopify.mintSessionToken(domain) }),
    [`/pos/${domain}/scan`]: () => ({ code: options.readPhone() }),
  };

  const actions: Record<string, (fields: unknown) => object | Promise<object>> = {
    [`/pos/${domain}/price`]: (fields) => priceSale(shop, saleSchema.parse(fields)),
    [`/pos/${domain}/pay`]: pay,
  };

  const documents: Record<string, string> = {
    [`/checkout/${domain}/thank-you`]: 'thank-you.html',
    [`/account/${domain}/order-status`]: 'order-status.html',
    [`/pos/${domain}`]: 'pos.html',
  };

  async function answer(response: ServerResponse, question: () => object | Promise<object>): Promise<void> {
    try {
      sendJson(response, 200, await question());
    } catch (error) {
      sendJson(response, 409, { problem: error instanceof Error ? error.message : String(error) });
    }
  }

  async function act(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const action = actions[url.pathname];
    if (action === undefined) return false;
    // JSON only: a page of another origin cannot send it without asking first.
    if (request.headers['content-type'] !== 'application/json') sendJson(response, 415, { problem: 'JSON only' });
    else await answer(response, async () => action(await readFields(request)));
    return true;
  }

  return async (request, response, url) => {
    if (request.method === 'POST') return act(request, response, url);
    if (request.method !== 'GET') return false;
    const question = questions[url.pathname];
    const document = documents[url.pathname];
    const type = files[url.pathname];
    if (question !== undefined) await answer(response, () => question(url));
    else if (document !== undefined)
      sendText(response, 200, 'text/html; charset=utf-8', await readFile(path.join(pages, document)));
    else if (type !== undefined) sendText(response, 200, type, await readFile(path.join(pages, url.pathname)));
    else return sendExtension(response, url.pathname);
    return true;
  };
}
