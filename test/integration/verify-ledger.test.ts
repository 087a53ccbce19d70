import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { allocateEntryIds, type LedgerEntry, plainEntry, writeLedger } from '#app/data/ledger/ledger.ts';
import { withShop } from '#app/data/tenancy.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import type { MemberId, RuleVersionId, ShopId } from '#app/lib/ids.ts';
import { newId } from '#app/lib/ids.ts';
import {
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';

let system: TestSystem;
let shop: TestShop;
let elsewhere: TestShop;
let member: { memberId: MemberId; customerId: string };

beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
beforeEach(async () => {
  shop = await makeShop();
  elsewhere = await makeShop();
  member = await earn();
});

async function earn() {
  const made = await makeMember(shop);
  await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(made.customerId) } }));
  await drain(shop);
  return made;
}

const verify = (shopId: ShopId = shop.shopId) => verifyBalances({ shopId });
const problems = async () => (await verify()).imbalances.map(({ problem }) => problem);
const change = (text: string) => system.sql(text, [shop.shopId, member.memberId]);

/** An order's entry, which says something in most columns, and one by hand, which leaves most of them empty. */
async function entriesOf(): Promise<Record<'order' | 'hand', string>> {
  const { memberId } = member;
  await adjustBalance({
    shopId: shop.shopId, memberId, unit: 'points', amount: 5, reason: 'für den Kaffee ☕🎁', actor: 'test',
    source: 'staff', idempotencyKey: randomBytes(4).toString('hex'),
  }); // prettier-ignore
  const rows = await change(
    `select id::text, source from ledger_entry where shop_id = $1 and member_id = $2 and unit = 'points' order by id`,
  );
  const [order, hand] = rows.map(({ id }) => String(id));
  return { order: order ?? '', hand: hand ?? '' };
}

/** Each makes a column something else, as little else as there is: null becomes empty. */
const alterations: Record<string, string> = {
  shop_id: `(select id from shop where id <> $1 order by created_at desc limit 1)`,
  id: 'id + 1000000',
  member_id: 'gen_random_uuid()',
  unit: `unit || ' '`,
  kind: `case kind when 'adjustment' then 'accrual' else 'adjustment' end`,
  amount: 'amount + 1',
  source: `case source when 'api' then 'pos' else 'api' end`,
  source_key: `source_key || ' '`,
  order_id: `coalesce(order_id || '0', '')`,
  rule_version_id: 'gen_random_uuid()',
  inputs_hash: `coalesce(set_byte(inputs_hash, 31, get_byte(inputs_hash, 31) # 1), '')`,
  lot_id: 'coalesce(lot_id + 1, 0)',
  reverses: 'coalesce(reverses + 1, 0)',
  explanation: `coalesce((explanation::text || ' ')::json, 'null')`,
  actor: `actor || ' '`,
  reason: `coalesce(reason || ' ', '')`,
  occurred_at: `occurred_at + interval '1 microsecond'`,
  booked_at: `booked_at + interval '1 microsecond'`,
  digest: 'set_byte(digest, 31, get_byte(digest, 31) # 1)',
};

