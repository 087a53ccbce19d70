/// <reference types="@shopify/ui-extensions/purchase.thank-you.block.render" />
import { getExtension } from '@shopify/ui-extensions-tester';
import { fireEvent, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { storefrontEnrollmentSchema } from '#app/contracts/storefront.ts';
import { shownEstimateQuerySchema } from '#app/contracts/shown-estimate.ts';
import { appUrl } from '../src/app-url.ts';
import { appAnswering, boxes, button, ok, page, problem, programWith, tick, translate } from './page-rig.ts';

const extension = getExtension('purchase.thank-you.block.render');
const cardUrl = 'https://stampwell.example/card/abc';

const standing = {
  balances: [
    { unit: 'points', label: 'points', available: 1_200, pending: 30, card: null },
    { unit: 'stamps', label: 'stamps', available: 7, pending: 0, card: { onCard: 7, needed: 10 } },
  ],
  tier: 'Gold',
  nextReward: { name: 'Free coffee', missing: 3, label: 'stamps' },
};

/** An order of two lines, as the page tells it. */
function showOrder(): void {
  const { shopify } = extension;
  const money = (amount: number) => ({ amount, currencyCode: 'USD' as const });
  const line = (number: number, quantity: number, amount: number) => ({
    id: `gid://shopify/CartLine/${number}`,
    merchandise: {
      id: `gid://shopify/ProductVariant/${number + 1}`,
      product: { id: `gid://shopify/Product/${number}`, vendor: 'Acme', productType: '' },
    },
    quantity,
    cost: { totalAmount: money(amount) },
  });
  Object.assign(shopify, {
    lines: { value: [line(11, 3, 29.97), line(21, 1, 10)] },
    discountAllocations: { value: [{ discountedAmount: money(1.1) }, { discountedAmount: money(2.2) }] },
    cost: {
      totalShippingAmount: { value: money(5) },
      totalTaxAmount: { value: money(3.33) },
      totalAmount: { value: money(45) },
    },
  });
}

beforeEach(() => {
  extension.setUp();
  const { shopify } = extension;
  Object.assign(shopify.i18n, { translate });
  shopify.sessionToken.get = async () => 'session-token';
  shopify.orderConfirmation.value = { order: { id: 'gid://shopify/OrderIdentity/123' }, isFirstOrder: false };
  shopify.localization.extensionLanguage.value = { isoCode: 'en' };
  Object.assign(shopify, { extension: { ...shopify.extension, editor: undefined } });
});

afterEach(() => {
  vi.useRealTimers();
  extension.tearDown();
});

async function renderWith(app: { fetch: typeof fetch }, expected: string): Promise<void> {
  extension.fetch = app.fetch;
  await extension.render();
  await waitFor(() => expect(page()).toContain(expected));
}

test('a live program invites by name, with both boxes unticked', async () => {
  const app = appAnswering(ok(programWith()));
  await renderWith(app, 'Join Coffee Club');
  expect(boxes()).toEqual(['Tell me about my stamps and rewards.: false', 'Send me news and offers.: false']);
  expect(page()).toContain('1 stamp for each coffee');
  expect(app.requests).toEqual([
    {
      method: 'GET',
      url: `${appUrl}/storefront/v1/program?locale=en`,
      authorization: 'Bearer session-token',
      body: null,
    },
  ]);
});

test('while the program loads, a spinner says what is coming', async () => {
  extension.fetch = () => new Promise<Response>(() => undefined);
  await extension.render();
  expect(document.querySelector<HTMLElement>('s-spinner')?.getAttribute('accessibilityLabel')).toBe(
    'Loading your loyalty invitation',
  );
});

test('joining with nothing ticked grants nothing and ends at the card', async () => {
  const app = appAnswering(ok(programWith()), ok({ cardUrl }));
  await renderWith(app, 'Join Coffee Club');
  fireEvent.click(button('Join'));
  await waitFor(() => expect(button('Add to wallet').getAttribute('href')).toBe(cardUrl));
  expect(storefrontEnrollmentSchema.parse(app.requests[1]?.body)).toEqual({
    orderId: 'gid://shopify/OrderIdentity/123',
    consents: { program: false, marketing: false },
    wordingVersion: 'en-3',
    locale: 'en',
  });
  expect(app.requests[1]).toMatchObject({ method: 'POST', authorization: 'Bearer session-token' });
});

test('each box grants its own purpose only', async () => {
  const app = appAnswering(ok(programWith()), ok({ cardUrl }));
  await renderWith(app, 'Join Coffee Club');
  tick('Send me news and offers.');
  fireEvent.click(button('Join'));
  await waitFor(() => button('Add to wallet'));
  expect(app.requests[1]?.body).toMatchObject({ consents: { program: false, marketing: true } });
});

test('a double tap joins once', async () => {
  const app = appAnswering(ok(programWith()), ok({ cardUrl }));
  await renderWith(app, 'Join Coffee Club');
  const joinButton = button('Join');
  fireEvent.click(joinButton);
  fireEvent.click(joinButton);
  await waitFor(() => button('Add to wallet'));
  expect(app.requests).toHaveLength(2);
});

test('a member sees the card instead of an invitation', async () => {
  await renderWith(appAnswering(ok(programWith({ member: { cardUrl, standing } }))), 'Your Coffee Club card');
  expect(button('Open your card').getAttribute('href')).toBe(cardUrl);
  for (const words of ['1,200 points', '30 points pending', '7 of 10 stamps', 'Tier: Gold', '3 stamps to Free coffee'])
    expect(page()).toContain(words);
  expect(boxes()).toEqual([]);
});

test.each([
  ['a program that is not live', ok(programWith({ isLive: false }))],
  ['a shop without a program', problem(404, 'program-not-live')],
])('%s shows nothing at all', async (_, reply) => {
  const app = appAnswering(reply);
  extension.fetch = app.fetch;
  await extension.render();
  await waitFor(() => expect(document.body.innerHTML).toBe(''));
  expect(app.requests).toHaveLength(1);
});

test('a program that does not load can be tried again', async () => {
  const app = appAnswering('no-network', { status: 503, body: {} }, ok(programWith()));
  await renderWith(app, 'We could not load the loyalty program.');
  fireEvent.click(button('Try again'));
  await waitFor(() => expect(app.requests).toHaveLength(2));
  await waitFor(() => button('Try again'));
  fireEvent.click(button('Try again'));
  await waitFor(() => expect(page()).toContain('Join Coffee Club'));
});

test('in the checkout editor, where there is no token, a placeholder stands in', async () => {
  Object.assign(extension.shopify, { extension: { ...extension.shopify.extension, editor: { type: 'checkout' } } });
  extension.shopify.sessionToken.get = async () => {
    throw new Error('no token in the editor');
  };
  await renderWith(appAnswering(), 'Preview: shoppers see the invitation');
  expect(page()).not.toContain('Try again');
});

test('a failed join keeps the ticks and can be tried again', async () => {
  const app = appAnswering(ok(programWith()), 'no-network', ok({ cardUrl }));
  await renderWith(app, 'Join Coffee Club');
  tick('Tell me about my stamps and rewards.');
  fireEvent.click(button('Join'));
  await waitFor(() => expect(page()).toContain('That did not work.'));
  fireEvent.click(button('Try again'));
  await waitFor(() => button('Add to wallet'));
  expect(app.requests[2]?.body).toEqual(app.requests[1]?.body);
  expect(app.requests[2]?.body).toMatchObject({ consents: { program: true, marketing: false } });
});

test('an order that is not confirmed yet is asked for again by itself', async () => {
  const app = appAnswering(ok(programWith()), problem(409, 'order-not-confirmed'), ok({ cardUrl }));
  await renderWith(app, 'Join Coffee Club');
  vi.useFakeTimers();
  fireEvent.click(button('Join'));
  await vi.advanceTimersByTimeAsync(2_000);
  vi.useRealTimers();
  await waitFor(() => button('Add to wallet'));
  expect(app.requests).toHaveLength(3);
});

test('an order that stays unconfirmed ends in a calm message after a bounded number of tries', async () => {
  const unconfirmed = Array.from({ length: 20 }, () => problem(409, 'order-not-confirmed'));
  const app = appAnswering(ok(programWith()), ...unconfirmed);
  await renderWith(app, 'Join Coffee Club');
  vi.useFakeTimers();
  fireEvent.click(button('Join'));
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  await waitFor(() => expect(page()).toContain('Your order is still being confirmed.'));
  expect(app.requests.length).toBeLessThan(10);
});

test('a guest whose order is a member’s is told where the card is, and is not sent round in circles', async () => {
  const app = appAnswering(ok(programWith()), problem(403, 'order-not-yours'));
  await renderWith(app, 'Join Coffee Club');
  fireEvent.click(button('Join'));
  await waitFor(() => expect(page()).toContain('If you already have one, log in to see it'));
  expect(page()).not.toContain('Nothing was lost');
  expect(document.querySelectorAll('s-button')).toHaveLength(0);
  expect(app.requests).toHaveLength(2);
});

test('new wording is shown unticked before it can be agreed to', async () => {
  const changed = { program: 'New words.', marketing: 'Send me news and offers.', version: 'en-4' };
  const fresh = ok(programWith({ consentWording: changed }));
  const app = appAnswering(ok(programWith()), problem(409, 'wording-changed'), fresh, ok({ cardUrl }));
  await renderWith(app, 'Join Coffee Club');
  tick('Tell me about my stamps and rewards.');
  fireEvent.click(button('Join'));
  await waitFor(() => expect(page()).toContain('The terms have just changed.'));
  expect(boxes()).toEqual(['New words.: false', 'Send me news and offers.: false']);
  fireEvent.click(button('Try again'));
  await waitFor(() => button('Add to wallet'));
  expect(app.requests[3]?.body).toMatchObject({ wordingVersion: 'en-4', consents: { program: false } });
});

test('an address that is not a web address is never offered as a card', async () => {
  const app = appAnswering(ok(programWith()), ok({ cardUrl: 'javascript:alert(1)' }));
  await renderWith(app, 'Join Coffee Club');
  fireEvent.click(button('Join'));
  await waitFor(() => expect(page()).toContain('That did not work.'));
  expect(document.body.innerHTML).not.toContain('javascript:');
});

const earned = (amounts: object[]) => ok({ programName: 'Coffee Club', isMember: false, amounts });

test('a guest reads what joining brings for this order', async () => {
  showOrder();
  const app = appAnswering(
    ok(programWith()),
    earned([
      { unit: 'points', kind: 'point', label: 'Points', amount: 1_234 },
      { unit: 'stamps', kind: 'stamp', label: 'Stamps', amount: 2 },
    ]),
  );
  await renderWith(app, 'Join and get 1,234 Points + 2 Stamps for this order');
  expect(app.requests).toHaveLength(2);
  expect(app.requests[1]).toMatchObject({ method: 'POST', url: `${appUrl}/storefront/v1/estimates` });
  expect(shownEstimateQuerySchema.parse(app.requests[1]?.body)).toEqual({
    locale: 'en',
    cart: {
      currency: 'USD',
      // 29.97 + 10 − 3.30 + 5 shipping and 3.33 tax on top make the total.
      taxesIncluded: false,
      lines: [
        { productId: '11', variantId: '12', vendor: 'Acme', quantity: 3, total: 29.97 },
        { productId: '21', variantId: '22', vendor: 'Acme', quantity: 1, total: 10 },
      ],
      discount: 3.3,
      tax: 3.33,
      shipping: 5,
    },
  });
});

test('tax that is in the prices already is told so', async () => {
  showOrder();
  Object.assign(extension.shopify.cost, { totalAmount: { value: { amount: 41.67, currencyCode: 'USD' } } });
  const app = appAnswering(ok(programWith()), earned([]));
  await renderWith(app, 'Join Coffee Club');
  await waitFor(() => expect(app.requests).toHaveLength(2));
  expect(shownEstimateQuerySchema.parse(app.requests[1]?.body).cart.taxesIncluded).toBe(true);
});

test.each([
  ['nothing', earned([])],
  ['no answer', 'no-network' as const],
  ['an answer that does not fit', ok({ amounts: [{ label: 'Points', amount: 'many' }] })],
])('an estimate of %s leaves the invitation as it is', async (_, reply) => {
  showOrder();
  const app = appAnswering(ok(programWith()), reply);
  await renderWith(app, 'Join Coffee Club');
  await waitFor(() => expect(app.requests).toHaveLength(2));
  expect(page()).not.toContain('for this order');
});
