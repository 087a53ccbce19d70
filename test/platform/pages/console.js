/* The console page: draws the state it is sent and turns clicks into requests. */
import { drawStory } from './story.js';
import { drawing, make, walletIcon } from './pieces.js';
import { drawPass } from './wallet-card.js';

const byId = (id) => document.getElementById(id);
let state = null;
let openOrder = null;
let isBusy = false;
let isBrowsing = false;
let shownVersion = '';
let noticesSeen = null;
let focused = null;
if (location.pathname === '/phone') document.body.classList.add('phone-only');

let hideProblem;
function complain(text) {
  byId('problem').textContent = text;
  byId('problem').className = 'on';
  clearTimeout(hideProblem);
  hideProblem = setTimeout(() => (byId('problem').className = ''), 7000);
}

async function act(path, fields = {}) {
  if (isBusy) return;
  isBusy = true;
  draw();
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
    const answer = await response.json();
    if (response.ok) state = answer;
    else complain(answer.problem);
  } catch {
    complain('The local platform does not answer. Is the demo still running?');
  }
  isBusy = false;
  draw();
}

const channel = () => document.querySelector('input[name=channel]:checked').value;
const money = (amount) =>
  new Intl.NumberFormat('en', { style: 'currency', currency: state.shop.currency }).format(amount);
const clock = (at) => at.toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
// Not `disabled`: a button that is disabled while it works loses the focus of whoever pressed it.
const busy = () => (isBusy ? { 'aria-disabled': 'true' } : {});

function buy(product) {
  openOrder = null;
  void act('/console/buy', { productId: product.productId, channel: channel() });
}

function drawGuide() {
  const hasOrder = state.orders.length > 0;
  const isBack = state.orders.some((order) =>
    order.actions.some((action) => action.kind === 'refunded' || action.kind === 'cancelled'),
  );
  const steps = [
    ['Shop installed, program live', true],
    ['Join and add the card', state.card !== null],
    ['Buy a coffee', hasOrder],
    ['Refund it', isBack],
  ];
  const now = steps.findIndex(([, isDone]) => !isDone);
  byId('guide').replaceChildren(
    ...steps.map(([label, isDone], index) =>
      make(
        'li',
        { class: isDone ? 'done' : index === now ? 'now' : '', 'aria-current': index === now ? 'step' : undefined },
        make('b', {}, isDone ? '✓' : String(index + 1)),
        make(
          'span',
          {},
          index === 0 ? make('a', { href: state.links.admin, target: '_blank', rel: 'noopener' }, label) : label,
        ),
      ),
    ),
  );
}

function drawShop() {
  byId('shop-name').textContent = state.shop.name;
  const hints = {
    pos: state.card ? 'The till scans the card on the phone.' : 'Nobody has a card yet: the sale stays anonymous.',
    online: state.card
      ? 'The shopper is logged in; the order carries the customer, not the card.'
      : 'Nobody has a card yet: the thank-you page invites the shopper to join.',
  };
  byId('shop-hint').textContent = hints[channel()];
  byId('products').replaceChildren(
    ...state.shop.products.map((product, index) =>
      make(
        'button',
        {
          class: `product${index === 0 && state.card && state.orders.length === 0 ? ' first' : ''}`,
          type: 'button',
          'data-key': `buy ${product.productId}`,
          ...busy(),
          onclick: () => buy(product),
        },
        drawing(product.icon),
        make('b', {}, product.title),
        make('small', {}, money(product.priceMinor / 100)),
      ),
    ),
  );
}

function drawOrder(order) {
  const fields = { orderId: order.orderId };
  const button = (label, path, isAllowed, extra = {}, isKey = false) =>
    make(
      'button',
      {
        class: `small${isKey ? ' key' : ''}`,
        type: 'button',
        disabled: isAllowed ? undefined : '',
        'data-key': `${path} ${order.orderId}`,
        ...busy(),
        onclick: () => {
          openOrder = order.orderId;
          void act(path, { ...fields, ...extra });
        },
      },
      label,
    );
  const isOnlyOne = state.orders.length === 1 && order.actions.length === 1;
  return make(
    'div',
    { class: `order${order.orderId === shownOrder()?.orderId ? ' open' : ''}` },
    make(
      'div',
      {},
      make(
        'button',
        {
          class: 'pick',
          type: 'button',
          'data-key': `pick ${order.orderId}`,
          onclick: () => {
            openOrder = order.orderId;
            draw();
          },
        },
        order.items,
        make('small', {}, `${order.name}, ${order.channel}`),
      ),
      make('span', { class: `state${order.status === 'paid' ? '' : ' back'}` }, order.status),
      make('span', { class: 'sum' }, money(Number(order.total))),
    ),
    make(
      'div',
      { class: 'buttons' },
      button('Refund', '/console/refund-line', order.isOpen, {}, isOnlyOne),
      button(`Refund ${money(1)}`, '/console/refund-amount', order.isOpen, { amountMinor: 100 }),
      button('Cancel', '/console/cancel', order.isOpen),
      button('Send again', '/console/send-again', true),
    ),
  );
}