describe('an entry', () => {
  it('that any column of was altered in is named, and is sound again once that is undone', async () => {
    const columns = await system.sql<{ name: string }>(
      `select attname as name from pg_attribute where attrelid = 'ledger_entry'::regclass and attnum > 0 and not attisdropped`,
    );
    expect(Object.keys(alterations).toSorted()).toEqual(columns.map(({ name }) => name).toSorted());
    for (const id of Object.values(await entriesOf()))
      for (const [column, otherwise] of Object.entries(alterations)) {
        await system.sql(`create table kept as select * from ledger_entry where id = $1`, [id]);
        const [altered] = await system.sql<{ id: string; shop_id: ShopId }>(
          `update ledger_entry set ${column} = ${otherwise} where shop_id = $1 and id = $2 returning id::text, shop_id`,
          [shop.shopId, id],
        );
        const { imbalances } = await verify(altered?.shop_id);
        expect([column, imbalances[0]]).toMatchObject([column, { problem: 'entry-altered', entryId: altered?.id }]);
        await system.sql('delete from ledger_entry where id = $1', [altered?.id]);
        await system.sql('insert into ledger_entry select * from kept');
        await system.sql('drop table kept');
        expect([column, await problems()]).toEqual([column, []]);
      }
  });

  it('is named also where lot, balance and spending were altered to agree with it', async () => {
    const { order } = await entriesOf();
    await change(`update balance set amount = amount + 1 where shop_id = $1 and member_id = $2 and unit = 'points'`);
    await system.sql('update lot set amount = amount + 1, remaining = remaining + 1 where id = $1', [order]);
    await system.sql('update ledger_entry set amount = amount + 1 where id = $1', [order]);
    const { memberId } = member;
    expect((await verify()).imbalances).toEqual([
      { problem: 'entry-altered', entryId: order, memberId, unit: 'points' },
    ]);
  });

  it('of before there were digests is counted and not called altered', async () => {
    const { order } = await entriesOf();
    const { entries } = (await verify()).entries;
    expect((await verify()).entries).toEqual({ entries, withoutDigest: 0 });
    await system.sql('update ledger_entry set digest = null where id = $1', [order]);
    expect(await verify()).toMatchObject({ imbalances: [], entries: { entries, withoutDigest: 1 } });
  });

  it('is what was written, whatever is in it', async () => {
    const texts = [
      '',
      ' ',
      '0',
      ':',
      '1:a',
      'é☕🎁',
      '\u0001',
      'half a pair: \ud83d',
      '"quoted" \\ \n',
      'x'.repeat(9_000),
    ];
    const dates = [
      '1970-01-01T00:00:00Z',
      '1969-12-31T23:59:59.999Z',
      '0001-01-01T00:00:00.001Z',
      '9999-12-31T23:59:59Z',
    ];
    const { memberId } = member;
    const common = { ...plainEntry, memberId, kind: 'adjustment', source: 'staff', amount: 1, unit: 'odd' } as const;
    await withShop(shop.shopId, async (tx) => {
      const ids = await allocateEntryIds(tx, texts.length + dates.length);
      const odd = texts.map((text, index): Partial<LedgerEntry> => ({
        unit: text, sourceKey: `${index}${text}`, orderId: text, explanation: { [text]: [text, 1.5e300, null] }, actor: text,
        reason: text, ruleVersionId: newId<RuleVersionId>(), inputsHash: Buffer.from(text), lotId: `${index}`,
        reverses: '9223372036854775807', amount: index % 2 === 0 ? -Number.MAX_SAFE_INTEGER : 1,
      })); // prettier-ignore
      const rest = dates.map((date): Partial<LedgerEntry> => ({ occurredAt: new Date(date) }));
      const entries = [...odd, ...rest].map((entry, index): LedgerEntry => ({
        ...common, sourceKey: `odd:${index}`, actor: 'test', occurredAt: new Date(), entryId: ids[index] ?? '', ...entry,
      })); // prettier-ignore
      await writeLedger(tx, { entries, newLots: [], lotUpdates: [], bookedAt: new Date('2026-05-01T10:00:00.007Z') });
    });
    const { imbalances, entries } = await verify();
    expect(imbalances.filter(({ problem }) => problem === 'entry-altered')).toEqual([]);
    expect(entries.withoutDigest).toBe(0);
    expect(entries.entries).toBeGreaterThan(texts.length + dates.length);
  });
});

describe('a balance', () => {
  it('that was deleted is missed where there are entries, lots or reservations', async () => {
    await change(`delete from balance where shop_id = $1 and member_id = $2 and unit = 'points'`);
    const { memberId } = member;
    const [{ points } = { points: 0 }] = await system.sql<{ points: number }>(
      `select sum(amount)::int as points from ledger_entry where member_id = $1 and unit = 'points'`,
      [memberId],
    );
    expect((await verify()).imbalances).toEqual([
      { memberId, unit: 'points', problem: 'balance-missing', stored: 0, expected: points },
    ]);
  });

  it('holds what open reservations cost and nothing else', async () => {
    const hold = (by: number) =>
      change(`update balance set held = held + ${by} where shop_id = $1 and member_id = $2 and unit = 'points'`);
    await hold(5);
    expect((await verify()).imbalances).toMatchObject([
      { memberId: member.memberId, unit: 'points', problem: 'held-differs-from-reservations', stored: 5, expected: 0 },
    ]);
    await change(
      `insert into reservation (shop_id, id, member_id, program_id, reward_id, unit, cost, state, channel, idempotency_key,
         inputs_hash, created_at, expires_at)
       select $1, gen_random_uuid(), id, program_id, 'coffee', 'points', 5, became, 'pos', became, '\\x00', now(), now()
       from member, unnest(array['reserved', 'released', 'committed']) as outcome (became) where id = $2`,
    );
    expect(await problems()).toEqual([]);
    await hold(-1);
    expect(await problems()).toEqual(['held-differs-from-reservations']);
  });

  it('of somebody who is no member is found as well, before, between and behind those who are', async () => {
    for (const stranger of ['00000000-0000-7000-8000-000000000001', 'ffffffff-ffff-7fff-bfff-ffffffffffff']) {
      await system.sql(
        `insert into lot (shop_id, id, member_id, unit, amount, remaining, available_at, created_at)
         values ($1, 1, $2, 'points', 1, 1, now(), now())`,
        [elsewhere.shopId, stranger],
      );
      const { imbalances } = await verify(elsewhere.shopId);
      expect(imbalances[0]).toMatchObject({ memberId: stranger, problem: 'balance-missing' });
      await system.sql('delete from lot where shop_id = $1', [elsewhere.shopId]);
    }
    expect((await verify(elsewhere.shopId)).imbalances).toEqual([]);
  });
});

it('a ledger verifies while it grows', async () => {
  const growing = Promise.all(Array.from({ length: 12 }, earn));
  const verdicts = [];
  for (let count = 0; count < 10; count += 1) verdicts.push(...(await problems()));
  await growing;
  expect([...verdicts, ...(await problems())]).toEqual([]);
});
