/** Sharing and loss: the same card on another phone, and a card that is frozen. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { cardCodeOf } from '#test/support/extensions.ts';
import {
  balancesOf,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { cardAuditOf, passesOf, saleWith, sellAt, tellWallets, tokenOf } from '#test/support/lost-cards.ts';
import { redactBody, settleCase } from '#test/support/privacy.ts';
import { createDevice, fieldOf, type HeldPass, holdPass, type WalletDevice } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';

const staff = { by: 'staff', actor: 'staff:1' } as const;
const shopper = { by: 'member', actor: 'shopper' } as const;

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let other: TestShop;
let memberId: string;
let customerId: string;
let cardUrl: string;
let pass: HeldPass;
let phone: WalletDevice;

beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem('stampwell_worker', 24);
  edge = await startEdge();
  shop = await makeShop();
  other = await makeShop();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
});
beforeEach(async () => {
  ({ memberId, customerId, cardUrl } = await makeMember(shop, { name: 'Ada Lovelace' }));
  pass = await holdPass(cardUrl, wallets.pems.root);
  phone = createDevice(edge);
  await phone.register(pass);
});
afterEach(() => setClockOffsetMs(0));

const here = (where = shop) => ({ shopId: where.shopId, memberId });
const shown = async (held = pass, device = phone) => conformantPass((await device.get(held)).body, wallets.pems.root);
const stateNow = async () => (await withShop(shop.shopId, (tx) => readMember(tx, memberId))).state;

const sell = (body: Record<string, unknown>) => sellAt(shop, body);

describe('the same link on a new phone', () => {
  it('gives the same pass, and both phones are kept up to date', async () => {
    const again = await holdPass(cardUrl, wallets.pems.root);
    expect(again).toMatchObject({ serial: pass.serial, token: pass.token });
    const newPhone = createDevice(edge);
    expect(await newPhone.register(again)).toBe(201);
    await sell(orderBody({ customer: { id: Number(customerId) } }));
    for (const device of [phone, newPhone]) {
      expect((await device.list())?.serialNumbers).toEqual([pass.serial]);
      expect(fieldOf(await shown(pass, device), 'stamps')).toBe('1 / 10');
    }
    expect(await phone.unregister(pass)).toBe(200);
    expect((await newPhone.list())?.serialNumbers).toEqual([pass.serial]);
  });

  it('makes one pass for each wallet however many ask at once', async () => {
    const token = tokenOf(cardUrl);
    await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        index % 2 === 0 ? downloadApplePass({ token }) : issueGooglePass({ token }),
      ),
    );
    expect((await passesOf(system, memberId)).map(({ wallet, state }) => [wallet, state])).toEqual([
      ['apple', 'active'],
      ['google', 'active'],
    ]);
  });
});

describe('a frozen card', () => {
  it('is greyed out with a sentence in both wallets, keeps its balance, and is good again afterwards', async () => {
    await issueGooglePass({ token: tokenOf(cardUrl) });
    const google = (await passesOf(system, memberId)).find(({ wallet }) => wallet === 'google')?.serial ?? '';
    const objectNow = () => wallets.google.objectById(`${wallets.google.issuerId}.${google}`);
    await sell(orderBody({ customer: { id: Number(customerId) } }));
    const before = await balancesOf(system, memberId);
    expect(await freezeCard({ ...here(), ...shopper })).toEqual({ kind: 'frozen', memberId });
    await tellWallets(system, shop, memberId);
    expect((await phone.list())?.serialNumbers).toEqual([pass.serial]);
    const frozen = await shown();
    expect(frozen.passJson['voided']).toBe(true);
    expect(fieldOf(frozen, 'announcement')).toBe('This card is frozen. Your balance is kept.');
    expect(fieldOf(frozen, 'stamps')).toBe('1 / 10');
    expect(objectNow()).toMatchObject({ state: 'INACTIVE' });
    expect(await balancesOf(system, memberId)).toEqual(before);
    expect(await unfreezeCard({ ...here(), ...shopper })).toEqual({ kind: 'unfrozen', memberId });
    await tellWallets(system, shop, memberId);
    const good = await shown();
    expect(good.passJson['voided']).toBeUndefined();
    expect(fieldOf(good, 'announcement')).toContain('1 / 10');
    expect(objectNow()).toMatchObject({ state: 'ACTIVE' });
    expect(await cardAuditOf(system, memberId)).toEqual(['card.freeze by shopper: member', 'card.unfreeze by shopper: member']); // prettier-ignore
    expect(await verifyChain({ shopId: shop.shopId, chain: 'audit' })).toMatchObject({ firstBad: null });
  });

  it('collects nothing by a scan, what was scanned before still counts, and its owner still collects by name', async () => {
    const code = await cardCodeOf(shop, memberId);
    const early = saleWith(code, new Date(Date.now() - 60_000));
    await freezeCard({ ...here(), ...staff });
    await sell(saleWith(code, new Date(Date.now() + 1_000)));
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
    await sell(early);
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    await sell(orderBody({ customer: { id: Number(customerId) } }));
    expect(await balancesOf(system, memberId)).toEqual({ points: 24, stamps: 2 });
  });

  it('is frozen once, however often and at once it is asked', async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => freezeCard({ ...here(), ...shopper })));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual([...Array(4).fill('already-frozen'), 'frozen']);
    const lifted = await Promise.all(Array.from({ length: 5 }, () => unfreezeCard({ ...here(), ...shopper })));
    expect(lifted.map(({ kind }) => kind).toSorted()).toEqual([...Array(4).fill('not-frozen'), 'unfrozen']);
    expect(await cardAuditOf(system, memberId)).toHaveLength(2);
  });

  it('that staff froze, or took over, is not the member’s to lift', async () => {
    await freezeCard({ ...here(), ...shopper });
    expect((await freezeCard({ ...here(), ...staff })).kind).toBe('already-frozen');
    expect((await unfreezeCard({ ...here(), ...shopper })).kind).toBe('by-staff');
    expect(await stateNow()).toBe('frozen');
    expect((await freezeCard({ ...here(), ...shopper })).kind).toBe('already-frozen');
    expect((await unfreezeCard({ ...here(), ...shopper })).kind).toBe('by-staff');
    expect((await unfreezeCard({ ...here(), ...staff })).kind).toBe('unfrozen');
    expect(await cardAuditOf(system, memberId)).toEqual([
      'card.freeze by shopper: member',
      'card.freeze by staff:1: staff',
      'card.unfreeze by staff:1: staff',
    ]);
  });

  it('stays as it is whatever another shop asks, and for people who are gone', async () => {
    await expect(freezeCard({ ...here(other), ...staff })).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await stateNow()).toBe('active');
    await freezeCard({ ...here(), ...staff });
    await expect(unfreezeCard({ ...here(other), ...staff })).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await stateNow()).toBe('frozen');
    await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: Number(customerId) }));
    for (const change of [freezeCard, unfreezeCard])
      await expect(change({ ...here(), ...staff })).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await stateNow()).toBe('erased');
  });
});
