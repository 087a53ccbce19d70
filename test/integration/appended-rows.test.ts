/** What settlement appends by the thousand, and how it gets there. */
import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bigints, blobs, booleans, integers, jsonbs, jsons, moments, texts, uuids } from '#app/data/binary-arrays.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let shop: TestShop;

beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

describe('a row that settlement appends', () => {
  const insertions: Record<string, string> = {
    order_state: `insert into order_state (shop_id, order_id, state) values ($1, '1', '{}')`,
    ledger_entry: `insert into ledger_entry (shop_id, member_id, unit, kind, amount, source, source_key, actor, occurred_at, booked_at)
      values ($1, gen_random_uuid(), 'points', 'accrual', 1, 'order', 'k', 'system', now(), now())`,
    ledger_source: `insert into ledger_source (shop_id, source_key, entry_id, booked_at) values ($1, 'k', 1, now())`,
    lot: `insert into lot (shop_id, id, member_id, unit, amount, remaining, available_at, created_at)
      values ($1, 1, gen_random_uuid(), 'points', 1, 1, now(), now())`,
    outbox: `insert into outbox (shop_id, job, payload) values ($1, 'regenerate-pass', '{}')`,
  };

  it.each(Object.keys(insertions))('of %s belongs to a shop that exists', async (table) => {
    const nobody = randomUUID() as ShopId;
    const insertFor = (shopId: ShopId) => withShop(shopId, (tx) => tx.query(insertions[table] ?? '', [shopId]));
    await expect(insertFor(nobody)).rejects.toMatchObject({ code: '23503' });
    await expect(insertFor(shop.shopId)).resolves.toEqual([]);
  });
});

describe('a list sent as binary', () => {
  async function returned(type: string, list: Buffer): Promise<unknown> {
    const [row] = await withShop(shop.shopId, (tx) =>
      tx.query<{ list: unknown }>(`select $1::${type}[] as list`, [list]),
    );
    return row?.list;
  }

  it('arrives as it was, whatever is in it', async () => {
    const words = ['plain', '', '"quoted", {braced}, back\\slash', 'null', null, 'Zoë ☕ 𝄞\n\t'];
    expect(await returned('text', texts(words))).toEqual(words);
    const ids = [randomUUID(), null, randomUUID()];
    expect(await returned('uuid', uuids(ids))).toEqual(ids);
    const amounts = [0, 1, -1, null, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    expect(await returned('bigint', bigints(amounts))).toEqual(amounts.map((n) => (n === null ? null : String(n))));
    const large = ['9223372036854775807', '-9223372036854775808', '17'];
    expect(await returned('bigint', bigints(large))).toEqual(large);
    const counts = [0, 1, -1, null, 2 ** 31 - 1, -(2 ** 31)];
    expect(await returned('int', integers(counts))).toEqual(counts);
    const documents = [{ name: 'Zoë "☕"', list: [1, null, 'a\\b'] }, 'text', 7, null];
    const sent = documents.map((document) => (document === null ? null : JSON.stringify(document)));
    expect(await returned('jsonb', jsonbs(sent))).toEqual(documents);
    expect(await returned('json', jsons(sent))).toEqual(documents);
    const times = [
      new Date(0),
      new Date('1999-12-31T23:59:59.999Z'),
      new Date('2026-11-22T01:02:03.004Z'),
      new Date('2999-12-31T23:59:59.999Z'),
      null,
    ];
    expect(await returned('timestamptz', moments(times))).toEqual(times);
    const bytes = [randomBytes(32), Buffer.alloc(0), null];
    expect(await returned('bytea', blobs(bytes))).toEqual(bytes);
    expect(await returned('boolean', booleans([true, false, null]))).toEqual([true, false, null]);
  });

  it('is refused when something in it is not of its type', () => {
    for (const amount of [Number.NaN, 1.5, 2 ** 63, Number.POSITIVE_INFINITY])
      expect(() => bigints([amount])).toThrow(RangeError);
    for (const count of [Number.NaN, 1.5, 2 ** 31]) expect(() => integers([count])).toThrow(RangeError);
    for (const id of ['', 'no id', randomUUID().slice(1), `${randomUUID()}0`, randomUUID().replace(/.$/, 'g')])
      expect(() => uuids([id])).toThrow(RangeError);
    expect(() => moments([new Date('never')])).toThrow(RangeError);
  });

  it('may be empty', async () => {
    expect(await returned('text', texts([]))).toEqual([]);
    expect(await returned('timestamptz', moments([]))).toEqual([]);
  });
});
