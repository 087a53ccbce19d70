/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import { getExtension } from '@shopify/ui-extensions-tester';
import { fireEvent, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { posPreviewSchema, posRedemptionSchema, posStampSchema, posUndoSchema } from '#app/contracts/pos.ts';
import { cardNoteName } from '#app/contracts/card-note.ts';
import { appAnswering, button, memberWith, problem, screen, translate, withStamps } from './till-rig.ts';

const extension = getExtension('pos.home.modal.render');
const undoableUntil = '2026-07-01T12:00:00Z';

/** A sale that still belongs to the shopper before. */
const emptySale = { lineItems: [], cartDiscounts: [], properties: {}, customer: { id: 1 } };

/** What the till was told to do, in order. */
let told: string[] = [];

beforeEach(() => {
  extension.setUp();
  told = [];
  const { shopify } = extension;
  Object.assign(shopify.i18n, { translate });
  shopify.session.getSessionToken = async () => 'session-token';
  shopify.session.currentSession.locationId = 77;
  shopify.session.staffMember = { value: { id: 5 }, subscribe: () => () => undefined };
  shopify.session.deviceId = 9;
  shopify.cart.setCustomer = async ({ id }) => void told.push(`customer ${id}`);
  shopify.cart.addCartProperties = async (properties) => void told.push(`properties ${JSON.stringify(properties)}`);
  shopify.cart.addCartCodeDiscount = async (code) => void told.push(`code ${code}`);
  shopify.cart.removeCartDiscount = async () => void told.push('no discount');
  shopify.toast.show = (text) => void told.push(`toast ${text}`);
  shopify.scanner.showCameraScanner = () => void told.push('camera on');
  shopify.scanner.hideCameraScanner = () => void told.push('camera off');
  shopify.cart.current.value = { ...shopify.cart.current.value, ...emptySale };
});

afterEach(() => {
  extension.tearDown();
});

function scan(data: string): void {
  extension.shopify.scanner.scannerData.current.value = { data, source: 'camera' };
}

function openSale(): void {
  const line = {
    uuid: 'line-1',
    quantity: 1,
    discounts: [],
    taxable: true,
    taxLines: [],
    properties: {},
    isGiftCard: false,
  };
  extension.shopify.cart.current.value = { ...extension.shopify.cart.current.value, lineItems: [line] };
}

function found(member = memberWith()): { status: number; body: unknown } {
  return { status: 200, body: { member } };
}

function stamped(collected: number): { status: number; body: unknown } {
  return { status: 200, body: { entryId: 'entry-1', member: withStamps(collected) } };
}

async function renderScanned(app: { fetch: typeof fetch }, expected: string): Promise<void> {
  extension.fetch = app.fetch;
  scan('CARD 1');
  await extension.render();
  await waitFor(() => expect(screen()).toContain(expected));
}

test('before a scan, one tap opens the camera', async () => {
  extension.shopify.scanner.scannerData.current.value = {};
  await extension.render();
  fireEvent.click(button('Scan with camera'));
  expect(told).toEqual(['camera on']);
});

test('a scan shows the member, and a card without a sale is not put on one', async () => {
  const app = appAnswering(found());
  await renderScanned(app, 'Coffee stamps: 7 of 10');
  expect(app.requests).toEqual([
    { method: 'GET', path: '/pos/v1/members?code=CARD%201', authorization: 'Bearer session-token', body: null },
  ]);
  expect(screen()).toContain('Ada');
  expect(told).toEqual(['camera off']);
});

test('a scan during a sale lets the sale earn on the card and names the customer', async () => {
  openSale();
  await renderScanned(appAnswering(found()), 'This sale earns on this card.');
  expect(told).toEqual(['camera off', 'customer 42', `properties ${JSON.stringify({ [cardNoteName]: 'CARD 1' })}`]);
});

test('a stamp goes out with a key and the place, and the new balance comes back', async () => {
  const app = appAnswering(found(), stamped(8));
  await renderScanned(app, '7 of 10');
  fireEvent.click(button('Coffee stamps +1'));
  await waitFor(() => expect(screen()).toContain('8 of 10'));
  const sent = posStampSchema.parse(app.requests[1]?.body);
  expect(sent).toMatchObject({ memberId: 'member-1', unit: 'coffee', amount: 1 });
  expect(sent).toMatchObject({ locationId: '77', staffMemberId: '5', deviceId: '9' });
  expect(told).toContain('toast Coffee stamps +1');
});

test('a double tap stamps once', async () => {
  const app = appAnswering(found(), stamped(8));
  await renderScanned(app, '7 of 10');
  const plusOne = button('Coffee stamps +1');
  fireEvent.click(plusOne);
  fireEvent.click(plusOne);
  await waitFor(() => expect(screen()).toContain('8 of 10'));
  expect(app.requests).toHaveLength(2);
});

test('trying again after no answer repeats the very same request', async () => {
  const app = appAnswering(found(), 'no-network', { status: 503, body: {} }, stamped(8));
  await renderScanned(app, '7 of 10');
  fireEvent.click(button('Coffee stamps +1'));
  await waitFor(() => expect(screen()).toContain('Trying again is safe'));
  fireEvent.click(button('Try again'));
  await waitFor(() => expect(app.requests).toHaveLength(3));
  await waitFor(() => button('Try again'));
  fireEvent.click(button('Try again'));
  await waitFor(() => expect(screen()).toContain('8 of 10'));
  expect(app.requests[2]?.body).toEqual(app.requests[1]?.body);
  expect(app.requests[3]?.body).toEqual(app.requests[1]?.body);
});

test('two stamps are two different requests', async () => {
  const app = appAnswering(found(), stamped(8), stamped(9));
  await renderScanned(app, '7 of 10');
  fireEvent.click(button('Coffee stamps +1'));
  await waitFor(() => expect(screen()).toContain('8 of 10'));
  fireEvent.click(button('Coffee stamps +1'));
  await waitFor(() => expect(screen()).toContain('9 of 10'));
  const keys = app.requests.slice(1).map(({ body }) => posStampSchema.parse(body).idempotencyKey);
  expect(new Set(keys).size).toBe(2);
});

test('undo takes back the last entry', async () => {
  const lastEntry = { kind: 'entry' as const, id: 'entry-1', label: '+1 Coffee stamp', undoableUntil };
  const app = appAnswering(found(withStamps(8, { lastEntry })), found(withStamps(7)));
  await renderScanned(app, '8 of 10');
  fireEvent.click(button('Undo +1 Coffee stamp'));
  await waitFor(() => expect(screen()).toContain('7 of 10'));
  expect(posUndoSchema.parse(app.requests[1]?.body)).toMatchObject({ entryId: 'entry-1' });
  expect(told).toContain('toast Undone');
});

test('a reward puts its code on the sale, and undo takes reservation and code back', async () => {
  const lastEntry = { kind: 'reservation' as const, id: 'reservation-1', label: 'Free coffee', undoableUntil };
  const redeemed = {
    reservationId: 'reservation-1',
    discountCode: 'SW-ABC',
    expiresAt: '2026-07-01T12:15:00Z',
    member: withStamps(2, { lastEntry }),
  };
  const app = appAnswering(found(), { status: 200, body: redeemed }, found());
  await renderScanned(app, '7 of 10');
  fireEvent.click(button('Redeem Free coffee'));
  await waitFor(() => expect(told).toContain('toast Reward added to the sale'));
  expect(posRedemptionSchema.parse(app.requests[1]?.body)).toMatchObject({ rewardId: 'reward-1', locationId: '77' });
  expect(told.indexOf('customer 42')).toBeLessThan(told.indexOf('code SW-ABC'));

  const discount = { amount: 5, discountDescription: 'SW-ABC', type: 'Code' };
  extension.shopify.cart.current.value = { ...extension.shopify.cart.current.value, cartDiscounts: [discount] };
  fireEvent.click(button('Undo Free coffee'));
  await waitFor(() => expect(told).toContain('no discount'));
  expect(posUndoSchema.parse(app.requests[2]?.body)).toMatchObject({ reservationId: 'reservation-1' });
});

test('a code that POS refuses is shown, so that the reward is not lost', async () => {
  extension.shopify.cart.addCartCodeDiscount = async () => {
    throw new Error('cart is not editable');
  };
  const redeemed = { reservationId: 'r-1', discountCode: 'SW-ABC', expiresAt: undoableUntil, member: memberWith() };
  await renderScanned(appAnswering(found(), { status: 200, body: redeemed }), '7 of 10');
  fireEvent.click(button('Redeem Free coffee'));
  await waitFor(() => expect(screen()).toContain('Enter code SW-ABC by hand.'));
});

test('a frozen card shows its balance and offers neither stamps nor rewards nor the sale', async () => {
  openSale();
  await renderScanned(appAnswering(found(memberWith({ status: 'frozen' }))), 'This card is frozen.');
  expect(screen()).toContain('7 of 10');
  expect(screen()).not.toMatch(/Redeem|\+1|Use for this sale/);
  expect(told).toEqual(['camera off']);
});

test.each([
  ['member-not-found', 'No member has this card.'],
  ['insufficient-balance', 'Not enough collected for this reward.'],
  ['something-new', 'That was refused. Scan the card again.'],
])('a refusal with the code %s says: %s', async (code, sentence) => {
  await renderScanned(appAnswering(problem(409, code)), sentence);
  expect(screen()).not.toContain('Try again');
});

test('without permission for the app nothing is sent and the message says whom to ask', async () => {
  extension.shopify.session.getSessionToken = async () => undefined;
  const app = appAnswering(found());
  await renderScanned(app, 'Ask an owner to allow the app for you.');
  expect(app.requests).toEqual([]);
});

test('without a network nothing is sent and the message says so', async () => {
  extension.shopify.connectivity.current.value = { internetConnected: 'Disconnected' };
  const app = appAnswering(found());
  await renderScanned(app, 'You are offline.');
  expect(app.requests).toEqual([]);
});

test('an answer that does not fit the contract is treated like none', async () => {
  const app = appAnswering({ status: 200, body: { member: { memberId: 'member-1' } } });
  await renderScanned(app, 'Trying again is safe');
  expect(app.requests).toHaveLength(1);
});

test('a failing till shows a message instead of an error page', async () => {
  openSale();
  extension.shopify.cart.setCustomer = async () => {
    throw new Error('no cart');
  };
  extension.shopify.scanner.hideCameraScanner = () => {
    throw new Error('no camera');
  };
  await renderScanned(appAnswering(found()), 'That did not work. Please try again.');
  expect(screen()).not.toContain('This sale earns');
});

test('the next card starts with an empty screen', async () => {
  await renderScanned(appAnswering(found()), '7 of 10');
  fireEvent.click(button('Next card'));
  await waitFor(() => expect(screen()).toContain('Ask for the card'));
  expect(screen()).not.toContain('Ada');
});

/** A sale of two coffees and one bag, 10 % off the whole. */
function pricedSale(): void {
  const line = (productId: number, price: number, quantity: number) => ({
    uuid: `line-${productId}`,
    productId,
    variantId: productId + 1,
    vendor: 'Acme',
    price,
    quantity,
    discounts: [],
    taxable: true,
    taxLines: [],
    properties: {},
    isGiftCard: false,
  });
  const cart = extension.shopify.cart.current.value;
  extension.shopify.session.currentSession.currency = 'USD';
  extension.shopify.cart.current.value = {
    ...cart,
    grandTotal: '17.10',
    cartDiscounts: [{ amount: 1.9, discountDescription: '10 % off' }],
    lineItems: [line(11, 3.3, 2), line(21, 12.4, 1)],
  };
}

const previewed = (part: object) => ({
  status: 200,
  body: {
    amounts: [
      { unit: 'coffee', kind: 'stamp', label: 'Coffee stamps', amount: 3 },
      { unit: 'points', kind: 'point', label: 'Points', amount: 12 },
    ],
    rewards: [{ rewardId: 'reward-1', isAvailable: true, reason: null }],
    ...part,
  },
});

test('staff reads what the open sale will earn, before it is paid', async () => {
  pricedSale();
  const app = appAnswering(found(), previewed({}));
  await renderScanned(app, 'this sale earns +3 Coffee stamps, +12 Points');
  expect(app.requests[1]).toMatchObject({ method: 'POST', path: '/pos/v1/preview' });
  expect(posPreviewSchema.parse(app.requests[1]?.body)).toMatchObject({
    memberId: 'member-1',
    locationId: '77',
    cart: {
      currency: 'USD',
      taxesIncluded: false,
      discount: 1.9,
      lines: [
        { productId: '11', variantId: '12', vendor: 'Acme', quantity: 2, total: 6.6, isGiftCard: false },
        { productId: '21', quantity: 1, total: 12.4 },
      ],
    },
  });
});

test('a reward that this till may not give says why', async () => {
  pricedSale();
  const rewards = [{ rewardId: 'reward-1', isAvailable: false, reason: 'channel' }];
  await renderScanned(appAnswering(found(), previewed({ rewards })), 'not at this till');
  expect(button('Not yet: Free coffee').getAttribute('disabled')).not.toBeNull();
});

test('a preview that fails says nothing and stops nothing', async () => {
  pricedSale();
  const app = appAnswering(found(), problem(503, 'unavailable'), stamped(8));
  await renderScanned(app, '7 of 10');
  await waitFor(() => expect(app.requests).toHaveLength(2));
  fireEvent.click(button('Coffee stamps +1'));
  await waitFor(() => expect(screen()).toContain('8 of 10'));
  expect(screen()).not.toMatch(/Estimate|Try again/);
});

test('what POS spreads over the lines itself is taken off there, and not once more', async () => {
  pricedSale();
  const cart = extension.shopify.cart.current.value;
  const lineItems = cart.lineItems.map((line, index) => ({
    ...line,
    discountAllocations: [{ allocatedAmount: { amount: index === 0 ? '0.66' : '1.24', currencyCode: 'USD' } }],
  }));
  Object.assign(cart, { lineItems });
  const app = appAnswering(found(), previewed({}));
  await renderScanned(app, 'this sale earns');
  expect(posPreviewSchema.parse(app.requests[1]?.body).cart).toMatchObject({
    discount: 0,
    lines: [{ total: 5.94 }, { total: 11.16 }],
  });
});
