/// <reference types="@shopify/ui-extensions/customer-account.order-status.block.render" />
import { getExtension } from '@shopify/ui-extensions-tester';
import { fireEvent, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storefrontEnrollmentSchema } from '#app/contracts/storefront.ts';
import { appAnswering, button, ok, page, programWith, translate } from './page-rig.ts';

const extension = getExtension('customer-account.order-status.block.render');
const cardUrl = 'https://stampwell.example/card/abc';

beforeEach(() => {
  extension.setUp();
  const { shopify } = extension;
  Object.assign(shopify.i18n, { translate });
  shopify.sessionToken.get = async () => 'session-token';
  shopify.localization.extensionLanguage.value = { isoCode: 'de' };
  Object.assign(shopify, { extension: { ...shopify.extension, editor: undefined } });
});

afterEach(() => {
  extension.tearDown();
});

test('joining from the order status page names that order and its language', async () => {
  extension.shopify.order.value = { id: 'gid://shopify/Order/123', name: '#1001' };
  const app = appAnswering(ok(programWith()), ok({ cardUrl }));
  extension.fetch = app.fetch;
  await extension.render();
  await waitFor(() => expect(page()).toContain('Join Coffee Club'));
  fireEvent.click(button('Join'));
  await waitFor(() => expect(button('Add to wallet').getAttribute('href')).toBe(cardUrl));
  const sent = storefrontEnrollmentSchema.parse(app.requests[1]?.body);
  expect(sent).toMatchObject({ orderId: 'gid://shopify/Order/123', locale: 'de' });
});

test('while Shopify still processes the order, joining waits and says why', async () => {
  extension.shopify.order.value = undefined;
  const app = appAnswering(ok(programWith()));
  extension.fetch = app.fetch;
  await extension.render();
  await waitFor(() => expect(page()).toContain('Your order is still being confirmed.'));
  fireEvent.click(button('Join'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(app.requests.filter(({ url }) => url.includes('enrollments'))).toEqual([]);
});
