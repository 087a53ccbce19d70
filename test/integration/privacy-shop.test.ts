import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { freshAccessToken } from '#app/data/shops/sessions.ts';
import { findShopKeys, markInstalled } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { balancesOf, drain, makeMember, orderBody, openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { type Edge, post, startEdge } from '#test/support/edge.ts';
import { type FilledShop, makeFilledShop } from '#test/support/every-table.ts';
import { casesOf, expectSoundChains, openCase, settleCase } from '#test/support/privacy.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let edge: Edge;
beforeAll(async () => {
  system = await openTestSystem();
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await system.close();
});

/** A shop with something in every table; roots and segments that nobody signed are left out, so that its chains verify. */
async function makeFull(): Promise<FilledShop> {
  const shop = await makeFilledShop(system);
  for (const table of ['consent_root', 'audit_segment'])
    await system.sql(`delete from ${table} where shop_id = $1`, [shop.shopId]);
  return shop;
}

const send = async (shop: FilledShop, topic: string, body: unknown) =>
  (await post(edge, { body: JSON.stringify(body), shop: shop.domain, topic })).status;
const redactShop = (shop: FilledShop) => ({ shop_id: 1, shop_domain: shop.domain });
const install = (shop: FilledShop) =>
  withShop(shop.shopId, (tx) =>
    markInstalled(tx, { name: 'Again', currency: 'USD', timeZone: 'UTC', country: 'US', scopes: '' }, new Date()),
  );

async function left(shop: FilledShop): Promise<Record<string, number>> {
  const [row] = await system.sql<Record<string, number>>(
    `select (select count(*)::int from member_profile where shop_id = $1) as profiles,
       (select count(*)::int from session where shop_id = $1) as sessions,
       (select count(*)::int from device_registration where shop_id = $1) as devices,
       (select count(*)::int from api_client where shop_id = $1) as clients,
       (select count(*)::int from shop_staff where shop_id = $1) as staff,
       (select count(*)::int from consent_key where shop_id = $1) as keys,
       (select count(*)::int from member where shop_id = $1 and (state <> 'erased' or shopify_customer_id is not null)) as members,
       (select count(*)::int from order_state where shop_id = $1 and customer_id is not null) as orders,
       (select count(*)::int from inbox where shop_id = $1 and sealed is not null) as bodies`,
    [shop.shopId],
  );
  return row ?? {};
}

const nothing = {
  profiles: 0,
  sessions: 0,
  devices: 0,
  clients: 0,
  staff: 0,
  keys: 0,
  members: 0,
  orders: 0,
  bodies: 0,
};

describe('the erasure of a shop', () => {
  it('L20 W17 removes every person and secret, destroys the key, keeps the arithmetic and the chains, and may be asked for twice', async () => {
    const shop = await makeFull();
    const other = await makeFull();
    // Of somebody who never joined, and a body that nobody could read.
    for (const order of [orderBody({ customer: { id: 940_111_222 } }), { ...orderBody(), id: null }])
      await send(shop, 'orders/paid', order);
    await drain(shop);
    const before = await balancesOf(system, shop.memberId);
    const othersBefore = await left(other);
    const sealed = await system.sql<{ email: Buffer }>('select email from member_profile where shop_id = $1', [
      shop.shopId,
    ]);
    expect(sealed.length).toBeGreaterThan(0);
    const closed = await settleCase(system, shop, 'shop/redact', redactShop(shop));
    expect(closed.state).toBe('closed');
    expect(new Set(closed.receipts.map((receipt) => receipt.step)).size).toBe(closed.receipts.length);
    expect(closed.receipts.map((receipt) => receipt.step)).toContain('destroy the data key');
    expect(await left(shop)).toEqual(nothing);
    expect(await findInDatabase(system, [shop.customerId, '940111222'])).toEqual([]);
    expect(await withShop(shop.shopId, findShopKeys)).toBeNull();
    expect(await balancesOf(system, shop.memberId)).toEqual(before);
    await expectSoundChains(shop);
    await processCase({ shopId: shop.shopId, caseId: closed.id });
    expect(await send(shop, 'shop/redact', redactShop(shop))).toBe(200);
    await drain(shop);
    expect((await casesOf(system, shop)).find((row) => row.id === closed.id)?.receipts).toEqual(closed.receipts);
    expect(await left(other)).toEqual(othersBefore);
    await expectSoundChains(other);
  });

  it('experiment 9 acknowledges what Shopify still sends about it and keeps nothing of it', async () => {
    const shop = await makeFull();
    await settleCase(system, shop, 'shop/redact', redactShop(shop));
    const [orders] = await system.sql<{ n: number }>('select count(*)::int as n from order_state where shop_id = $1', [
      shop.shopId,
    ]);
    const customer = { id: 940_333_444, email: 'late@example.com' };
    const late: [string, unknown][] = [
      ['orders/paid', orderBody({ customer })],
      ['customers/update', { ...customer, verified_email: true }],
      ['customers/redact', { shop_domain: shop.domain, customer }],
      ['customers/data_request', { shop_domain: shop.domain, customer }],
      ['shop/update', { name: 'Name Afterwards', currency: 'USD' }],
      ['app/uninstalled', { id: 1 }],
      ['payments/invented', customer],
    ];
    for (const [topic, body] of late) expect([topic, await send(shop, topic, body)]).toEqual([topic, 200]);
    await drain(shop);
    expect(await findInDatabase(system, ['940333444', 'late@example.com', 'Name Afterwards'])).toEqual([]);
    expect(await system.sql('select count(*)::int as n from order_state where shop_id = $1', [shop.shopId])).toEqual([
      orders,
    ]);
    expect(await left(shop)).toEqual(nothing);
    await expect(
      enrollMember({
        shopId: shop.shopId,
        programId: shop.programId,
        via: 'link',
        profile: { email: customer.email },
        locale: 'en',
        consents: [],
        wordingVersion: '1',
        source: 'test',
      }),
    ).rejects.toMatchObject({ name: 'NotFound' });
    setClockOffsetMs(73 * 3_600_000);
    await purgeByRetention({ shopId: shop.shopId });
    setClockOffsetMs(0);
    expect(await system.sql(`select 1 from inbox where shop_id = $1 and state = 'quarantined'`, [shop.shopId])).toEqual(
      [],
    );
  });

  it('experiment 9 leaves no customer id of orders that race with it', async () => {
    for (let round = 0; round < 6; round += 1) {
      const shop = await makeFull();
      const caseId = await openCase(system, shop, 'shop/redact', redactShop(shop));
      for (let n = 0; n < 4; n += 1) {
        await send(shop, 'orders/paid', orderBody({ customer: { id: Number(shop.customerId) } }));
        await send(shop, 'customers/update', { id: Number(shop.customerId), email: 'raced@example.com' });
      }
      await Promise.all([processCase({ shopId: shop.shopId, caseId }), drain(shop), drain(shop)]);
      await drain(shop);
      expect(await findInDatabase(system, [shop.customerId])).toEqual([]);
      expect(await left(shop)).toEqual(nothing);
    }
  });

  it('is followed by a new key when the merchant comes back: what was sealed before stays shut, new members work', async () => {
    const shop = await makeFull();
    const before = await withShop(shop.shopId, findShopKeys);
    await settleCase(system, shop, 'shop/redact', redactShop(shop));
    await install(shop);
    const after = await withShop(shop.shopId, findShopKeys);
    expect(after?.dataKeys[0]?.key.equals(before?.dataKeys[0]?.key ?? Buffer.alloc(0))).toBe(false);
    const member = await makeMember(shop, { email: 'fresh@example.com', shopifyCustomerId: shop.customerId });
    expect(await send(shop, 'orders/paid', orderBody({ customer: { id: Number(shop.customerId) } }))).toBe(200);
    await drain(shop);
    expect(await balancesOf(system, member.memberId)).toEqual({ points: 12, stamps: 1 });
    await expectSoundChains(shop);
  });

  it('W17 of a large shop goes in slices, and on in the slice where it was killed', async () => {
    const shop = await makeFull();
    await system.sql(
      `insert into member (shop_id, id, program_id, shopify_customer_id, card_id, enrolled_at, enrolled_via)
       select $1, gen_random_uuid(), $2, (9402000000000 + n)::text, gen_random_uuid()::text, now(), 'api' from generate_series(1, 1200) n`,
      [shop.shopId, shop.programId],
    );
    const caseId = await openCase(system, shop, 'shop/redact', redactShop(shop));
    await system.sql(
      `create function die() returns trigger language plpgsql as $$ begin
         if new.progress->>'step' like 'delete profiles%' and (new.progress->>'count')::int > 500 then raise exception 'killed'; end if; return new; end $$`,
    );
    await system.sql('create trigger die before update on erasure_case for each row execute function die()');
    await expect(processCase({ shopId: shop.shopId, caseId })).rejects.toThrow('killed');
    await system.sql('drop function die cascade');
    const erased = () => system.sql(`select count(*)::int as n from member where shop_id = $1 and state = 'erased'`, [shop.shopId]); // prettier-ignore
    expect(await erased()).toEqual([{ n: 500 }]);
    await processCase({ shopId: shop.shopId, caseId });
    expect(await erased()).toEqual([{ n: 1201 }]);
    const closed = (await casesOf(system, shop)).find((row) => row.id === caseId);
    expect(closed?.receipts.find(({ step }) => step.startsWith('delete profiles'))?.count).toBe(1201);
    expect([closed?.state, await left(shop)]).toEqual(['closed', nothing]);
    expect(await findInDatabase(system, ['94020000000', '94020000001'])).toEqual([]);
  });

  it('W17 killed anywhere is finished by the next worker', async () => {
    const complete = (await settleCase(system, await makeFull(), 'shop/redact', {})).receipts.map(
      (receipt) => receipt.step,
    );
    for (let step = 1; step <= complete.length; step += 1) {
      const shop = await makeFull();
      const caseId = await openCase(system, shop, 'shop/redact', redactShop(shop));
      await system.sql(
        `create function die() returns trigger language plpgsql as $$ begin
           if jsonb_array_length(new.receipts) = ${step} and new.state = 'open' then raise exception 'killed'; end if; return new; end $$`,
      );
      await system.sql('create trigger die before update on erasure_case for each row execute function die()');
      await expect(processCase({ shopId: shop.shopId, caseId })).rejects.toThrow('killed');
      await system.sql('drop function die cascade');
      await processCase({ shopId: shop.shopId, caseId });
      const closed = (await casesOf(system, shop)).find((row) => row.id === caseId);
      expect([closed?.state, closed?.receipts.map((receipt) => receipt.step)]).toEqual(['closed', complete]);
      expect(await left(shop)).toEqual(nothing);
    }
  });
});

describe('an uninstallation in mid-flight', () => {
  it('loses nothing: orders before and after it are stored and settled', async () => {
    const shop = await makeFull();
    const orders = Array.from({ length: 30 }, () => orderBody({ customer: { id: Number(shop.customerId) } }));
    const sends = orders.flatMap((order, index) => [
      send(shop, 'orders/paid', order),
      ...(index === 15 ? [send(shop, 'app/uninstalled', { id: 1, domain: shop.domain })] : []),
    ]);
    const statuses = Promise.all(sends);
    await Promise.all([statuses, drain(shop), drain(shop)]);
    expect(new Set(await statuses)).toEqual(new Set([200]));
    await drain(shop);
    expect(await balancesOf(system, shop.memberId)).toEqual({ points: 12 * 31, stamps: 31 });
    expect(await system.sql('select state, needs_reauthorization from shop where id = $1', [shop.shopId])).toEqual([
      { state: 'uninstalled', needs_reauthorization: true },
    ]);
    await install(shop);
    expect(await send(shop, 'orders/paid', orderBody({ customer: { id: Number(shop.customerId) } }))).toBe(200);
    await drain(shop);
    expect((await balancesOf(system, shop.memberId))['stamps']).toBe(32);
  });

  it('and tokens that are dead or cannot be read stop no webhook', async () => {
    const shop = await makeFull();
    const refuse = () => Promise.reject(new Error('nobody may be asked'));
    await expect(freshAccessToken(shop.shopId, refuse)).rejects.toThrow('not a sealed value');
    for (const topic of [
      'orders/paid',
      'app/uninstalled',
      'shop/update',
      'customers/redact',
      'shop/redact',
      'orders/edited',
    ])
      expect([
        topic,
        await send(shop, topic, { ...orderBody(), order_id: 1, customer: { id: 1 }, webhook: randomUUID() }),
      ]).toEqual([topic, 200]);
    await drain(shop);
    expect(await system.sql(`select topic from inbox where shop_id = $1 and state <> 'done'`, [shop.shopId])).toEqual(
      [],
    );
  });
});
