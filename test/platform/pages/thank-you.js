/* The page after an order: the order itself, and our extension in its place below. */
import { ask, pageLocale, runExtension } from './extension-runner.js';

const byId = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const base = location.pathname.replace(/\/thank-you$/, '');
const asking = `?${new URLSearchParams({ order: query.get('order') ?? '', ...(query.has('guest') && { guest: '1' }) })}`;

function drawStandIn(order) {
  const isGuest = query.has('guest') || order.firstName === null;
  byId('who').textContent = isGuest ? 'The shopper is a guest.' : `${order.firstName} is logged in.`;
  const other = new URLSearchParams(query);
  if (query.has('guest')) other.delete('guest');
  else other.set('guest', '1');
  byId('switch').href = `?${other}`;
  byId('switch').textContent = isGuest ? `Log in as ${order.firstName}` : 'See it as a guest';
  byId('switch').hidden = order.firstName === null;
}

function drawOrder({ shopName, order }) {
  const money = (amount) =>
    new Intl.NumberFormat('en', { style: 'currency', currency: order.currency }).format(Number(amount));
  document.title = `Thank you · ${shopName}`;
  byId('shop').textContent = shopName;
  byId('order-name').textContent = `Order ${order.name}`;
  byId('thanks').textContent = order.firstName === null ? 'Thank you!' : `Thank you, ${order.firstName}!`;
  byId('mail').textContent =
    order.email === null ? 'Your receipt is on its way.' : `A confirmation was sent to ${order.email}.`;
  byId('total').textContent = money(order.total);
  byId('lines').replaceChildren(
    ...order.lines.map((line) => {
      const item = document.createElement('li');
      const [quantity, title, price] = ['b', 'span', 'span'].map((tag) => document.createElement(tag));
      quantity.textContent = `${line.quantity} ×`;
      title.textContent = line.title;
      price.textContent = money(line.price);
      price.style.flex = 'none';
      item.append(quantity, title, price);
      return item;
    }),
  );
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

async function start() {
  const shown = await ask(`${base}/order${asking}`);
  drawOrder(shown);
  const locale = pageLocale();
  await runExtension(byId('extension'), {
    handle: 'checkout-sign-up',
    target: 'purchase.thank-you.block.render',
    surface: 'checkout',
    locale,
    appOrigin: shown.appOrigin,
    onAnswer: offerPhone,
    api: (signal) => ({
      extension: { target: 'purchase.thank-you.block.render', editor: undefined },
      // Shopify may name the order by either id; both end in the same number.
      orderConfirmation: signal({ order: { id: `gid://shopify/OrderIdentity/${shown.order.orderId}` } }),
      localization: { extensionLanguage: signal({ isoCode: locale }) },
      sessionToken: { get: async () => (await ask(`${base}/session-token${asking}`)).token },
    }),
  });
}

start().catch((error) => (byId('problem').textContent = error.message));
