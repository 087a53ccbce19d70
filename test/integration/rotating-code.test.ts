import { createHmac } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { cardNoteName } from '#app/contracts/card-note.ts';
import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { currentCode } from '#app/data/cards/rotating-codes.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { numberOf, rotatingPeriodMs, stepAt } from '#app/domain/cards/rotating-code.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { findCardMember } from '#app/flows/members/find-card-member.ts';
import { cardPage } from '#app/queries/card-page.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { type GoogleCardHolder, makeHolder } from '#test/support/google-cards.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem();
  shop = await makeShop();
  await withShop(shop.shopId, (tx) =>
    insertCardDesign(tx, shop.programId, {
      design: { ...starterDesign('Rota'), googleBarcode: 'rotating' },
      at: new Date(),
    }),
  );
});
afterAll(async () => {
  await system.close();
  await wallets.close();
});

type Told = { valuePattern: string; totpDetails: { parameters: { key: string }[] } };

/** What the phone shows: made from nothing but what Google was told. */
function shownBy(holder: GoogleCardHolder, at: Date): string {
  const told = holder.object()?.['rotatingBarcode'] as Told | undefined;
  if (told === undefined) throw new Error('Google was told of no changing barcode');
  const { valuePattern, totpDetails } = told;
  const key = Buffer.from(totpDetails.parameters[0]?.key ?? '', 'hex');
  const number = numberOf(stepAt(at), (counter) => createHmac('sha1', key).update(counter).digest());
  return valuePattern
    .replace('{totp_timestamp_seconds}', String(Math.floor(at.getTime() / 1_000)))
    .replace('{totp_value_0}', number);
}

const hold = () => makeHolder({ system, google: wallets.google }, shop);
const scan = (code: string, own = shop) => findCardMember({ shopId: own.shopId, code });
/** In the middle of the half minute that is so many away from now. */
const stepFromNow = (steps: number) => new Date((stepAt(new Date()) + steps) * rotatingPeriodMs + rotatingPeriodMs / 2);

describe('the code on the card page', () => {
  const fixedCode = (text: string) => text.startsWith('L1.');
  const shownTo = async (cardUrl: string) => (await cardPage(cardUrl.split('/').at(-1) ?? '')).content.barcodeValue;

  it('F38 changes every half minute, and works once, whatever the shop chose for its cards', async () => {
    const plain = await makeShop();
    const { memberId, cardUrl } = await makeMember(plain);
    const code = await shownTo(cardUrl);
    expect(fixedCode(code)).toBe(false);
    const scans = await Promise.allSettled(Array.from({ length: 5 }, () => scan(code, plain)));
    expect(scans.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))).toEqual([memberId]);
    await expect(scan(code, plain)).rejects.toMatchObject({ code: 'card-code-over' });
    const keys = await withShop(plain.shopId, readShopKeys);
    const cardId = code.split('.')[1] ?? '';
    const next = currentCode(keys, cardId, stepFromNow(1));
    expect(next).not.toBe(code);
    expect(await scan(next, plain)).toBe(memberId);
  });

  it('F38 photographed and shown a minute and a half later opens nothing, and the page holds no other one', async () => {
    const { shopId, ...plain } = await makeShop();
    const { cardUrl } = await makeMember({ shopId, ...plain });
    const page = await cardPage(cardUrl.split('/').at(-1) ?? '');
    const keys = await withShop(shopId, readShopKeys);
    const old = currentCode(keys, page.content.barcodeValue.split('.')[1] ?? '', new Date(Date.now() - 90_000));
    await expect(scan(old, { shopId, ...plain })).rejects.toMatchObject({ code: 'card-code-over' });
    expect(JSON.stringify(page)).not.toContain('L1.');
  });
});

describe('a changing code at the till', () => {
  it('names the member now, and a half minute before or after', async () => {
    const holder = await hold();
    // The clock stands still in the middle of a half minute: the next one would begin between showing and scanning.
    vi.useFakeTimers({ toFake: ['Date'], now: stepFromNow(0) });
    try {
      for (const steps of [-1, 0, 1]) expect(await scan(shownBy(holder, stepFromNow(steps)))).toBe(holder.memberId);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is refused when it is older or newer, with a word for the till', async () => {
    const holder = await hold();
    for (const steps of [-3, 3, -2_880])
      await expect(scan(shownBy(holder, stepFromNow(steps)))).rejects.toMatchObject({
        code: 'card-code-over',
        publicMessage: expect.stringContaining('scan the new code'),
      });
  });

  it('is good for one scan, also when five tills scan it at once, and never after a later one', async () => {
    const holder = await hold();
    const code = shownBy(holder, new Date());
    const scans = await Promise.allSettled(Array.from({ length: 5 }, () => scan(code)));
    expect(scans.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(scan(code)).rejects.toMatchObject({ code: 'card-code-over' });
    await expect(scan(shownBy(holder, stepFromNow(-1)))).rejects.toMatchObject({ code: 'card-code-over' });
  });

  it('is nobody’s with a wrong number, of another card, or in another shop', async () => {
    const [holder, other] = [await hold(), await hold()];
    const code = shownBy(holder, new Date());
    const wrong = code.replace(/\d{8}$/, (number) => String((Number(number) + 1) % 10 ** 8).padStart(8, '0'));
    const swapped = [...shownBy(other, new Date()).split('.').slice(0, 3), code.split('.')[3]].join('.');
    for (const forged of [wrong, swapped])
      await expect(scan(forged)).rejects.toMatchObject({ code: 'member-not-found' });
    await expect(scan(code, await makeShop())).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await scan(code)).toBe(holder.memberId);
  });

  it('lets the sale it was scanned for earn, however late its news arrives', async () => {
    const holder = await hold();
    const code = shownBy(holder, new Date(Date.now() - 3_600_000));
    await deliver(shop, 'orders/paid', orderBody({ note_attributes: [{ name: cardNoteName, value: code }] }));
    await drain(shop);
    expect(await balancesOf(system, holder.memberId)).toMatchObject({ points: 12 });
  });
});
