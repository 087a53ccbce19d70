/* The screen of a point of sale: a home tile and a modal of our extension, and a cart that ends in a real order. */
import { ask, pageLocale, runExtension } from './extension-runner.js';
import { drawing, make } from './pieces.js';

const byId = (id) => document.getElementById(id);
const base = location.pathname.replace(/\/$/, '');
const locale = pageLocale();
const cardProperty = '_stampwell_card';
const emptySale = { lines: [], code: null, customerId: null, properties: {} };
/** A fictional till: where it stands, who is logged in, and which device it is. */
const place = { locationId: 5_791_776_832, userId: 902_541_635, deviceId: 'counter-1', staffMemberId: 77 };

let shop;
let appOrigin;
let sale = emptySale;
let priced = { lines: [], customer: null, discount: null, totalMinor: 0 };
/** What is told when the cart or the connection changes: one for each extension that runs. */
const followers = new Map();

const money = (minor) =>
  new Intl.NumberFormat('en', { style: 'currency', currency: shop.currency }).format(minor / 100);
const decimal = (minor) => (minor / 100).toFixed(2);

let hideToast;
function toast(text) {
  // Behind an open modal nobody would see or hear it.
  (byId('modal').open ? byId('modal') : document.body).append(byId('toast'));
  byId('toast').textContent = text;
  clearTimeout(hideToast);
  hideToast = setTimeout(() => (byId('toast').textContent = ''), 4000);
}

/** Changes the sale when the shop can price it so; throws the sentence of the refusal otherwise. */
async function change(part) {
  const wanted = { ...sale, ...part };
  priced = await ask(`${base}/price`, wanted);
  sale = wanted;
  draw();
}

function tryTo(action) {
  return () => action().catch((error) => toast(error.message));
}

function setQuantity(productId, by) {
  const held = sale.lines.find((line) => line.productId === productId);
  const quantity = (held?.quantity ?? 0) + by;
  const others = sale.lines.filter((line) => line !== held);
  if (quantity <= 0) return change({ lines: others });
  if (held === undefined) return change({ lines: [...others, { productId, quantity }] });
  return change({ lines: sale.lines.map((line) => (line === held ? { productId, quantity } : line)) });
}

async function pay() {
  const { name, total } = await ask(`${base}/pay`, sale);
  await change(emptySale);
  toast(`Order ${name} paid: ${money(Math.round(Number(total) * 100))}`);
}

/** The cart as POS hands it to extensions. */
function cartNow() {
  const { discount, customer } = priced;
  return {
    subtotal: decimal(priced.totalMinor),
    taxTotal: '0.00',
    grandTotal: decimal(priced.totalMinor),
    cartDiscounts: discount
      ? [{ type: 'Code', amount: discount.amountMinor / 100, discountDescription: discount.code }]
      : [],
    customer: customer ? { id: customer.id, email: customer.email, firstName: customer.firstName } : undefined,
    lineItems: priced.lines.map(({ product, quantity }) => ({
      uuid: String(product.productId),
      productId: product.productId,
      variantId: product.variantId,
      title: product.title,
      price: product.priceMinor / 100,
      quantity,
      discounts: [],
      taxable: true,
      taxLines: [],
      properties: {},
      isGiftCard: product.isGiftCard,
    })),
    properties: sale.properties,
  };
}

const connectionNow = () => ({ internetConnected: byId('offline').checked ? 'Disconnected' : 'Connected' });

