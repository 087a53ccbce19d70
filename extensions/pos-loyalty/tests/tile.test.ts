/// <reference types="@shopify/ui-extensions/pos.home.tile.render" />
import { getExtension } from '@shopify/ui-extensions-tester';
import { fireEvent, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { translate } from './till-rig.ts';

const extension = getExtension('pos.home.tile.render');

beforeEach(() => {
  extension.setUp();
  Object.assign(extension.shopify.i18n, { translate });
});

afterEach(() => {
  extension.tearDown();
});

function tile(): Element {
  const found = document.querySelector('s-tile');
  if (found === null) throw new Error('No tile');
  return found;
}

test('one tap on the tile opens the modal', async () => {
  let opened = 0;
  extension.shopify.action.presentModal = () => {
    opened += 1;
  };
  await extension.render();
  expect(tile().getAttribute('subheading')).toBe('Scan a card');
  fireEvent.click(tile());
  expect(opened).toBe(1);
});

test('the tile says when the till is offline', async () => {
  extension.shopify.connectivity.current.value = { internetConnected: 'Disconnected' };
  await extension.render();
  expect(tile().getAttribute('subheading')).toBe('Offline');
});

test('a modal that cannot open becomes a short message', async () => {
  const shown: string[] = [];
  extension.shopify.toast.show = (text) => void shown.push(text);
  extension.shopify.action.presentModal = () => {
    throw new Error('no modal');
  };
  await extension.render();
  fireEvent.click(tile());
  await waitFor(() => expect(shown).toEqual(['That did not work. Please try again.']));
});
