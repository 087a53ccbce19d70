/** The consent log: what is kept with a consent, what an erasure destroys, and what nobody can change unnoticed. */
import { createCipheriv, randomBytes } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readConsents } from '#app/data/privacy/chains.ts';
import { destroyConsentKeys, readEvidence } from '#app/data/privacy/consent-keys.ts';
import { listRoots, proveConsent } from '#app/data/privacy/consent-roots.ts';
import { currentWording, listWordings } from '#app/data/privacy/consent-wordings.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { changeConsents } from '#app/flows/privacy/change-consents.ts';
import { signConsentRoot } from '#app/flows/privacy/sign-consent-root.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { evidencePublicKeys, verifyEvidence } from '#app/lib/evidence.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { unseal } from '#app/lib/sealed-box.ts';
import { isIncluded } from '#app/lib/merkle.ts';
import { consentPage } from '#app/queries/consent-page.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { leastMs } from '#test/support/timing.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let shop: TestShop;
let memberId: MemberId;
const email = 'zeno.canary@example.com';

beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
beforeEach(async () => {
  shop = await makeShop();
  ({ memberId } = await makeMember(shop, { email }));
});

const choose = async (granted: boolean, of = memberId, purpose: 'marketing' | 'analytics' = 'marketing') => {
  const wording = await withShop(shop.shopId, (tx) => currentWording(tx, shop.programId, 'en'));
  return changeConsents({
    shopId: shop.shopId,
    memberId: of,
    choices: [{ purpose, channel: 'email', granted }],
    wordingVersion: wording.version,
    language: 'en',
  });
};
const verify = (withKeys = true) =>
  verifyChain({ shopId: shop.shopId, chain: 'consent', publicKeys: withKeys ? evidencePublicKeys() : null });

/** As a superuser, past every rule of the product. */
const asSuperuser = (sql: string, values: unknown[] = [shop.shopId]) => system.sql(sql, values);

describe('a consent', () => {
  it('F34 is in the log within a second of the toggle, with the words, their version and where it was said', async () => {
    let given: Awaited<ReturnType<typeof readConsents>>[number] | undefined;
    const takenMs = await leastMs(1_000, async () => {
      await choose(false);
      const startedAt = performance.now();
      expect(await choose(true)).toEqual({ changed: 1, asked: 0 });
      const consents = await withShop(shop.shopId, (tx) => readConsents(tx, memberId));
      const endedAt = performance.now();
      given = consents.find(({ purpose }) => purpose === 'marketing');
      return endedAt - startedAt;
    });
    expect(takenMs).toBeLessThan(1_000);
    expect(given).toMatchObject({ channel: 'email', granted: true, source: 'preferences', confirmation: null });
    const wordings = await withShop(shop.shopId, (tx) => listWordings(tx, 10));
    const shown = wordings.filter(({ version }) => version === given?.wordingVersion);
    expect(shown.map(({ purpose }) => purpose).toSorted()).toEqual(['analytics', 'marketing', 'program']);
    expect(shown.find(({ purpose }) => purpose === 'marketing')?.wording).toContain('may send me offers');
    expect(await choose(true)).toEqual({ changed: 0, asked: 0 });
    expect(await choose(false)).toEqual({ changed: 1, asked: 0 });
    expect((await verify()).firstBad).toBeNull();
  });

  it('F08 counts only for the words that were on the page, and only where there is an address', async () => {
    const asked = { shopId: shop.shopId, memberId, language: 'en' as const };
    const choices = [{ purpose: 'marketing', channel: 'email', granted: true }] as const;
    await expect(changeConsents({ ...asked, choices: [...choices], wordingVersion: 'old' })).rejects.toMatchObject({
      code: 'wording-changed',
    });
    const sms = [{ purpose: 'marketing', channel: 'sms', granted: true }] as const;
    const { version } = await withShop(shop.shopId, (tx) => currentWording(tx, shop.programId, 'en'));
    await expect(changeConsents({ ...asked, choices: [...sms], wordingVersion: version })).rejects.toMatchObject({
      code: 'no-address',
    });
  });

  it('F08 keeps the address it was for where only the person’s own key opens it; the key gone, the log still verifies', async () => {
    await choose(true);
    const kept = await withShop(shop.shopId, (tx) => readEvidence(tx, memberId));
    expect([...kept.values()]).toEqual([{ address: email }]);
    expect(await findInDatabase(system, [email])).toEqual([]);
    await withShop(shop.shopId, (tx) => destroyConsentKeys(tx, [memberId]));
    expect(await withShop(shop.shopId, (tx) => readEvidence(tx, memberId))).toEqual(new Map());
    expect(await verify()).toMatchObject({ checked: 2, firstBad: null });
  });
});

