/** Secrets that people type: PINs and codes in mails. */
import { randomUUID } from 'node:crypto';

import { Secret, TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { addMailRequest, codeOf, findOpenMail, tryCode } from '#app/data/members/mail-requests.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { languages } from '#app/domain/members/languages.ts';
import { writeMail } from '#app/domain/members/mail-texts.ts';
import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { setPin } from '#app/flows/access/set-pin.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { newCodeSecret, stepOfCode } from '#app/lib/one-time-codes.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { letIn, testPin } from '#test/support/staff.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
  shop = await makeShop();
});
afterEach(() => setClockOffsetMs(0));
afterAll(() => system.close());

const action = 'exports.test';

describe('a PIN', () => {
  it('is not to be changed for the sake of changing: it opens what it opened ten years before', async () => {
    await letIn(shop.shopId, { userId: '1', role: 'owner', hasPin: true });
    setClockOffsetMs(3_650 * 86_400_000);
    await expect(
      requireStepUp({ shopId: shop.shopId, actor: 'staff:1', action, pin: testPin }),
    ).resolves.toBeUndefined();
  });

  it('is changed by whoever knows the one before, and then only the new one opens', async () => {
    await letIn(shop.shopId, { userId: '2', role: 'manager', hasPin: true });
    const asked = { shopId: shop.shopId, actor: 'staff:2' };
    const pin = '7306194';
    for (const current of [null, '', pin, `${testPin}0`])
      await expect(setPin({ ...asked, current, pin })).rejects.toMatchObject({ code: 'step_up_failed' });
    await setPin({ ...asked, current: testPin, pin });
    await expect(requireStepUp({ ...asked, action, pin: testPin })).rejects.toMatchObject({ code: 'step_up_failed' });
    await expect(requireStepUp({ ...asked, action, pin })).resolves.toBeUndefined();
  });
});

describe('a code in a mail', () => {
  const ask = (memberId: TestMemberId, kind: 'download-code' | 'erasure-code') =>
    withShop(shop.shopId, (tx) =>
      addMailRequest(tx, { memberId, kind, locale: 'en', address: `${randomUUID()}@example.com`, at: new Date() }),
    );
  type TestMemberId = Awaited<ReturnType<typeof makeMember>>['memberId'];

  it('answers the request it was made for, and no other: neither an earlier one nor one of another kind', async () => {
    const { memberId } = await makeMember(shop);
    const ids = [
      await ask(memberId, 'download-code'),
      await ask(memberId, 'erasure-code'),
      await ask(memberId, 'download-code'),
    ];
    const [first = '', erasure = '', second = ''] = ids.map((id) => id ?? '');
    const at = new Date();
    await withShop(shop.shopId, async (tx) => {
      const keys = await readShopKeys(tx);
      const codes = [first, erasure, second].map((id) => codeOf(keys, id));
      for (const code of codes) expect(code).toMatch(/^\d{6}$/);
      expect(new Set(codes).size).toBe(3);
      const open = await findOpenMail(tx, { memberId, kinds: ['download-code'], at });
      expect(open?.requestId).toBe(second);
      expect(await tryCode(tx, { requestId: second, code: codes[0] ?? '', at })).toBe('wrong');
      expect(await tryCode(tx, { requestId: second, code: codes[1] ?? '', at })).toBe('wrong');
      expect(await tryCode(tx, { requestId: erasure, code: codes[2] ?? '', at })).toBe('wrong');
      expect(await tryCode(tx, { requestId: second, code: codes[2] ?? '', at })).toBe('right');
    });
  });

  it('is good for ten minutes and not a second longer, whatever it is for, and says so in every language', async () => {
    const at = new Date();
    for (const kind of ['contact-code', 'download-code', 'erasure-code'] as const) {
      const { memberId } = await makeMember(shop);
      await withShop(shop.shopId, async (tx) => {
        const address = `${randomUUID()}@example.com`;
        const requestId = (await addMailRequest(tx, { memberId, kind, locale: 'en', address, at })) ?? '';
        const code = codeOf(await readShopKeys(tx), requestId);
        const tried = (ageMs: number) => tryCode(tx, { requestId, code, at: new Date(at.getTime() + ageMs) });
        expect([kind, await tried(600_000), await tried(599_999)]).toEqual([kind, 'over', 'right']);
      });
      for (const language of languages) {
        const { text } = writeMail(kind, language, { organization: 'Bluebird', url: '', code: '999999', agreed: null });
        expect([language, text.match(/\b\d+(?= minut)/gi)]).toEqual([language, ['10']]);
        expect([language, preferencePhrases[language].codeHint.match(/\b\d+/g)]).toEqual([language, ['10']]);
      }
    }
  });
});

describe('a code of an authenticator app', () => {
  it('counts in its own half minute: not a moment before it, nor after', () => {
    const secret = newCodeSecret();
    const [beginsMs, endsMs] = [1_700_000_010_000, 1_700_000_040_000];
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: beginsMs });
    const isGood = (atMs: number) => stepOfCode(secret, code, new Date(atMs)) !== null;
    expect([beginsMs, beginsMs + 15_000, endsMs - 1].map(isGood)).toEqual([true, true, true]);
    expect([beginsMs - 30_000, beginsMs - 1, endsMs, endsMs + 29_999].map(isGood)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