let scans = null;
function posApi(key) {
  return (signal) => {
    const [current, connection, scanned] = [signal(cartNow()), signal(connectionNow()), signal({})];
    followers.set(key, () => {
      current.value = cartNow();
      connection.value = connectionNow();
    });
    if (key === 'modal') scans = scanned;
    return {
      action: { presentModal: openModal },
      locale: { current: signal(locale) },
      toast: { show: toast },
      connectivity: { current: connection },
      scanner: {
        scannerData: { current: scanned },
        showCameraScanner: () => {
          byId('hold').parentElement.classList.add('ready');
          byId('hold').focus();
        },
        hideCameraScanner: () => byId('hold').parentElement.classList.remove('ready'),
      },
      session: {
        currentSession: {
          shopId: shop.id,
          shopDomain: shop.domain,
          userId: place.userId,
          locationId: place.locationId,
          currency: shop.currency,
          posVersion: '10.20.0',
        },
        staffMember: signal({ id: place.staffMemberId }),
        deviceId: place.deviceId,
        getSessionToken: async () => (await ask(`${base}/session-token`)).token,
      },
      cart: {
        current,
        setCustomer: ({ id }) => change({ customerId: id }),
        removeCustomer: () => change({ customerId: null }),
        addCartProperties: (properties) => change({ properties: { ...sale.properties, ...properties } }),
        addCartCodeDiscount: (code) => change({ code }),
        removeCartDiscount: () => change({ code: null }),
      },
    };
  };
}

const run = (frame, target, key, isFollowed) =>
  runExtension(frame, {
    handle: 'pos-loyalty',
    target,
    surface: 'pos',
    locale,
    appOrigin,
    api: posApi(key),
    isFollowed,
  });

function openModal() {
  byId('modal').showModal();
  void tryTo(() => run(byId('modal-frame'), 'pos.home.modal.render', 'modal', false))();
}

function scan(data) {
  if (scans !== null) scans.value = { data, source: 'external' };
}

function draw() {
  const rows = priced.lines.map(({ product, quantity }) => {
    const button = (label, sign, by) =>
      make(
        'button',
        {
          type: 'button',
          'aria-label': `${label} ${product.title}`,
          onclick: tryTo(() => setQuantity(product.productId, by)),
        },
        sign,
      );
    return make(
      'li',
      {},
      make('span', {}, quantity > 1 ? [quantity, '×', product.title].join(' ') : product.title),
      make('span', {}, button('One less', '−', -1), ' ', button('One more', '+', 1)),
      make('span', {}, money(product.priceMinor * quantity)),
    );
  });
  byId('lines').replaceChildren(
    ...(rows.length > 0 ? rows : [make('li', { class: 'empty' }, 'Tap a product to start a sale.')]),
  );
  const fact = (label, value, kind = '') => make('div', { class: kind }, make('dt', {}, label), make('dd', {}, value));
  byId('facts').replaceChildren(
    ...[
      priced.customer && fact('Customer', `${priced.customer.firstName} ${priced.customer.lastName}`),
      sale.properties[cardProperty] && fact('Loyalty card', 'on this sale', 'good'),
      priced.discount && fact(priced.discount.code, `−${money(priced.discount.amountMinor)}`, 'good'),
      fact('Total', money(priced.totalMinor), 'total'),
    ].filter(Boolean),
  );
  byId('pay').disabled = rows.length === 0;
  byId('pay').textContent = rows.length === 0 ? 'Pay' : `Pay ${money(priced.totalMinor)}`;
  for (const follow of followers.values()) follow();
}

async function start() {
  ({ shop, appOrigin } = await ask(`${base}/shop`));
  document.title = `Point of sale · ${shop.name}`;
  byId('shop').textContent = shop.name;
  byId('products').replaceChildren(
    ...shop.products.map((product) =>
      make(
        'button',
        { type: 'button', onclick: tryTo(() => setQuantity(product.productId, 1)) },
        drawing(product.icon),
        make('span', {}, make('b', {}, product.title), make('small', {}, money(product.priceMinor))),
      ),
    ),
  );
  draw();
  byId('pay').addEventListener('click', tryTo(pay));
  byId('offline').addEventListener('change', draw);
  byId('modal').addEventListener('close', () => {
    followers.delete('modal');
    scans = null;
  });
  byId('hold').addEventListener(
    'click',
    tryTo(async () => {
      const { code } = await ask(`${base}/scan`);
      if (code === null) toast('There is no card on the phone yet.');
      else scan(code);
    }),
  );
  byId('paste').addEventListener('submit', (event) => {
    event.preventDefault();
    scan(new FormData(event.target).get('code').trim());
    event.target.reset();
  });
  await run(byId('tile'), 'pos.home.tile.render', 'tile', true);
}

start().catch((error) => toast(error.message));