describe('particulars of a consent', () => {
  const evidenceRows = () =>
    system.sql<{ sequence: number; evidence: Buffer }>(
      `select sequence, evidence from consent_record where shop_id = $1 and evidence is not null order by sequence`,
      [shop.shopId],
    );
  const put = (sequence: number, evidence: Buffer) =>
    system.sql('update consent_record set evidence = $3 where shop_id = $1 and sequence = $2', [
      shop.shopId,
      sequence,
      evidence,
    ]);
  const read = () => withShop(shop.shopId, (tx) => readEvidence(tx, memberId));

  it('W08 open in their own record alone, not in another of the same person', async () => {
    await choose(true);
    await choose(true, memberId, 'analytics');
    const [first, second] = await evidenceRows();
    if (first === undefined || second === undefined) throw new Error('two consents have particulars');
    expect((await read()).size).toBe(2);
    await put(second.sequence, first.evidence);
    await expect(read()).rejects.toThrow(/authenticate/);
    // Nor by pretending to be older than particulars were bound.
    await put(second.sequence, second.evidence.subarray(9));
    await expect(read()).rejects.toThrow(/authenticate/);
    await put(second.sequence, second.evidence);
    expect((await read()).size).toBe(2);
  });

  it('W08 from before they were bound still open', async () => {
    await choose(true);
    const [row] = await evidenceRows();
    const key = await withShop(shop.shopId, async (tx) => {
      const [held] = await tx.query<{ sealed_key: Buffer }>(
        'select sealed_key from consent_key where shop_id = $1 and member_id = $2',
        [tx.shopId, memberId],
      );
      const place = { table: 'consent_key', column: 'sealed_key', row: memberId };
      return Buffer.from(unseal(await readShopKeys(tx), place, held?.sealed_key ?? Buffer.alloc(0)), 'base64');
    });
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const body = Buffer.concat([cipher.update(JSON.stringify({ address: 'old@example.com' })), cipher.final()]);
    await put(row?.sequence ?? 0, Buffer.concat([nonce, cipher.getAuthTag(), body]));
    expect([...(await read()).values()]).toEqual([{ address: 'old@example.com' }]);
  });
});

it('F45 the page of consents says how many of all members agree, by their newest word, and who still waits', async () => {
  const other = await makeMember(shop);
  await choose(true);
  await choose(true, other.memberId);
  await choose(false, other.memberId);
  const { members, optIns } = await consentPage(shop.shopId);
  expect(members).toBe(2);
  const rateOf = (purpose: string, channel: string) =>
    optIns.find((count) => count.purpose === purpose && count.channel === channel)?.rate;
  expect([rateOf('marketing', 'email'), rateOf('program', 'wallet'), rateOf('analytics', 'sms')]).toEqual([0.5, 1, 0]);
});

