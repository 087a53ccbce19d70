/** A lost card is replaced: what becomes of the old one, and of what was on it. */
import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { readMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { listMemberPasses } from '#app/flows/cards/list-member-passes.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { findCardMember } from '#app/flows/members/find-card-member.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { cardCodeOf } from '#test/support/extensions.ts';
import { setCardStage } from '#test/support/held-card.ts';
import { balancesOf, deliver, drain, makeMember, orderBody } from '#test/support/factories.ts';
import { cardAuditOf, passesOf, saleWith, tellWallets, tokenOf } from '#test/support/lost-cards.ts';
import { redactBody, settleCase } from '#test/support/privacy.ts';
import { fieldOf, holdPass } from '#test/support/wallet-device.ts';
import { mergeBody } from '#test/support/merging.ts';

const dayMs = 24 * 3_600_000;
const staff = { by: 'staff', actor: 'staff:1' } as const;

const stage = setCardStage();
const { here, shown, sell } = stage;

const reissue = (ifGeneration: number | null = null) => reissueCard({ ...here(), actor: 'staff:1', ifGeneration });

describe('a replaced card', () => {
  it('has a new serial, code and link; the old one is void on the phone and says nothing of the new', async () => {
    await issueGooglePass({ token: tokenOf(stage.cardUrl) });
    await sell(orderBody({ customer: { id: Number(stage.customerId) } }));
    const oldCode = await cardCodeOf(stage.shop, stage.memberId);
    const before = await balancesOf(stage.system, stage.memberId);
    const { kind, cardUrl: newUrl } = await reissue();
    expect(kind).toBe('reissued');
    await tellWallets(stage.system, stage.shop, stage.memberId);
    const held = await holdPass(newUrl, stage.wallets.pems.root);
    expect(held.serial).not.toBe(stage.pass.serial);
    const newCode = await cardCodeOf(stage.shop, stage.memberId);
    expect(newCode).not.toBe(oldCode);
    expect((await stage.phone.list())?.serialNumbers).toEqual([stage.pass.serial]);
    const old = await shown();
    expect(old.passJson).toMatchObject({ voided: true, serialNumber: stage.pass.serial });
    const said = JSON.stringify(old.passJson);
    for (const secret of [newCode, tokenOf(newUrl), held.serial, held.token, 'Ada', '1 / 10'])
      expect(said).not.toContain(secret);
    const fresh = await shown(held);
    expect(fresh.passJson['voided']).toBeUndefined();
    expect(fieldOf(fresh, 'stamps')).toBe('1 / 10');
    expect(JSON.stringify(fresh.passJson)).toContain(newCode);
    const googles = (await passesOf(stage.system, stage.memberId)).filter(({ wallet }) => wallet === 'google');
    const objects = googles.map(({ serial }) =>
      stage.wallets.google.objectById(`${stage.wallets.google.issuerId}.${serial}`),
    );
    expect(objects).toMatchObject([{ state: 'INACTIVE', accountName: '' }]);
    expect(await balancesOf(stage.system, stage.memberId)).toEqual(before);
    expect(await cardAuditOf(stage.system, stage.memberId)).toEqual(['card.reissue by staff:1: card 2']);
  });

  it('cannot be scanned or opened any more, but a sale scanned before still counts', async () => {
    const oldCode = await cardCodeOf(stage.shop, stage.memberId);
    const early = saleWith(oldCode, new Date(Date.now() - 60_000));
    const { cardUrl: newUrl } = await reissue();
    await expect(findCardMember({ shopId: stage.shop.shopId, code: oldCode })).rejects.toMatchObject({
      code: 'card-replaced',
    });
    await sell(saleWith(oldCode, new Date(Date.now() + 1_000)));
    expect(await balancesOf(stage.system, stage.memberId)).toEqual({ points: 0, stamps: 0 });
    await sell(early);
    expect(await balancesOf(stage.system, stage.memberId)).toEqual({ points: 12, stamps: 1 });
    expect(
      await findCardMember({ shopId: stage.shop.shopId, code: await cardCodeOf(stage.shop, stage.memberId) }),
    ).toBe(stage.memberId);
    for (const open of [downloadApplePass, issueGooglePass])
      await expect(open({ token: tokenOf(stage.cardUrl) })).rejects.toMatchObject({ code: 'link-replaced' });
    await downloadApplePass({ token: tokenOf(newUrl) });
  });

  it('is replaced once for each card that is meant, however often and at once it is asked', async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => reissue(0)));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual([...Array(4).fill('already-reissued'), 'reissued']);
    expect(new Set(outcomes.map((outcome) => outcome.cardUrl)).size).toBe(1);
    expect((await reissue(0)).kind).toBe('already-reissued');
    expect((await reissue(1)).kind).toBe('reissued');
    expect((await passesOf(stage.system, stage.memberId)).map(({ state }) => state)).toEqual([
      'void',
      'void',
      'active',
    ]);
    expect(await cardAuditOf(stage.system, stage.memberId)).toHaveLength(2);
    // Of all links that ever were, one opens the card.
    await expect(downloadApplePass({ token: tokenOf(outcomes[0]?.cardUrl ?? '') })).rejects.toMatchObject({
      code: 'link-replaced',
    });
  });

  it('leaves one live pass for each wallet, whoever downloads at that moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { cardUrl: url } = await reissueCard({ ...here(), actor: 'staff:1', ifGeneration: null });
      const token = tokenOf(url);
      const outcomes = await Promise.allSettled([
        downloadApplePass({ token }),
        issueGooglePass({ token }),
        reissue(),
        downloadApplePass({ token }),
      ]);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'link-replaced' });
    }
    const live = (await passesOf(stage.system, stage.memberId)).filter(({ state }) => state === 'active');
    expect(live.map(({ wallet }) => wallet).toSorted().filter((wallet, index, all) => all.indexOf(wallet) !== index)).toEqual([]); // prettier-ignore
    const { cardGeneration } = await withShop(stage.shop.shopId, (tx) => readMember(tx, stage.memberId));
    expect(cardGeneration).toBe(10);
  });

  it('stays frozen when it was, and is left alone by other shops and for people who are gone', async () => {
    await freezeCard({ ...here(), ...staff });
    await expect(reissueCard({ ...here(stage.other), actor: 'staff:1', ifGeneration: null })).rejects.toMatchObject({
      code: 'member-not-found',
    });
    const { cardUrl: newUrl } = await reissue();
    const held = await holdPass(newUrl, stage.wallets.pems.root);
    expect((await shown(held)).passJson['voided']).toBe(true);
    await settleCase(
      stage.system,
      stage.shop,
      'customers/redact',
      redactBody(stage.shop, { id: Number(stage.customerId) }),
    );
    expect(await stage.system.sql('select 1 from retired_card where member_id = $1', [stage.memberId])).toEqual([]);
    await expect(reissue()).rejects.toMatchObject({ code: 'member-not-found' });
    expect((await passesOf(stage.system, stage.memberId)).every(({ state }) => state === 'void')).toBe(true);
  });

  it('is handed out greyed for a month, then not at all, and is no longer moved by what the member does', async () => {
    const { cardUrl: newUrl } = await reissue();
    expect((await stage.phone.get(stage.pass)).status).toBe(200);
    await sell(orderBody({ customer: { id: Number(stage.customerId) } }));
    expect((await shown(await holdPass(newUrl, stage.wallets.pems.root))).passJson['voided']).toBeUndefined();
    setClockOffsetMs(31 * dayMs);
    expect((await stage.phone.get(stage.pass)).status).toBe(401);
    await stage.system.sql(`update pass set voided_at = now() - interval '31 days' where serial = $1`, [
      stage.pass.serial,
    ]);
    const versionOf = () => stage.system.sql('select version from pass where serial = $1', [stage.pass.serial]);
    const version = await versionOf();
    await sell(orderBody({ customer: { id: Number(stage.customerId) } }));
    expect(await versionOf()).toEqual(version);
  });

  it('is told apart where passes are listed: the void one leads nowhere', async () => {
    await reissue();
    const { passes } = await listMemberPasses(stage.shop.shopId, stage.memberId, { isTokenShown: false });
    expect(passes.map(({ state, downloadUrl }) => [state, downloadUrl === null])).toEqual([
      ['active', false],
      ['void', true],
    ]);
  });

  it('refuses a code or link that was made up for it', async () => {
    const forged = stage.cardUrl.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'));
    await reissue();
    await expect(downloadApplePass({ token: tokenOf(forged) })).rejects.toMatchObject({ code: 'link-invalid' });
    await expect(findCardMember({ shopId: stage.shop.shopId, code: `L1.${randomUUID().replaceAll('-', '').slice(0, 22)}.AAAAAAAAAA` })).rejects.toMatchObject({ code: 'member-not-found' }); // prettier-ignore
  });

  it('of two customers that Shopify made one ends the links and codes of both, after both opened one card', async () => {
    const kept = await makeMember(stage.shop);
    const codes = [await cardCodeOf(stage.shop, stage.memberId), await cardCodeOf(stage.shop, kept.memberId)];
    await deliver(stage.shop, 'customers/merge', mergeBody(stage.customerId, kept.customerId));
    await drain(stage.shop);
    const [one, two] = [
      await holdPass(stage.cardUrl, stage.wallets.pems.root),
      await holdPass(kept.cardUrl, stage.wallets.pems.root),
    ];
    expect(one.serial).toBe(two.serial);
    expect(one.serial).not.toBe(stage.pass.serial);
    await reissue();
    for (const url of [stage.cardUrl, kept.cardUrl])
      await expect(downloadApplePass({ token: tokenOf(url) })).rejects.toMatchObject({ code: 'link-replaced' });
    for (const code of codes)
      await expect(findCardMember({ shopId: stage.shop.shopId, code })).rejects.toMatchObject({
        code: 'card-replaced',
      });
  });
});
