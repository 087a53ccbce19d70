import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { noteProblem } from '#app/data/cards/freshness.ts';
import { withShop } from '#app/data/tenancy.ts';
import { retryAllPasses, retryPass, retryPasses } from '#app/flows/cards/retry-passes.ts';
import { waitingJobs } from '#test/support/campaigns.ts';
import { putOnPhone, touch } from '#test/support/cards-on-phones.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
beforeEach(async () => {
  shop = await makeShop();
});

describe('a retry', () => {
  const jobsOf = async () => ({
    regenerate: (await waitingJobs(shop.shopId, 'regenerate-pass')).length,
    push: (await waitingJobs(shop.shopId, 'push-apple')).length,
  });

  it('of one card draws it and tells its phones again, and is on record', async () => {
    const card = await putOnPhone(system, shop);
    await touch(card);
    await withShop(shop.shopId, (tx) => noteProblem(tx, card.passId, 'apns-unavailable'));
    await system.sql('update device_registration set last_pushed_version = 2 where pass_id = $1', [card.passId]);
    await system.sql('delete from outbox where shop_id = $1', [shop.shopId]);
    await retryPass({ shopId: shop.shopId, passId: card.passId, actor: 'staff:7' });
    expect(await jobsOf()).toEqual({ regenerate: 1, push: 1 });
    const [row] = await system.sql<{ last_pushed_version: string }>(
      'select last_pushed_version from device_registration where pass_id = $1',
      [card.passId],
    );
    expect(Number(row?.last_pushed_version)).toBe(1);
    const audits = await system.sql<{ actor: string; action: string }>(
      `select actor, action from audit_record where shop_id = $1 and action like 'pass.%'`,
      [shop.shopId],
    );
    expect(audits).toEqual([{ actor: 'staff:7', action: 'pass.retry' }]);
  });

  it('of all goes slice by slice, in bulk, and leaves out what no phone carries', async () => {
    const [wanted, removed] = [await putOnPhone(system, shop), await putOnPhone(system, shop)];
    for (const card of [wanted, removed]) await touch(card);
    await system.sql('delete from device_registration where pass_id = $1', [removed.passId]);
    await system.sql('delete from outbox where shop_id = $1', [shop.shopId]);
    await retryAllPasses({ shopId: shop.shopId, actor: 'staff:7' });
    expect(await waitingJobs(shop.shopId, 'retry-passes')).toEqual([{ shopId: shop.shopId, after: null }]);
    await retryPasses({ shopId: shop.shopId, after: null });
    expect(await waitingJobs(shop.shopId, 'push-apple')).toEqual([
      { shopId: shop.shopId, passId: wanted.passId, isBulk: true },
    ]);
  });

  it('of another shop’s card is refused, and finds nothing among all of them', async () => {
    const card = await putOnPhone(system, shop);
    await touch(card);
    const other = await makeShop();
    for (const passId of [card.passId, 'nonsense'])
      await expect(retryPass({ shopId: other.shopId, passId, actor: 'staff:7' })).rejects.toMatchObject({
        name: 'NotFound',
      });
    await retryPasses({ shopId: other.shopId, after: null });
    expect(await waitingJobs(other.shopId, 'push-apple')).toEqual([]);
  });
});
