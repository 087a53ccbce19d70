/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import { getExtension } from '@shopify/ui-extensions-tester';
import { waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PosMember } from '#app/contracts/pos.ts';
import { appAnswering, memberWith, screen, translate } from './till-rig.ts';

const extension = getExtension('pos.home.modal.render');
let asked: (string | null)[] = [];

beforeEach(() => {
  extension.setUp();
  const { shopify } = extension;
  Object.assign(shopify.i18n, { translate });
  shopify.session.getSessionToken = async () => 'session-token';
  shopify.scanner.hideCameraScanner = () => undefined;
});

afterEach(() => {
  extension.tearDown();
});

async function scanned(member: PosMember, expected: string): Promise<void> {
  asked = [];
  const app = appAnswering({ status: 200, body: { member } });
  extension.fetch = (input, init) => {
    asked.push(new Headers(init?.headers).get('accept-language'));
    return app.fetch(input, init);
  };
  extension.shopify.scanner.scannerData.current.value = { data: 'CARD 1', source: 'camera' };
  await extension.render();
  await waitFor(() => expect(screen()).toContain(expected));
}

test('what a reward costs is said as the app says it, or as it used to be when that is an older one', async () => {
  const [reward] = memberWith().rewards;
  const rewards = [
    { ...reward, costLabel: '1 stamp' },
    { ...reward, rewardId: 'reward-2', name: 'Cake' },
  ] as PosMember['rewards'];
  await scanned(memberWith({ rewards }), 'Free coffee · free · costs 1 stamp');
  expect(screen()).toContain('Cake · free · costs 5 Coffee stamps');
});

test('the app is asked in the language that the till speaks', async () => {
  extension.shopify.locale.current.value = 'de-CH';
  await scanned(memberWith(), 'Ada');
  expect(asked).toEqual(['de-CH']);
});