describe('the signed roots', () => {
  const grow = async () => {
    const other = await makeMember(shop);
    await choose(true, other.memberId);
    await signConsentRoot({ shopId: shop.shopId });
    await choose(true, other.memberId, 'analytics');
    return signConsentRoot({ shopId: shop.shopId });
  };

  it('F08 are made daily over what is new, verify with the published keys alone, and prove a single record', async () => {
    expect(await grow()).toEqual({ size: 4, isNew: true });
    expect(await signConsentRoot({ shopId: shop.shopId })).toEqual({ size: 4, isNew: false });
    const roots = await withShop(shop.shopId, (tx) => listRoots(tx, { before: null, limit: 10 }));
    expect(roots.map(({ size }) => size)).toEqual([4, 3]);
    expect(roots.every(({ signed }) => verifyEvidence(signed, evidencePublicKeys()))).toBe(true);
    const proof = await withShop(shop.shopId, (tx) => proveConsent(tx, 2));
    expect(proof?.size).toBe(3);
    const bytes = (hex: string | undefined) => Buffer.from(hex ?? '', 'hex');
    const shown = {
      leaf: bytes(proof?.leaf),
      index: 1,
      size: proof?.size ?? 0,
      proof: proof?.proof.map(bytes) ?? [],
      root: bytes(proof?.root.payload.root),
    };
    expect(isIncluded(shown)).toBe(true);
    expect(isIncluded({ ...shown, index: 0 })).toBe(false);
    expect(await verify()).toEqual({ checked: 4, firstBad: null });
  });

  const tampering: [string, string, { sequence: number; problem: string }][] = [
    ['a flipped byte', 'update consent_record set granted = not granted where shop_id = $1 and sequence = 2', { sequence: 2, problem: 'changed' }],
    ['changed particulars', `update consent_record set evidence = set_byte(evidence, 0, get_byte(evidence, 0) # 1) where shop_id = $1 and sequence = 3`, { sequence: 3, problem: 'changed' }],
    ['a removed record', 'delete from consent_record where shop_id = $1 and sequence = 2', { sequence: 2, problem: 'missing' }],
    ['a removed tail', 'delete from consent_record where shop_id = $1 and sequence = 4', { sequence: 4, problem: 'missing' }],
    ['an altered root', `update consent_root set root = '\\x00', signed = jsonb_set(signed, '{payload,root}', '"00"') where shop_id = $1 and size = 3`, { sequence: 3, problem: 'root-altered' }],
    ['a root of another size', 'update consent_root set size = 2 where shop_id = $1 and size = 3', { sequence: 2, problem: 'root-altered' }],
  ]; // prettier-ignore
  it.each(tampering)('F08 experiment 36 show %s, and name the record', async (_, sql, firstBad) => {
    await grow();
    await asSuperuser(sql);
    expect((await verify()).firstBad).toEqual(firstBad);
  });

  it('F08 show a tail that was cut off together with the head, also where the roots were removed but kept elsewhere', async () => {
    await grow();
    const exported = (await withShop(shop.shopId, (tx) => listRoots(tx, { before: null, limit: 10 }))).map(
      ({ signed }) => signed,
    );
    await asSuperuser('delete from consent_record where shop_id = $1 and sequence > 2');
    await asSuperuser(
      `update chain_head h set sequence = r.sequence, hash = r.hash from consent_record r
       where h.shop_id = $1 and h.chain = 'consent' and r.shop_id = $1 and r.sequence = 2`,
    );
    expect((await verify()).firstBad).toEqual({ sequence: 3, problem: 'cut-off' });
    await asSuperuser('delete from consent_root where shop_id = $1');
    expect((await verify()).firstBad).toBeNull();
    const withExport = { shopId: shop.shopId, chain: 'consent' as const, publicKeys: evidencePublicKeys() };
    expect((await verifyChain({ ...withExport, roots: exported })).firstBad).toEqual({
      sequence: 3,
      problem: 'cut-off',
    });
  });

  it('F08 of a log that was written anew from an earlier point do not fit it', async () => {
    await grow();
    await asSuperuser('delete from consent_record where shop_id = $1 and sequence > 2');
    await asSuperuser(
      `update chain_head h set sequence = r.sequence, hash = r.hash from consent_record r
       where h.shop_id = $1 and h.chain = 'consent' and r.shop_id = $1 and r.sequence = 2`,
    );
    await choose(true);
    await choose(true, memberId, 'analytics');
    expect((await verify()).firstBad).toEqual({ sequence: 3, problem: 'differs-from-signed-root' });
  });
});
