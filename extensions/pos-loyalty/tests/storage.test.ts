/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import { getExtension } from '@shopify/ui-extensions-tester';
import { fireEvent, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { appAnswering, button, memberWith, screen, translate, withStamps } from './till-rig.ts';

const extension = getExtension('pos.home.modal.render');
const name = 'Canary Person';

/** Everything that was given to anything that keeps: of the browser, and of POS. */
let kept: string[] = [];

beforeEach(() => {
  extension.setUp();
  kept = [];
  const { shopify } = extension;
  const keep = (where: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          async (...given: unknown[]) =>
            void kept.push(`${where}.${String(method)} ${JSON.stringify(given)}`),
      },
    );
  shopify.storage.set = async (...given) => void kept.push(`shopify.storage ${JSON.stringify(given)}`);
  vi.stubGlobal('indexedDB', keep('indexedDB'));
  vi.stubGlobal('caches', keep('caches'));
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation((...given) => void kept.push(`setItem ${given.join(' ')}`));
  vi.spyOn(document, 'cookie', 'set').mockImplementation((cookie) => void kept.push(`cookie ${cookie}`));
  Object.assign(shopify.i18n, { translate });
  shopify.session.getSessionToken = async () => 'session-token';
  shopify.toast.show = () => undefined;
  shopify.scanner.hideCameraScanner = () => undefined;
});

afterEach(() => {
  extension.tearDown();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A shopper's visit: scanned, stamped with an answer that has to be asked for again, then the next shopper. */
async function serveShopper(): Promise<void> {
  const stamped = { entryId: 'entry-1', member: withStamps(8, { displayName: name }) };
  const member = memberWith({ displayName: name });
  extension.fetch = appAnswering({ status: 200, body: { member } }, 'no-network', { status: 200, body: stamped }).fetch;
  extension.shopify.scanner.scannerData.current.value = { data: 'CARD 1', source: 'camera' };
  await extension.render();
  await waitFor(() => expect(screen()).toContain(name));
  fireEvent.click(button('Coffee stamps +1'));
  await waitFor(() => button('Try again'));
  fireEvent.click(button('Try again'));
  await waitFor(() => expect(screen()).toContain('8 of 10'));
}

test('F42 a whole visit leaves nothing in any storage of the till, also while an answer is missing', async () => {
  await serveShopper();
  expect(kept).toEqual([]);
  // What would be kept is seen here.
  localStorage.setItem('member', name);
  document.cookie = `member=${name}`;
  await extension.shopify.storage.set('member', name);
  expect(kept).toHaveLength(3);
});

test('F42 a till that is opened again knows nothing of the shopper before', async () => {
  await serveShopper();
  extension.tearDown();
  extension.setUp();
  Object.assign(extension.shopify.i18n, { translate });
  extension.shopify.scanner.scannerData.current.value = {};
  await extension.render();
  await waitFor(() => button('Scan with camera'));
  expect(screen()).not.toContain(name);
  expect(screen()).not.toContain('8 of 10');
});