const shownOrder = () => state.orders.find((order) => order.orderId === openOrder) ?? state.orders[0];

function drawWelcome() {
  const welcome = make('div', { class: 'welcome' });
  welcome.innerHTML = walletIcon;
  welcome.append(
    make('h3', {}, `Join ${state.shop.name}`),
    make('p', {}, 'One tap, no app, no password. The card lives in the wallet.'),
    make(
      'button',
      { class: 'primary', type: 'button', 'data-key': 'join', ...busy(), onclick: () => act('/console/join') },
      isBusy ? 'Adding the card…' : 'Join and add to wallet',
    ),
    make(
      'button',
      { class: 'second', type: 'button', 'data-key': 'browse', onclick: browse },
      'Fill in the join page myself',
    ),
  );
  return welcome;
}

function browse() {
  isBrowsing = true;
  byId('browser').src = new URL(state.links.join).pathname;
  draw();
}

function drawPhone() {
  byId('browser').hidden = !isBrowsing;
  byId('wallet').hidden = isBrowsing;
  const tools = [];
  if (isBrowsing)
    tools.push(
      make(
        'button',
        {
          class: 'small',
          type: 'button',
          onclick: () => {
            isBrowsing = false;
            draw();
          },
        },
        'Back to the wallet',
      ),
    );
  else if (state.card)
    tools.push(
      make('button', { class: 'small', type: 'button', onclick: () => act('/console/remove-card') }, 'Remove the card'),
    );
  byId('phone-tools').replaceChildren(...tools);
  const version = state.card
    ? `${state.card.serialNumber}-${state.card.versions}-${state.notices.length}`
    : `none-${isBusy}`;
  if (version === shownVersion) return;
  const isFresh = shownVersion !== '' && state.card !== null && !shownVersion.startsWith('none');
  shownVersion = version;
  if (!state.card) return byId('wallet').replaceChildren(drawWelcome());
  const log = make(
    'div',
    { class: 'log' },
    ...state.notices
      .slice(0, 3)
      .map((notice) => make('p', {}, make('span', {}, notice.text), make('time', {}, clock(new Date(notice.at))))),
  );
  byId('wallet').replaceChildren(make('h3', {}, 'Wallet'), drawPass(state.card, isFresh), log);
}

let hideNotice;
function drawNotice() {
  const newest = state.notices[0]?.at ?? '';
  if (noticesSeen !== null && newest !== '' && newest !== noticesSeen) {
    const icon = make('i');
    icon.style.backgroundImage = `url(/phone/icon@2x.png?v=${encodeURIComponent(newest)})`;
    byId('notice').replaceChildren(
      icon,
      make('div', {}, make('b', {}, state.card?.organizationName ?? ''), state.notices[0].text),
      make('time', {}, 'now'),
    );
    byId('notice').classList.add('on');
    clearTimeout(hideNotice);
    hideNotice = setTimeout(() => byId('notice').classList.remove('on'), 4500);
  }
  noticesSeen = newest;
}

function draw() {
  if (state === null) return;
  byId('link-admin').href = state.links.admin;
  byId('link-join').href = state.links.join;
  byId('link-pos').href = state.links.pos;
  byId('link-shop').href = `/shop/${state.shop.domain}/products/${state.shop.products[0].productId}`;
  for (const [id, href] of [
    ['link-thank-you', state.links.thankYou],
    ['link-order-status', state.links.orderStatus],
    ['link-card', state.links.card],
  ]) {
    byId(id).hidden = href === null;
    if (href !== null) byId(id).href = href;
  }
  drawGuide();
  drawShop();
  byId('orders').replaceChildren(
    ...(state.orders.length > 0 ? state.orders.map(drawOrder) : [make('p', { class: 'empty' }, 'Nothing sold yet.')]),
  );
  byId('story').replaceChildren(...drawStory(shownOrder(), state.card !== null));
  drawPhone();
  drawNotice();
  returnFocus();
}

/* Everything is drawn anew each time: whoever works with the keyboard stands where they stood, or at the next thing to do. */
document.addEventListener('focusin', (event) => (focused = event.target.dataset?.key ?? null));
function returnFocus() {
  if (focused === null || document.activeElement !== document.body) return;
  const same = document.querySelector(`[data-key="${focused}"]:not(:disabled)`);
  (same ?? document.querySelector('.small.key, .product'))?.focus({ preventScroll: true });
}

for (const input of document.querySelectorAll('input[name=channel]')) input.addEventListener('change', draw);
window.addEventListener('message', (event) => {
  if (event.origin !== location.origin || event.data !== 'pass-added') return;
  setTimeout(() => {
    isBrowsing = false;
    draw();
  }, 900);
});
const tick = () => (byId('clock').textContent = clock(new Date()));
tick();
setInterval(tick, 5000);
new EventSource('/console/events').addEventListener('message', (event) => {
  state = JSON.parse(event.data);
  draw();
});
