/** Sharing and loss: the same card on another phone, and a card that is frozen. */

import { describe, expect, it } from 'vitest';

import { readMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { cardCodeOf } from '#test/support/extensions.ts';
import { setCardStage } from '#test/support/held-card.ts';
import { balancesOf, orderBody } from '#test/support/factories.ts';
import { cardAuditOf, passesOf, saleWith, tellWallets, tokenOf } from '#test/support/lost-cards.ts';
import { redactBody, settleCase } from '#test/support/privacy.ts';
import { createDevice, fieldOf, holdPass } from '#test/support/wallet-device.ts';

const staff = { by: 'staff', actor: 'staff:1' } as const;
const shopper = { by: 'member', actor: 'shopper' } as const;

const stage = setCardStage();
const { here, shown, sell } = stage;

const stateNow = async () => (await withShop(stage.shop.shopId, (tx) => readMember(tx, stage.memberId))).state;

describe('the same link on a new phone', () => {
  it('gives the same pass, and both phones are kept up to date', async () => {
    const again = await holdPass(stage.cardUrl, stage.wallets.pems.root);
    expect(again).toMatchObject({ serial: stage.pass.serial, token: stage.pass.token });
    const newPhone = createDevice(stage.edge);
    expect(await newPhone.register(again)).toBe(201);
    await sell(orderBody({ customer: { id: Number(stage.customerId) } }));
    for (const device of [stage.phone, newPhone]) {
      expect((await device.list())?.serialNumbers).toEqual([stage.pass.serial]);
      expect(fieldOf(await shown(stage.pass, device), 'stamps')).toBe('1 / 10');
    }
    expect(await stage.phone.unregister(stage.pass)).toBe(200);
    expect((await newPhone.list())?.serialNumbers).toEqual([stage.pass.serial]);
  });

  it('makes one pass for each wallet however many ask at once', async () => {
    const token = tokenOf(stage.cardUrl);
    await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        index % 2 === 0 ? downloadApplePass({ token }) : issueGooglePass({ token }),
      ),
    );
    expect((await passesOf(stage.system, stage.memberId)).map(({ wallet, state }) => [wallet, state])).toEqual([
      ['apple', 'active'],
      ['google', 'active'],
    ]);
  });
});

describe('a frozen card', () => {
  it('is greyed out with a sentence in both wallets, keeps its balance, and is good again afterwards', async () => {
    await issueGooglePass({ token: tokenOf(stage.cardUrl) });
    const google =
      (await passesOf(stage.system, stage.memberId)).find(({ wallet }) => wallet === 'google')?.serial ?? '';
    const objectNow = () => stage.wallets.google.objectById(`${stage.wallets.google.issuerId}.${google}`);
    await sell(orderBody({ customer: { id: Number(stage.customerId) } }));
    const before = await balancesOf(stage.system, stage.memberId);
    expect(await freezeCard({ ...here(), ...shopper })).toEqual({ kind: 'frozen', memberId: stage.memberId });
    await tellWallets(stage.system, stage.shop, stage.memberId);
    expect((await stage.phone.list())?.serialNumbers).toEqual([stage.pass.serial]);
    const frozen = await shown();
    expect(frozen.passJson['voided']).toBe(true);
    expect(fieldOf(frozen, 'announcement')).toBe('This card is frozen. Your balance is kept.');
    expect(fieldOf(frozen, 'stamps')).toBe('1 / 10');
    expect(objectNow()).toMatchObject({ state: 'INACTIVE' });
    expect(await balancesOf(stage.system, stage.memberId)).toEqual(before);
    expect(await unfreezeCard({ ...here(), ...shopper })).toEqual({ kind: 'unfrozen', memberId: stage.memberId });
    await tellWallets(stage.system, stage.shop, stage.memberId);
    const good = await shown();
    expect(good.passJson['voided']).toBeUndefined();
    expect(fieldOf(good, 'announcement')).toContain('1 / 10');
    expect(objectNow()).toMatchObject({ state: 'ACTIVE' });
    expect(await cardAuditOf(stage.system, stage.memberId)).toEqual(['card.freeze by shopper: member', 'card.unfreeze by shopper: member']); // prettier-ignore
    expect(await verifyChain({ shopId: stage.shop.shopId, chain: 'audit' })).toMatchObject({ firstBad: null });
  });

  it('collects nothing by a scan, what was scanned before still counts, and its owner still collects by name', async () => {
    const code = await cardCodeOf(stage.shop, stage.memberId);
    const early = saleWith(code, new Date(Date.now() - 60_000));
    await freezeCard({ ...here(), ...staff });
    await sell(saleWith(code, new Date(Date.now() + 1_000)));
    expect(await balancesOf(stage.system, stage.memberId)).toEqual({ points: 0, stamps: 0 });
    await sell(early);
    expect(await balancesOf(stage.system, stage.memberId)).toEqual({ points: 12, stamps: 1 });
    await sell(orderBody({ customer: { id: Number(stage.customerId) } }));
    expect(await balancesOf(stage.system, stage.memberId)).toEqual({ points: 24, stamps: 2 });
  });

  it('is frozen once, however often and at once it is asked', async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => freezeCard({ ...here(), ...shopper })));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual([...Array(4).fill('already-frozen'), 'frozen']);
    const lifted = await Promise.all(Array.from({ length: 5 }, () => unfreezeCard({ ...here(), ...shopper })));
    expect(lifted.map(({ kind }) => kind).toSorted()).toEqual([...Array(4).fill('not-frozen'), 'unfrozen']);
    expect(await cardAuditOf(stage.system, stage.memberId)).toHaveLength(2);
  });

  it('that staff froze, or took over, is not the member’s to lift', async () => {
    await freezeCard({ ...here(), ...shopper });
    expect((await freezeCard({ ...here(), ...staff })).kind).toBe('already-frozen');
    expect((await unfreezeCard({ ...here(), ...shopper })).kind).toBe('by-staff');
    expect(await stateNow()).toBe('frozen');
    expect((await freezeCard({ ...here(), ...shopper })).kind).toBe('already-frozen');
    expect((await unfreezeCard({ ...here(), ...shopper })).kind).toBe('by-staff');
    expect((await unfreezeCard({ ...here(), ...staff })).kind).toBe('unfrozen');
    expect(await cardAuditOf(stage.system, stage.memberId)).toEqual([
      'card.freeze by shopper: member',
      'card.freeze by staff:1: staff',
      'card.unfreeze by staff:1: staff',
    ]);
  });

  it('stays as it is whatever another shop asks, and for people who are gone', async () => {
    await expect(freezeCard({ ...here(stage.other), ...staff })).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await stateNow()).toBe('active');
    await freezeCard({ ...here(), ...staff });
    await expect(unfreezeCard({ ...here(stage.other), ...staff })).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await stateNow()).toBe('frozen');
    await settleCase(
      stage.system,
      stage.shop,
      'customers/redact',
      redactBody(stage.shop, { id: Number(stage.customerId) }),
    );
    for (const change of [freezeCard, unfreezeCard])
      await expect(change({ ...here(), ...staff })).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await stateNow()).toBe('erased');
  });
});
