/*
 * What Shopify's two pages about an order share: the page after it and its status page. Both draw the order, and run
 * our sign-up extension in its place.
 */
import { ask, pageLocale, runExtension } from './extension-runner.js';

export const byId = (id) => document.getElementById(id);

const query = new URLSearchParams(location.search);
const base = location.pathname.replace(/\/[^/]+$/, '');
const asking = `?${new URLSearchParams({ order: query.get('order') ?? '', ...(query.has('guest') && { guest: '1' }) })}`;

/** Whether nobody is logged in: as asked for, or because the order names no customer. */
export const isGuest = (order) => query.has('guest') || order.firstName === null;

/** This page, seen by the other kind of shopper. */
function otherView() {
  const other = new URLSearchParams(query);
  if (query.has('guest')) other.delete('guest');
  else other.set('guest', '1');
  return `?${other}`;
}

function drawStandIn(order) {
  byId('who').textContent = isGuest(order) ? 'The shopper is a guest.' : `${order.firstName} is logged in.`;
  byId('switch').href = otherView();
  byId('switch').textContent = isGuest(order) ? `Log in as ${order.firstName}` : 'See it as a guest';
  byId('switch').hidden = order.firstName === null;
}

function drawLine(line, money) {
  const item = document.createElement('li');
  const [quantity, title, price] = ['b', 'span', 'span'].map((tag) => document.createElement(tag));
  quantity.textContent = `${line.quantity} ×`;
  title.textContent = line.title;
  price.textContent = money(line.price);
  price.style.flex = 'none';
  item.append(quantity, title, price);
  return item;
}

function drawOrder({ shopName, order }, pageTitle) {
  const money = (amount) =>
    new Intl.NumberFormat('en', { style: 'currency', currency: order.currency }).format(Number(amount));
  document.title = `${pageTitle} · ${shopName}`;
  byId('shop').textContent = shopName;
  byId('total').textContent = money(order.total);
  byId('lines').replaceChildren(...order.lines.map((line) => drawLine(line, money)));
  drawStandIn(order);
}

/** The phone's own browser shows the card below this origin, so that the wallet gets it. */
function offerPhone(_, answer) {
  const cardUrl = answer.cardUrl ?? answer.member?.cardUrl;
  if (typeof cardUrl !== 'string') return;
  byId('to-phone').href = new URL(cardUrl).pathname;
  byId('to-phone').target = '_blank';
  byId('to-phone').hidden = false;
}

/** The order as Shopify hands it to extensions. Every discount of these orders is in the price of its line. */
function orderApi(order, signal) {
  const money = (amount) => signal({ amount: Number(amount), currencyCode: order.currency });
  const lines = order.lines.map((line, index) => ({
    id: `gid://shopify/CartLine/${index + 1}`,
    merchandise: {
      id: `gid://shopify/ProductVariant/${line.variantId}`,
      product: { id: `gid://shopify/Product/${line.productId}`, vendor: '', productType: '' },
    },
    quantity: line.quantity,
    cost: { totalAmount: { amount: Number(line.price), currencyCode: order.currency } },
  }));
  return {
    lines: signal(lines),
    discountAllocations: signal([]),
    cost: {
      totalShippingAmount: signal(undefined),
      totalTaxAmount: signal(undefined),
      totalAmount: money(order.total),
    },
  };
}

async function start({ title, target, draw, api }) {
  const shown = await ask(`${base}/order${asking}`);
  drawOrder(shown, title);
  draw(shown.order);
  const locale = pageLocale();
  await runExtension(byId('extension'), {
    handle: 'checkout-sign-up',
    target,
    surface: 'checkout',
    locale,
    appOrigin: shown.appOrigin,
    onAnswer: offerPhone,
    api: (signal) => ({
      extension: { target, editor: undefined },
      localization: { extensionLanguage: signal({ isoCode: locale }) },
      sessionToken: { get: async () => (await ask(`${base}/session-token${asking}`)).token },
      ...orderApi(shown.order, signal),
      ...api(shown.order, signal),
    }),
  });
}

/**
 * Draws the page and runs its target of the extension. `draw` fills in what only this page shows; `api` answers what
 * Shopify puts into the global on this page alone.
 */
export function startOrderPage(page) {
  start(page).catch((error) => (byId('problem').textContent = error.message));
}
