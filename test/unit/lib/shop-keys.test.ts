import { randomBytes, randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';

import { setClockOffsetMs } from '#app/lib/clock.ts';
import {
  blindIndex,
  blindIndexes,
  deriveKey,
  encryptBox,
  seal,
  secretOf,
  type ShopKeys,
  sign,
  tombstoneIndex,
  unseal,
} from '#app/lib/sealed-box.ts';
import {
  createShopKeys,
  unwrapShopKeys,
  withAnnouncedDataKey,
  withNewLinkKey,
  withoutEarlierDataKeys,
  withoutExpiredLinkKeys,
  withSealingDataKey,
  wrapShopKeys,
} from '#app/lib/shop-keys.ts';
import { createLinkToken, isLinkSigned } from '#app/lib/signed-link.ts';

const shopId = randomUUID();
const place = { table: 'member_profile', column: 'email', row: 'one' };
const boxKey = (key: Buffer) => ({ key, algorithm: 'aes-256-gcm' }) as const;
const kek = (id: string) => ({ id, bytes: randomBytes(32) });

function rotated(keys: ShopKeys): ShopKeys {
  const announced = withAnnouncedDataKey(keys, 'aes-256-gcm');
  return withSealingDataKey(announced.keys, announced.version);
}

/** A bundle as it was wrapped before keys had versions. */
function wrapBareKey(wrapping: { id: string; bytes: Buffer }, dataKey: Buffer): Buffer {
  const box = encryptBox(
    boxKey(deriveKey(wrapping.bytes, shopId, 'wrap')),
    dataKey,
    `shop/${shopId}/data-key/${wrapping.id}`,
  );
  return Buffer.concat([Buffer.from([1]), box]);
}

afterEach(() => setClockOffsetMs(0));

describe("a shop's keys", () => {
  it('W08 survive being wrapped and unwrapped, and unwrap for no other shop, key-encryption key or changed byte', () => {
    const wrapping = kek('one');
    const keys = withNewLinkKey(rotated(createShopKeys(shopId, 'aes-256-gcm')), new Date('2030-01-01T00:00:00Z'));
    const wrapped = wrapShopKeys(wrapping, keys);
    expect(unwrapShopKeys(wrapping, shopId, wrapped)).toEqual(keys);
    expect(() => unwrapShopKeys(wrapping, randomUUID(), wrapped)).toThrow(/unable to authenticate/);
    expect(() => unwrapShopKeys(kek('one'), shopId, wrapped)).toThrow(/unable to authenticate/);
    expect(() => unwrapShopKeys({ ...wrapping, id: 'two' }, shopId, wrapped)).toThrow(/unable to authenticate/);
    fc.assert(
      fc.property(fc.nat({ max: wrapped.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(wrapped);
        changed.writeUInt8((changed[at] ?? 0) ^ flip, at);
        expect(() => unwrapShopKeys(wrapping, shopId, changed)).toThrow(/authenticate|not wrapped keys/);
      }),
    );
  });

  it('W08 are of each shop alone: no key of one is a key of another', () => {
    const material = (keys: ShopKeys) => [
      ...[...keys.dataKeys, ...keys.indexKeys, ...keys.linkKeys].map(({ key }) => key.toString('hex')),
      keys.markKey.toString('hex'),
      keys.tombstoneKey.toString('hex'),
    ];
    const all = [
      ...material(createShopKeys(shopId, 'aes-256-gcm')),
      ...material(createShopKeys(shopId, 'aes-256-gcm')),
      ...material(createShopKeys(randomUUID(), 'aes-256-gcm')),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('from before they had versions open what they sealed, and go on giving the same marks and links', () => {
    const wrapping = kek('one');
    const dataKey = randomBytes(32);
    const keys = unwrapShopKeys(wrapping, shopId, wrapBareKey(wrapping, dataKey));
    const old = Buffer.concat([
      Buffer.from([1]),
      encryptBox(boxKey(dataKey), Buffer.from('a@example.com'), `${shopId}/member_profile/email/one`),
    ]);
    expect(unseal(keys, place, old)).toBe('a@example.com');
    const linkKey = deriveKey(dataKey, shopId, 'links');
    expect([keys.linkKeys[0]?.key, keys.markKey]).toEqual([linkKey, linkKey]);
    const later = unwrapShopKeys(wrapping, shopId, wrapShopKeys(wrapping, rotated(keys)));
    expect(unseal(later, place, old)).toBe('a@example.com');
    expect(sign(later, 'pass-token/1', 'x')).toEqual(sign(keys, 'pass-token/1', 'x'));
  });
});

describe('a rotation of the data key', () => {
  const before = createShopKeys(shopId, 'aes-256-gcm');
  const announced = withAnnouncedDataKey(before, 'aes-256-gcm');
  const during = withSealingDataKey(announced.keys, announced.version);
  const after = withoutEarlierDataKeys(during);
  const old = seal(before, place, 'a@example.com');
  const fresh = seal(during, place, 'a@example.com');

  it('experiment 34: opens both while it goes on, and once it is done never the old one again', () => {
    expect([unseal(during, place, old), unseal(during, place, fresh)]).toEqual(['a@example.com', 'a@example.com']);
    expect(unseal(after, place, fresh)).toBe('a@example.com');
    expect(() => unseal(after, place, old)).toThrow(/version 1 of the data key is not there/);
  });

  it('is announced before it is used: who only heard of the new key seals with the old one and opens both', () => {
    expect(unseal(before, place, seal(announced.keys, place, 'x'))).toBe('x');
    expect(unseal(announced.keys, place, fresh)).toBe('a@example.com');
  });

  it('finds a person under either blind index, and stores the new one', () => {
    const index = (keys: ShopKeys) => blindIndex(keys, 'email', 'a@example.com');
    expect(blindIndexes(during, 'email', 'a@example.com')).toEqual([index(after), index(before)]);
    expect(index(during)).toEqual(index(after));
    expect(index(after)).not.toEqual(index(before));
  });

  it('leaves links, marks, secrets and tombstones as they are', () => {
    const token = createLinkToken(before, 'card', {
      subjectId: randomUUID(),
      expiresAt: new Date('2040-01-01'),
      generation: 0,
    });
    expect(isLinkSigned(after, 'card', { token, generation: 0 })).toBe(true);
    expect(sign(after, 'pass-token/1', 'x')).toEqual(sign(before, 'pass-token/1', 'x'));
    expect(tombstoneIndex(after, 'x')).toEqual(tombstoneIndex(before, 'x'));
    const wanted = { purpose: 'rotating-code', id: 'card', bytes: 20 };
    expect(secretOf(after, wanted)).toEqual(secretOf(before, wanted));
  });

  it('cannot be undone by changing the version a value names', () => {
    const changed = Buffer.from(fresh);
    changed.writeUInt16BE(1, 1);
    expect(() => unseal(during, place, changed)).toThrow(/unable to authenticate/);
  });
});

describe('a change of the algorithm', () => {
  const before = createShopKeys(shopId, 'aes-256-gcm');
  const announced = withAnnouncedDataKey(before, 'chacha20-poly1305');
  const during = withSealingDataKey(announced.keys, announced.version);
  const old = seal(before, place, 'a@example.com');
  const fresh = seal(during, place, 'a@example.com');

  it('comes with a new data key: what is new is sealed by it, and what was sealed before opens until that key is gone', () => {
    expect([unseal(during, place, old), unseal(during, place, fresh)]).toEqual(['a@example.com', 'a@example.com']);
    const after = withoutEarlierDataKeys(during);
    expect(unseal(after, place, fresh)).toBe('a@example.com');
    expect(() => unseal(after, place, old)).toThrow(/version 1 of the data key is not there/);
    const [key] = after.dataKeys;
    const mistaken = {
      ...after,
      dataKeys: [{ version: 2, key: key?.key ?? Buffer.alloc(0), algorithm: 'aes-256-gcm' as const }],
    };
    expect(() => unseal(mistaken, place, fresh)).toThrow(/unable to authenticate/);
    for (let at = 3; at < fresh.length; at += 1) {
      const changed = Buffer.from(fresh);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      expect(() => unseal(during, place, changed)).toThrow(/unable to authenticate/);
    }
    expect(() => unseal(during, { ...place, row: 'two' }, fresh)).toThrow(/unable to authenticate/);
  });

  it('reaches the wrapping of the keys themselves with the first bundle that is written', () => {
    const wrapping = kek('one');
    const [first, second] = [wrapShopKeys(wrapping, announced.keys), wrapShopKeys(wrapping, during)];
    expect([first[0], second[0]]).toEqual([1, 2]);
    expect(unwrapShopKeys(wrapping, shopId, first)).toEqual(announced.keys);
    expect(unwrapShopKeys(wrapping, shopId, second)).toEqual(during);
  });
});

describe('a rotation of the link key', () => {
  const link = { subjectId: randomUUID(), expiresAt: new Date('2040-01-01'), generation: 2 };
  const open = (keys: ShopKeys, token: string) => isLinkSigned(keys, 'card', { token, generation: 2 });
  const days = (count: number) => new Date(Date.now() + count * 24 * 60 * 60_000);

  it('W16 lets links of the old key open within the overlap and not after, flips of any character never', () => {
    const before = createShopKeys(shopId, 'aes-256-gcm');
    const old = createLinkToken(before, 'card', link);
    const keys = withNewLinkKey(before, days(30));
    const fresh = createLinkToken(keys, 'card', link);
    expect([open(keys, old), open(keys, fresh), open(before, fresh)]).toEqual([true, true, false]);
    for (let at = 0; at < old.length; at += 1)
      expect(open(keys, `${old.slice(0, at)}${old[at] === 'A' ? 'B' : 'A'}${old.slice(at + 1)}`)).toBe(false);
    setClockOffsetMs(31 * 24 * 60 * 60_000);
    expect([open(keys, old), open(keys, fresh)]).toEqual([false, true]);
    const tended = withoutExpiredLinkKeys(keys, days(31));
    expect(tended.linkKeys.map(({ version }) => version)).toEqual([2]);
    expect(withoutExpiredLinkKeys(tended, days(3_000))).toBe(tended);
  });

  it('W16 without an overlap ends every earlier link at once', () => {
    const first = createShopKeys(shopId, 'aes-256-gcm');
    const old = createLinkToken(first, 'card', link);
    const second = withNewLinkKey(first, days(30));
    const keys = withNewLinkKey(second, new Date());
    expect([old, createLinkToken(second, 'card', link)].map((token) => open(keys, token))).toEqual([false, false]);
  });

  it('never shortens what is left by a longer overlap, and goes round after 255 versions', () => {
    let keys = createShopKeys(shopId, 'aes-256-gcm');
    keys = withNewLinkKey(keys, days(1));
    keys = withNewLinkKey(keys, days(30));
    expect(keys.linkKeys.map(({ version }) => version)).toEqual([3, 2, 1]);
    expect((keys.linkKeys[2]?.validUntil?.getTime() ?? 0) - Date.now()).toBeLessThan(2 * 24 * 60 * 60_000);
    for (let count = 0; count < 253; count += 1)
      keys = withoutExpiredLinkKeys(withNewLinkKey(keys, days(-1)), new Date());
    expect(keys.linkKeys.map(({ version }) => version)).toEqual([1]);
  });
});
