import { createDecipheriv, randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findMembersByEmail } from '#app/data/members/profiles.ts';
import { sealedTables } from '#app/data/sealed-columns.ts';
import { countEarlierSealed } from '#app/data/shops/resealing.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { resealShop } from '#app/flows/keys/reseal-shop.ts';
import { rotateDataKey } from '#app/flows/keys/rotate-data-key.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { seal, sealedPrefix, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';
import { type FilledShop, makeFilledShop } from '#test/support/every-table.ts';
import { makeMember, makeShop, openTestSystem, type TestSystem } from '#test/support/factories.ts';

/** Columns of bytes that hold nothing sealed under a shop's data key, and what they hold instead. */
const unsealed: Record<string, string> = {
  'agreement_version.hash': 'a hash',
  'api_idempotency.inputs_hash': 'a keyed hash',
  'audit_record.after_hash': 'a hash',
  'audit_record.before_hash': 'a hash',
  'audit_record.hash': 'a hash',
  'audit_record.previous_hash': 'a hash',
  'audit_segment.hash': 'a hash',
  'audit_segment.previous_hash': 'a hash',
  'chain_head.hash': 'a hash',
  'disclosure_report.report': "sealed under the platform's key: strangers are of no shop",
  'mail_request.address_index': 'a mark of the address, which stays',
  'consent_record.evidence': "sealed under the person's own key, which consent_key holds sealed",
  'consent_record.hash': 'a hash',
  'consent_record.previous_hash': 'a hash',
  'consent_root.root': 'a hash',
  'google_class.content_hash': 'a hash',
  'ledger_entry.digest': 'a hash',
  'ledger_entry.inputs_hash': 'a hash',
  'ledger_source.inputs_hash': 'a hash',
  'member_event.inputs_hash': 'a hash',
  'member_profile.email_index': 'a blind index, made anew with its column',
  'member_profile.phone_index': 'a blind index, made anew with its column',
  'operator_account.totp_secret': "sealed under the platform's key: operators are of no shop",
  'operator_session.id_hash': 'a hash',
  'pass.announced_hash': 'a hash',
  'reservation.inputs_hash': 'a hash',
  'shop.data_key': 'the wrapped keys themselves',
  'shop_image.content': 'a picture that everybody may see',
  'tombstone.fingerprint': 'a keyed fingerprint',
};

/** Sealed, and in no column: whoever holds the link holds all of it. */
const unstored: Record<string, string> = { 'export_link.offer': 'a link that is good for minutes' };

let system: TestSystem;
let mine: FilledShop;
let theirs: FilledShop;
let keys: ShopKeys;
let theirKeys: ShopKeys;
beforeAll(async () => {
  system = await openTestSystem();
  mine = await makeFilledShop(system);
  theirs = await makeFilledShop(system);
  keys = await withShop(mine.shopId, readShopKeys);
  theirKeys = await withShop(theirs.shopId, readShopKeys);
});
afterAll(() => system.close());

const columns = sealedTables.flatMap((sealed) => sealed.columns.map((column) => ({ ...sealed, column })));
const name = ({ table, column }: { table: string; column: string }) => `${table}.${column}`;

describe('the list of sealed columns', () => {
  it('L02 names every column of bytes that is not known to hold something else', async () => {
    const found = await system.sql<{ name: string }>(
      `select c.relname || '.' || a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
         and a.atttypid = 'bytea'::regtype and a.attnum > 0 and not a.attisdropped order by 1`,
    );
    const listed = [...columns.map(name), ...Object.keys(unsealed)];
    const present = found.map((row) => row.name);
    expect(present.filter((column) => !listed.includes(column))).toEqual([]);
    expect(columns.map(name).filter((column) => !present.includes(column))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('names every table and column that the source seals', () => {
    const places = globSync('app/**/*.ts')
      .filter((file) => !file.includes('generated') && !file.endsWith('sealed-columns.ts'))
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/table: '([a-z_]+)',\s*column(?:: '([a-z_]+)')?/g)])
      .map(([, table = '', column]) => ({ table, column }));
    expect(places.length).toBeGreaterThan(10);
    const isListed = ({ table, column }: { table: string; column: string | undefined }) =>
      columns.some((known) => known.table === table && (column === undefined || known.column === column)) ||
      `${table}.${column}` in { ...unsealed, ...unstored };
    expect(places.filter((place) => !isListed(place))).toEqual([]);
  });

  it('gives the key of each table as the database has it', async () => {
    for (const { table, key } of sealedTables) {
      const rows = await system.sql<{ name: string }>(
        `select a.attname::text as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
         where i.indrelid = $1::regclass and i.indisprimary and a.attname <> 'shop_id' order by 1`,
        [table],
      );
      const own = key.map((column) => column.name).filter((column) => column !== 'shop_id');
      expect([table, own.toSorted()]).toEqual([table, rows.map((row) => row.name)]);
    }
  });
});

