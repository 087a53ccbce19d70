import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
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
let untouched: TestShop;

// A database for each test: what one tampered with, the next must not find.
beforeEach(async () => {
  system = await openTestSystem();
  shop = await makeShop();
  untouched = await makeShop();
  for (const made of [shop, untouched]) for (let count = 0; count < 5; count += 1) await makeMember(made);
});
afterEach(() => system.close());

const commandFile = path.join(import.meta.dirname, '..', '..', 'workers', 'verify.ts');

/** Runs the command with nothing but the database's address: no key, no secret. */
async function runVerify(...words: string[]): Promise<{ code: unknown; last: Record<string, unknown> }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', commandFile, ...words], {
    env: { NODE_ENV: 'test', PATH: process.env['PATH'], DATABASE_URL: system.url, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const [code] = await once(child, 'close');
  return { code, last: JSON.parse(output.trim().split('\n').at(-1) ?? '') };
}

describe.each(['consent', 'audit'] as const)('the %s chain', (chain) => {
  const table = `${chain}_record`;
  const change = { consent: 'granted = not granted', audit: "reason = 'never mind'" }[chain];
  const verdict = () => verifyChain({ shopId: shop.shopId, chain });

  it('verifies when nobody touched it, also when it is empty', async () => {
    expect(await verdict()).toEqual({ checked: 5, firstBad: null });
    expect(await verifyChain({ shopId: (await makeShop()).shopId, chain })).toEqual({ checked: 0, firstBad: null });
  });

  it('names the first record that was changed', async () => {
    await system.sql(`update ${table} set ${change} where shop_id = $1 and sequence in (3, 4)`, [shop.shopId]);
    expect(await verdict()).toEqual({ checked: 2, firstBad: { sequence: 3, problem: 'changed' } });
    expect(await verifyChain({ shopId: untouched.shopId, chain })).toEqual({ checked: 5, firstBad: null });
  });

  it('names a record that was deleted, in the middle, at the end, and all of them', async () => {
    await system.sql(`delete from ${table} where shop_id = $1 and sequence = 5`, [shop.shopId]);
    expect((await verdict()).firstBad).toEqual({ sequence: 5, problem: 'missing' });
    await system.sql(`delete from ${table} where shop_id = $1 and sequence = 2`, [shop.shopId]);
    expect((await verdict()).firstBad).toEqual({ sequence: 2, problem: 'missing' });
    await system.sql(`delete from ${table} where shop_id = $1`, [shop.shopId]);
    expect((await verdict()).firstBad).toEqual({ sequence: 1, problem: 'missing' });
  });

  it('notices records that changed places', async () => {
    for (const [from, to] of [
      [2, 99],
      [3, 2],
      [99, 3],
    ])
      await system.sql(`update ${table} set sequence = $3 where shop_id = $1 and sequence = $2`, [
        shop.shopId,
        from,
        to,
      ]);
    expect((await verdict()).firstBad).toEqual({ sequence: 2, problem: 'not-linked' });
  });

  it('notices a head that was moved', async () => {
    await system.sql('update chain_head set hash = sha256(hash) where shop_id = $1 and chain = $2', [
      shop.shopId,
      chain,
    ]);
    expect((await verdict()).firstBad).toEqual({ sequence: 5, problem: 'head-differs' });
  });

  it('verifies while it grows', async () => {
    const growing = Promise.all(Array.from({ length: 20 }, () => makeMember(shop)));
    const verdicts = [];
    for (let count = 0; count < 10; count += 1) verdicts.push(await verdict());
    await growing;
    expect(verdicts.map((each) => each.firstBad)).toEqual(verdicts.map(() => null));
    expect((await verdict()).checked).toBe(25);
  });
});

describe('the command', () => {
  it('says ok with exit 0, and names shop and place with exit 1', async () => {
    const fine = await runVerify('consent', '--shop', shop.domain);
    expect(fine).toEqual({ code: 0, last: { ok: true, checked: 5, firstBad: null } });
    await system.sql('update audit_record set actor = $2 where shop_id = $1 and sequence = 4', [
      shop.shopId,
      'staff:9',
    ]);
    const altered = await runVerify('audit');
    expect(altered.code).toBe(1);
    expect(altered.last).toMatchObject({
      ok: false,
      firstBad: { shopId: shop.shopId, sequence: 4, problem: 'changed' },
    });
    expect(await runVerify('audit', '--shop', untouched.shopId)).toMatchObject({ code: 0 });
  });

  it('finds a balance, a lot and an entry that were altered', async () => {
    const member = await makeMember(shop);
    await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(member.customerId) } }));
    await drain(shop);
    const verify = () => runVerify('ledger', '--shop', shop.domain);
    expect(await verify()).toMatchObject({ code: 0, last: { ok: true, checked: 12 } });
    const tampering = [
      'balance set amount = amount + 1',
      'lot set remaining = remaining - 1, reversed = reversed + 1',
      'lot set amount = amount + 1, reversed = reversed + 1',
      'balance set spent = spent + 1',
      'ledger_entry set amount = amount + 1',
    ];
    for (const change of tampering) {
      const where = "where shop_id = $1 and member_id = $2 and unit = 'points'";
      await system.sql(`update ${change} ${where}`, [shop.shopId, member.memberId]);
      const { code, last } = await verify();
      expect([code, last['ok']]).toEqual([1, false]);
      expect(last['firstBad']).toMatchObject({ shopId: shop.shopId, memberId: member.memberId, unit: 'points' });
      const undo = change.replaceAll(/[+-](?= 1)/g, (sign) => (sign === '+' ? '-' : '+'));
      await system.sql(`update ${undo} ${where}`, [shop.shopId, member.memberId]);
    }
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('names an entry of which nothing that adds up was altered, and says how many there were', async () => {
    const member = await makeMember(shop);
    await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(member.customerId) } }));
    await drain(shop);
    const [entry] = await system.sql<{ id: string }>(
      `update ledger_entry set occurred_at = occurred_at - interval '1 day' where shop_id = $1 and unit = 'points' returning id::text`,
      [shop.shopId],
    );
    const { code, last } = await runVerify('ledger');
    expect(code).toBe(1);
    expect(last).toMatchObject({ ok: false, entries: 2, withoutDigest: 0 });
    expect(last['firstBad']).toEqual({
      shopId: shop.shopId, memberId: member.memberId, unit: 'points', entryId: entry?.id, problem: 'entry-altered',
    }); // prettier-ignore
  });

  it('explains itself when it is asked for something else', async () => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', commandFile, 'everything'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint += String(chunk);
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(2);
    expect(complaint).toContain('ledger|audit|consent');
  });
});
