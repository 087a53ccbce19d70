/** What age does to keys: it is said, and two weeks later they are replaced without anybody asking. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { openMemberLink } from '#app/data/cards/card-links.ts';
import { findMembersByEmail } from '#app/data/members/profiles.ts';
import { withShop } from '#app/data/tenancy.ts';
import { createApiClient } from '#app/flows/api/create-api-client.ts';
import { renewAgedKeys } from '#app/flows/keys/renew-aged-keys.ts';
import { resealShop } from '#app/flows/keys/reseal-shop.ts';
import { now, setClockOffsetMs } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { clientTerms } from '#test/support/api-clients.ts';
import { makeMember, makeShop, openTestSystem, type TestSystem } from '#test/support/factories.ts';

const dayMs = 24 * 60 * 60_000;
let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterEach(() => setClockOffsetMs(0));
afterAll(() => system.close());

describe('keys that grew old', () => {
  const told = async (shopId: string) =>
    (
      await system.sql<{ action: string; object: string; reason: string }>(
        `select action, object, reason from audit_record where shop_id = $1 and actor = 'system' and action ~ '^(key[.](due|rotate)|api-client[.]due)' order by sequence`,
        [shopId],
      )
    ).map(({ action, object, reason }) => `${action} ${object.split(':')[0]} ${reason}`);
  const lookAfterDays = async (shopId: ShopId, days: number) => {
    setClockOffsetMs(days * dayMs);
    await renewAgedKeys({ shopId });
    await renewAgedKeys({ shopId });
  };

  it('F17 are replaced by a job after a year, two weeks after the log said so, and links that are out go on to open', async () => {
    const aged = await makeShop();
    const { shopId } = aged;
    const older = await makeMember(aged, { email: 'canary.aged@example.com' });
    await lookAfterDays(shopId, 350);
    expect(await told(shopId)).toEqual([]);
    await lookAfterDays(shopId, 352);
    // Two weeks from the look itself, which may be another day by now.
    const [look] = await system.sql<{ day: string }>(
      `select to_char(occurred_at at time zone 'UTC' + interval '14 days', 'YYYY-MM-DD') as day
       from audit_record where shop_id = $1 and action = 'key.due'`,
      [shopId],
    );
    const notices = ['key.due data-key', 'key.due link-key'].map((notice) => `${notice} replaced on ${look?.day}`);
    expect((await told(shopId)).toSorted()).toEqual(notices);
    await lookAfterDays(shopId, 365.5);
    expect(await told(shopId)).toHaveLength(2);
    await lookAfterDays(shopId, 366.1);
    expect((await told(shopId)).slice(2).toSorted()).toEqual([
      'key.rotate-data data-key a year old',
      'key.rotate-links link-key a year old',
    ]);
    const [rotation] = await system.sql<{ id: string }>('select id from key_rotation where shop_id = $1', [shopId]);
    expect(await resealShop({ shopId, rotationId: rotation?.id ?? '' })).toBe('settling');
    const cardToken = older.cardUrl.split('/').at(-1) ?? '';
    expect((await openMemberLink(cardToken, { purpose: 'card', at: now() })).memberId).toBe(older.memberId);
    expect(await withShop(shopId, (tx) => findMembersByEmail(tx, 'canary.aged@example.com'))).toEqual([older.memberId]);
  });

  it('F17 are replaced once, also by three who look after them at once', async () => {
    const { shopId } = await makeShop();
    await lookAfterDays(shopId, 352);
    // Somebody replaced the data key meanwhile, so that the link key alone is due.
    await system.sql("update shop_key set created_at = $2 where shop_id = $1 and purpose = 'data'", [shopId, now()]);
    setClockOffsetMs(367 * dayMs);
    await Promise.all(Array.from({ length: 3 }, () => renewAgedKeys({ shopId })));
    expect((await told(shopId)).slice(2)).toEqual(['key.rotate-links link-key a year old']);
  });

  it('F17 of integrations are told of once before they end, and again when they end later', async () => {
    const { shopId } = await makeShop();
    const { clientId } = await createApiClient({ shopId, actor: 'staff:1', terms: clientTerms({}), isPairwise: false });
    const endIn = (days: number) =>
      system.sql('update api_client set expires_at = $2 where id = $1', [
        clientId,
        new Date(Date.now() + days * dayMs),
      ]);
    await endIn(20);
    await lookAfterDays(shopId, 0);
    expect(await told(shopId)).toEqual([]);
    await lookAfterDays(shopId, 7);
    expect(await told(shopId)).toHaveLength(1);
    await endIn(60);
    await lookAfterDays(shopId, 50);
    expect((await told(shopId)).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
      Array.from({ length: 2 }, () => 'api-client.due api-client'),
    );
  });
});