describe('W08 a ciphertext', () => {
  it.each(columns)('of $table.$column opens in its own row and nowhere else', async (sealed) => {
    const { table, column, row: expression } = sealed;
    const [row] = await system.sql<{ at: string; ctid: string }>(
      `select ${expression} as at, ctid::text from ${table} where shop_id = $1 limit 1`,
      [mine.shopId],
    );
    if (row === undefined) throw new Error(`no row of ${table} is planted`);
    const text = `canary ${randomBytes(8).toString('hex')}`;
    const place = { table, column, row: row.at };
    const stored = seal(keys, place, text);
    await system.sql(`update ${table} set ${column} = $2 where ctid = $1::tid`, [row.ctid, stored]);
    expect(stored.includes(text)).toBe(false);
    expect(stored.subarray(0, 3)).toEqual(sealedPrefix(1));
    expect(unseal(keys, place, stored)).toBe(text);
    // Moved by somebody who may write into every table: to another row, another column, another table, another shop.
    const moved = [
      () => unseal(keys, { ...place, row: `${row.at}x` }, stored),
      ...columns
        .filter((other) => name(other) !== name(sealed))
        .map((other) => () => unseal(keys, { table: other.table, column: other.column, row: row.at }, stored)),
      () => unseal(theirKeys, place, stored),
      () => unseal({ ...theirKeys, shopId: mine.shopId }, place, stored),
      () => unseal({ ...keys, shopId: theirs.shopId }, place, stored),
    ];
    for (const open of moved) expect(open).toThrow(/unable to authenticate/);
  });
});

it('W08 another algorithm comes along with a new data key: everything is sealed by it, and nothing is left of the one before', async () => {
  const shop = await makeShop();
  const { shopId } = shop;
  const email = 'canary.algorithm@example.com';
  const { memberId } = await makeMember(shop, { email });
  const inShop = <T>(work: Parameters<typeof withShop<T>>[1]) => withShop(shopId, work);
  const look = async () => {
    const [row] = await system.sql<{ email: Buffer; keys: Buffer }>(
      'select p.email, s.data_key as keys from member_profile p join shop s on s.id = p.shop_id where member_id = $1',
      [memberId],
    );
    if (row === undefined) throw new Error('the member has a profile');
    return row;
  };
  const before = await look();
  try {
    env().SEALING_ALGORITHM = 'chacha20-poly1305';
    const { rotationId, toVersion } = await rotateDataKey({ shopId, actor: 'staff:1', reason: null });
    await resealShop({ shopId, rotationId });
    setClockOffsetMs(5 * 60_000);
    expect(await resealShop({ shopId, rotationId })).toBe('done');
    const sealed = await look();
    const [key, ...others] = (await inShop(readShopKeys)).dataKeys;
    expect([key?.algorithm, key?.version, others]).toEqual(['chacha20-poly1305', toVersion, []]);
    const decipher = createDecipheriv('chacha20-poly1305', key?.key ?? '', sealed.email.subarray(3, 15), {
      authTagLength: 16,
    });
    decipher.setAuthTag(sealed.email.subarray(15, 31));
    decipher.setAAD(Buffer.from(`${shopId}/member_profile/email/${memberId}`), { plaintextLength: 0 });
    expect(Buffer.concat([decipher.update(sealed.email.subarray(31)), decipher.final()]).toString()).toBe(email);
    expect([before.keys[0], sealed.keys[0]]).toEqual([1, 2]);
    await inShop(async (tx) => {
      expect(await countEarlierSealed(tx)).toBe(0);
      expect(await findMembersByEmail(tx, email)).toEqual([memberId]);
      const now = await readShopKeys(tx);
      const place = { table: 'member_profile', column: 'email', row: memberId };
      expect(() => unseal(now, place, before.email)).toThrow(/data key is not there/);
    });
  } finally {
    env().SEALING_ALGORITHM = 'aes-256-gcm';
    setClockOffsetMs(0);
  }
});
