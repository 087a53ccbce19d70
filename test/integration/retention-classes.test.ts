/** Each class of data is kept for its period and not longer. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { retentionClasses } from '#app/data/privacy/retention.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { publishCardDesign } from '#app/flows/cards/publish-card-design.ts';
import { saveCardDraft } from '#app/flows/cards/save-card-draft.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { privacyPage } from '#app/queries/privacy-page.ts';
import { makeFilledShop } from '#test/support/every-table.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { logoPicture } from '#test/support/logo-files.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

describe('retention', () => {
  /** How a row of each class comes to be of an age, and how it is counted. */
  const classes: Record<keyof typeof retentionClasses, { age: string; count: string }> = {
    'applied deliveries': {
      age: 'update inbox set received_at = $2 where shop_id = $1',
      count: `select 1 from inbox where shop_id = $1 and state = 'done'`,
    },
    'quarantined bodies': {
      age: `update inbox set state = 'quarantined', received_at = $2 where shop_id = $1`,
      count: 'select 1 from inbox where shop_id = $1',
    },
    'parked deliveries': {
      age: `update inbox set state = 'parked', received_at = $2 where shop_id = $1`,
      count: 'select 1 from inbox where shop_id = $1',
    },
    'answers to data requests': {
      age: `update erasure_case set state = 'closed', answer = '\\x00', closed_at = $2 where shop_id = $1`,
      count: 'select 1 from erasure_case where shop_id = $1 and answer is not null',
    },
    'devices of erased members': {
      age: `update pass set state = 'void', voided_at = $2 where shop_id = $1`,
      count: 'select 1 from device_registration where shop_id = $1',
    },
    'prepared passes': {
      age: 'update prepared_pass set made_at = $2 where shop_id = $1',
      count: 'select 1 from prepared_pass where shop_id = $1',
    },
    'idempotency keys': {
      age: 'update api_idempotency set created_at = $2 where shop_id = $1',
      count: 'select 1 from api_idempotency where shop_id = $1',
    },
    'counts of wrong PINs': {
      age: 'update pin_lockout set updated_at = $2 where shop_id = $1',
      count: 'select 1 from pin_lockout where shop_id = $1',
    },
    'mails to shoppers': {
      age: 'update mail_request set expires_at = $2 where shop_id = $1',
      count: 'select 1 from mail_request where shop_id = $1',
    },
    'marks of calls from Google': {
      age: 'update google_callback set expires_at = $2 where shop_id = $1',
      count: 'select 1 from google_callback where shop_id = $1',
    },
    'used half minutes of card codes': {
      age: 'update card_step set step = extract(epoch from $2::timestamptz) / 30 where shop_id = $1',
      count: 'select 1 from card_step where shop_id = $1',
    },
    'logos never published': {
      age: 'update shop_image set created_at = $2 where shop_id = $1',
      count: 'select 1 from shop_image where shop_id = $1',
    },
    'who got a message': {
      age: 'update campaign set withdrawn_at = $2 where shop_id = $1',
      count: 'select 1 from campaign_recipient where shop_id = $1',
    },
    'signals of detectors': {
      age: 'update security_signal set at = $2 where shop_id = $1',
      count: 'select 1 from security_signal where shop_id = $1',
    },
    'who read which members': {
      age: 'update member_read set at = $2 where shop_id = $1',
      count: 'select 1 from member_read where shop_id = $1',
    },
    'decisions of machines': {
      age: 'update risk_decision set seen_at = $2 where shop_id = $1',
      count: 'select 1 from risk_decision where shop_id = $1',
    },
    'billing records': {
      age: 'update billing_record set issued_at = $2 where shop_id = $1',
      count: 'select 1 from billing_record where shop_id = $1',
    },
    'hours of card freshness': {
      age: 'update freshness_hour set hour = $2 where shop_id = $1',
      count: 'select 1 from freshness_hour where shop_id = $1',
    },
  };

  it.each(Object.entries(retentionClasses))('W19 keeps %s for their period and not longer', async (name, { hours }) => {
    const { age, count } = classes[name as keyof typeof retentionClasses];
    const [shop, other] = [await makeFilledShop(system), await makeFilledShop(system)];
    const rows = async (of: TestShop) => (await system.sql(count, [of.shopId])).length;
    const aged = async (byMs: number) => {
      for (const of of [shop, other])
        await system.sql(age, [of.shopId, new Date(Date.now() - hours * 3_600_000 - byMs)]);
      await purgeByRetention({ shopId: shop.shopId });
    };
    await aged(-60_000);
    expect(await rows(shop)).toBeGreaterThan(0);
    await aged(60_000);
    expect(await rows(shop)).toBe(0);
    expect(await rows(other)).toBeGreaterThan(0);
    const { retention } = await privacyPage(shop.shopId);
    expect(retention.find((entry) => entry.class === name)?.lastRun).toBeInstanceOf(Date);
  });

  it('keeps a logo for as long as a design names it, the newest, an older one or the draft', async () => {
    const shop = await makeShop();
    const [named, tried, drafted] = ['b'.repeat(64), 'c'.repeat(64), 'd'.repeat(64)];
    const picture = await logoPicture({ width: 64, height: 20 }).png().toBuffer();
    await system.sql(
      `insert into shop_image (shop_id, hash, content, width, height, created_at)
       select $1, unnest($2::text[]), $3, 64, 20, now()`,
      [shop.shopId, [named, tried, drafted], picture],
    );
    const { shopId, programId } = shop;
    for (const logoImage of [named, null])
      await publishCardDesign({ shopId, programId, design: { ...starterDesign('Shop'), logoImage }, actor: 'test' });
    const draft = { ...starterDesign('Shop'), logoImage: drafted };
    await saveCardDraft({ shopId, programId, design: draft, expectedRevision: 0, actor: 'test' });
    setClockOffsetMs(366 * 86_400_000);
    await purgeByRetention({ shopId });
    expect(await system.sql('select hash from shop_image where shop_id = $1 order by hash', [shopId])).toEqual([
      { hash: named },
      { hash: drafted },
    ]);
  });

  it('never removes an entry, a consent or an audit record, however old', async () => {
    const shop = await makeFilledShop(system);
    const count = () =>
      system.sql(
        `select (select count(*) from ledger_entry where shop_id = $1)::int as e, (select count(*) from consent_record where shop_id = $1)::int as c, (select count(*) from audit_record where shop_id = $1)::int as a`,
        [shop.shopId],
      );
    const before = await count();
    setClockOffsetMs(20 * 365 * 86_400_000);
    await purgeByRetention({ shopId: shop.shopId });
    expect(await count()).toEqual(before);
  });
});
