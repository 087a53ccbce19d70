import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { createDevice, type HeldPass, holdPass, passPath, type WalletDevice } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let pass: HeldPass;
let device: WalletDevice;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem();
  edge = await startEdge();
  shop = await makeShop();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
});
beforeEach(async () => {
  pass = await holdPass((await makeMember(shop)).cardUrl, wallets.pems.root);
  device = createDevice(edge);
});

const since = async (text: string) => (await device.get(pass, text)).status;

describe('If-Modified-Since', () => {
  it('that is no date of HTTP is no reason to keep the pass back', async () => {
    for (const text of ['2030', 'banana 2030', 'never-2099', '2099-01-01T00:00:00Z', '4070908800', 'Jan 1 2099'])
      expect([text, await since(text)]).toEqual([text, 200]);
  });

  it('counts in each of the three spellings of one moment', async () => {
    const [, date = '', month = '', year = '', time = ''] = pass.lastModified.split(' ');
    const at = new Date(pass.lastModified);
    const day = at.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
    const spellings = [
      pass.lastModified,
      `${day}, ${date}-${month}-${year.slice(2)} ${time} GMT`,
      `${day.slice(0, 3)} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`,
    ];
    for (const text of spellings) expect([text, await since(text)]).toEqual([text, 304]);
  });
});

describe('a registration', () => {
  it('names its scheme in capitals or small letters', async () => {
    for (const scheme of ['ApplePass', 'applepass', 'APPLEPASS'])
      expect((await device.ask(passPath(pass), { authorization: `${scheme} ${pass.token}` })).status).toBe(200);
  });

  it('brings a push token of any form that fits a path', async () => {
    for (const pushToken of ['a', 'ABCdef-_.~', 'not-hex-at-all', 'Zz9'.repeat(66), '0'.repeat(200)])
      expect([pushToken, [200, 201].includes(await device.register(pass, pushToken))]).toEqual([pushToken, true]);
  });

  it('without a usable push token is refused with 400', async () => {
    for (const pushToken of ['', '.', '..', 'a/b', 'a b', 'a%2fb', 'é', 'a\n', 'a?b', '0'.repeat(201)])
      expect([pushToken, await device.register(pass, pushToken)]).toEqual([pushToken, 400]);
  });
});
