import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { restRing } from '#app/data/system/call-ring.ts';
import { withShop } from '#app/data/tenancy.ts';
import { toBlankGoogleObject } from '#app/domain/cards/google-pass.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { syncGoogleClass } from '#app/flows/cards/sync-google-class.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import {
  addPoints,
  callsOf as callsAt,
  endRest,
  type GoogleCardHolder,
  isInHand,
  makeHolder,
  runGoogleJobs,
} from '#test/support/google-cards.ts';
import { until } from '#test/support/local-postgres.ts';
import { redactBody, settleCase } from '#test/support/privacy.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem('stampwell_worker', 24);
});
afterAll(async () => {
  await system.close();
  await wallets.close();
});
beforeEach(async () => {
  shop = await makeShop();
  await endRest(system);
});

const hold = () => makeHolder({ system, google: wallets.google }, shop);
const sync = ({ passId }: GoogleCardHolder) => syncGooglePass({ shopId: shop.shopId, passId, isBulk: false });
const callsOf = (work: () => Promise<unknown>) => callsAt(wallets.google, work);

describe('a save link', () => {
  it('G5: brings the whole card along without a call when Google takes none, and Google makes it from that', async () => {
    await hold();
    const { cardUrl, memberId } = await makeMember(shop, { name: 'Ada Lovelace' });
    await addPoints({ shop, memberId }, 12);
    await restRing({ ring: `google:${wallets.google.issuerId}`, perSecond: 20 }, 60_000);
    let saveUrl = '';
    const asked = callsOf(
      async () => ({ saveUrl } = await issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' })),
    );
    expect(await asked).toEqual([]);
    expect((saveUrl.split('/').at(-1) ?? '').length).toBeLessThanOrEqual(1_800);
    const { objects } = await wallets.google.openSaveLink(saveUrl);
    expect(objects).toEqual([expect.objectContaining({ state: 'ACTIVE', secondaryLoyaltyPoints: { label: 'Points', balance: { int: 12 } } })]); // prettier-ignore
    expect(await system.sql('select is_from_link from google_object where state = $1 and is_from_link', ['offered'])).toHaveLength(1); // prettier-ignore
  });

  it('G5: brings it along when Google is down, and never the key of a changing barcode', async () => {
    await withShop(shop.shopId, (tx) =>
      insertCardDesign(tx, shop.programId, {
        design: { ...starterDesign('Rota'), googleBarcode: 'rotating' },
        at: new Date(),
      }),
    );
    await syncGoogleClass({ shopId: shop.shopId, programId: shop.programId });
    const { cardUrl } = await makeMember(shop);
    wallets.google.fail({ kind: 'reset', times: 1 });
    const { saveUrl } = await issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' });
    const { objects } = await wallets.google.openSaveLink(saveUrl);
    expect(objects[0]).toHaveProperty('barcode');
    expect(JSON.stringify(objects)).not.toContain('totpDetails');
  });

  it('asks to come back when Google is down and has never seen the design', async () => {
    const { cardUrl } = await makeMember(shop);
    wallets.google.fail({ kind: 'status', status: 503, times: 1 });
    await expect(issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' })).rejects.toMatchObject({
      code: 'google-wallet-unavailable',
      publicMessage: expect.stringContaining('try again'),
    });
  });

  it('is given to ten who tap at once, with one object', async () => {
    await hold();
    const { cardUrl, memberId } = await makeMember(shop);
    const token = cardUrl.split('/').at(-1) ?? '';
    const links = await Promise.all(Array.from({ length: 10 }, () => issueGooglePass({ token })));
    const opened = await Promise.all(links.map(({ saveUrl }) => wallets.google.openSaveLink(saveUrl)));
    expect(new Set(opened.map(({ objects }) => objects[0]?.['id'])).size).toBe(1);
    expect(await system.sql(`select 1 from pass where member_id = $1 and wallet = 'google'`, [memberId])).toHaveLength(
      1,
    );
  });
});

it('G5: a design Google has never seen is brought by whoever taps while the first to tap is still at it', async () => {
  const { cardUrl } = await makeMember(shop);
  const token = cardUrl.split('/').at(-1) ?? '';
  const release = Promise.withResolvers<undefined>();
  wallets.google.fail({ kind: 'held', until: release.promise, times: 1 });
  const before = wallets.google.callTimes.length;
  const first = issueGooglePass({ token });
  await until(() => wallets.google.callTimes.length > before, 10_000);
  const { saveUrl } = await issueGooglePass({ token });
  release.resolve(undefined);
  const opened = await Promise.all([saveUrl, (await first).saveUrl].map((url) => wallets.google.openSaveLink(url)));
  expect(opened[0]?.objects[0]?.['id']).toBe(opened[1]?.objects[0]?.['id']);
});

describe('an erased member', () => {
  it('G10: leaves an object whose every personal field is blank, by a full replacement', async () => {
    const holder = await hold();
    await addPoints(holder, 77);
    await runGoogleJobs(system, shop.shopId);
    const classId = String(holder.object()?.['classId']);
    await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: holder.customerId }));
    expect(holder.object()).toEqual(toBlankGoogleObject({ objectId: holder.objectId, classId }));
    const puts = wallets.google.requests.filter(
      ({ method, path }) => method === 'PUT' && path.endsWith(holder.objectId),
    );
    expect(puts.length).toBeGreaterThan(0);
    await runGoogleJobs(system, shop.shopId);
    expect(holder.object()).toEqual(toBlankGoogleObject({ objectId: holder.objectId, classId }));
    expect(JSON.stringify(holder.object())).not.toMatch(/Adelheid|Lovelace|L1\./);
    expect(holder.object()).toMatchObject({ accountName: '', textModulesData: [] });
  });

  it('G10: stays blank when the erasure overtakes what was being sent', async () => {
    const holder = await hold();
    await addPoints(holder, 8);
    const held = Promise.withResolvers<void>();
    wallets.google.fail({ kind: 'held', until: held.promise, times: 1 });
    const sending = sync(holder);
    await until(() => isInHand(system, holder), 10_000);
    await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: holder.customerId }));
    held.resolve();
    await sending;
    await runGoogleJobs(system, shop.shopId);
    expect(holder.object()).toMatchObject({ state: 'INACTIVE', accountName: '', textModulesData: [] });
    expect(JSON.stringify(holder.object())).not.toMatch(/Adelheid|Lovelace/);
  });
});
