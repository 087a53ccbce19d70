/**
 * A shop's keys as they rest: one sealed bundle, wrapped by a key derived per shop from a key-encryption key. Everything
 * that rotates lies in the bundle with its version, so each rotation is one write of one column, and destroying that
 * column destroys all of it.
 *
 * The first byte says how a bundle is wrapped: always by the algorithm of the data key that seals. A bundle from before keys
 * had versions is the bare first data key, from which the others were derived; a key without an algorithm is of the first.
 */
import { randomBytes } from 'node:crypto';

import { invariant } from '#app/lib/errors.ts';
import {
  type DataKey,
  decryptBox,
  deriveKey,
  encryptBox,
  type KeyEncryptionKey,
  type LinkKey,
  type SealingAlgorithm,
  sealingAlgorithms,
  type ShopKeys,
  type VersionedKey,
} from '#app/lib/sealed-box.ts';

const keyBytes = 32;
const layouts: Record<SealingAlgorithm, number> = { 'aes-256-gcm': 1, 'chacha20-poly1305': 2 };
const firstAlgorithm: SealingAlgorithm = 'aes-256-gcm';
const versionMax = 65_535;
/** A link writes the version of its key in one byte. */
const linkVersionMax = 255;

type Bundle = {
  data: { version: number; key: string; algorithm?: SealingAlgorithm }[];
  links: { version: number; key: string; validUntil: string | null }[];
  marks: string;
  tombstones: string;
};

const wrapPlace = (shopId: string, kekId: string) => `shop/${shopId}/data-key/${kekId}`;
const bytesOf = (text: string) => Buffer.from(text, 'base64');
const textOf = (bytes: Buffer) => bytes.toString('base64');

function fromParts(shopId: string, parts: Omit<ShopKeys, 'shopId' | 'indexKeys'>): ShopKeys {
  const indexKeys = parts.dataKeys.map(({ version, key }) => ({ version, key: deriveKey(key, shopId, 'blind-index') }));
  return { ...parts, shopId, indexKeys };
}

function fromFirstKey(shopId: string, key: Buffer): ShopKeys {
  const linkKey = deriveKey(key, shopId, 'links');
  return fromParts(shopId, {
    dataKeys: [{ version: 1, key, algorithm: firstAlgorithm }],
    linkKeys: [{ version: 1, key: linkKey, validUntil: null }],
    markKey: linkKey,
    tombstoneKey: deriveKey(key, shopId, 'blind-index'),
  });
}

function fromBundle(shopId: string, bundle: Bundle): ShopKeys {
  return fromParts(shopId, {
    dataKeys: bundle.data.map(({ version, key, algorithm = firstAlgorithm }) => ({
      version,
      key: bytesOf(key),
      algorithm,
    })),
    linkKeys: bundle.links.map(({ version, key, validUntil }) => ({
      version,
      key: bytesOf(key),
      validUntil: validUntil === null ? null : new Date(validUntil),
    })),
    markKey: bytesOf(bundle.marks),
    tombstoneKey: bytesOf(bundle.tombstones),
  });
}

/** Wraps a shop's keys under a key-encryption key. */
export function wrapShopKeys(kek: KeyEncryptionKey, keys: ShopKeys): Buffer {
  const bundle: Bundle = {
    data: keys.dataKeys.map(({ version, key, algorithm }) => ({ version, key: textOf(key), algorithm })),
    links: keys.linkKeys.map(({ version, key, validUntil }) => ({
      version,
      key: textOf(key),
      validUntil: validUntil?.toISOString() ?? null,
    })),
    marks: textOf(keys.markKey),
    tombstones: textOf(keys.tombstoneKey),
  };
  const plain = Buffer.from(JSON.stringify(bundle));
  const algorithm = keys.dataKeys[0]?.algorithm ?? firstAlgorithm;
  const key = { key: deriveKey(kek.bytes, keys.shopId, 'wrap'), algorithm };
  return Buffer.concat([Buffer.from([layouts[algorithm]]), encryptBox(key, plain, wrapPlace(keys.shopId, kek.id))]);
}

/** Unwraps a shop's keys. Throws when the key-encryption key or the shop is not the one they were wrapped for. */
export function unwrapShopKeys(kek: KeyEncryptionKey, shopId: string, wrapped: Buffer): ShopKeys {
  const algorithm = sealingAlgorithms.find((known) => layouts[known] === wrapped[0]);
  invariant(algorithm !== undefined, 'not wrapped keys');
  const key = { key: deriveKey(kek.bytes, shopId, 'wrap'), algorithm };
  const plain = decryptBox(key, wrapped.subarray(1), wrapPlace(shopId, kek.id));
  if (plain.length === keyBytes) return fromFirstKey(shopId, plain);
  // Written by ourselves and authenticated.
  return fromBundle(shopId, JSON.parse(plain.toString('utf8')) as Bundle);
}

const random = (version: number): VersionedKey => ({ version, key: randomBytes(keyBytes) });
const randomDataKey = (version: number, algorithm: SealingAlgorithm): DataKey => ({ ...random(version), algorithm });

/** New random keys of a shop: none is derived from another. */
export function createShopKeys(shopId: string, algorithm: SealingAlgorithm): ShopKeys {
  return fromParts(shopId, {
    dataKeys: [randomDataKey(1, algorithm)],
    linkKeys: [{ ...random(1), validUntil: null }],
    markKey: randomBytes(keyBytes),
    tombstoneKey: randomBytes(keyBytes),
  });
}

/** With a new data key that opens and does not seal yet: everybody must know it before anything is sealed with it. */
export function withAnnouncedDataKey(keys: ShopKeys, algorithm: SealingAlgorithm): { keys: ShopKeys; version: number } {
  const version = Math.max(...keys.dataKeys.map((known) => known.version)) + 1;
  invariant(version <= versionMax, 'a data key has at most 65,535 versions');
  const dataKeys = [...keys.dataKeys, randomDataKey(version, algorithm)];
  return { keys: fromParts(keys.shopId, { ...keys, dataKeys }), version };
}

/** With the data key of this version sealing from now on; the others still open. */
export function withSealingDataKey(keys: ShopKeys, version: number): ShopKeys {
  const chosen = keys.dataKeys.filter((known) => known.version === version);
  invariant(chosen.length === 1, 'only a known data key can seal');
  const others = keys.dataKeys.filter((known) => known.version !== version);
  return fromParts(keys.shopId, { ...keys, dataKeys: [...chosen, ...others] });
}

/** With the sealing data key alone: whatever is still sealed under another can never be opened again. */
export function withoutEarlierDataKeys(keys: ShopKeys): ShopKeys {
  return fromParts(keys.shopId, { ...keys, dataKeys: keys.dataKeys.slice(0, 1) });
}

/** With a new link key that signs from now on. Links of those before open until `overlapUntil`, or sooner. */
export function withNewLinkKey(keys: ShopKeys, overlapUntil: Date): ShopKeys {
  const version = ((keys.linkKeys[0]?.version ?? 0) % linkVersionMax) + 1;
  const earlier = keys.linkKeys
    .filter((link) => link.version !== version)
    .map((link): LinkKey => ({
      ...link,
      validUntil: link.validUntil === null || link.validUntil > overlapUntil ? overlapUntil : link.validUntil,
    }));
  return { ...keys, linkKeys: [{ ...random(version), validUntil: null }, ...earlier] };
}

/** Without the link keys whose time was over at `at`. The same object when there are none. */
export function withoutExpiredLinkKeys(keys: ShopKeys, at: Date): ShopKeys {
  const linkKeys = keys.linkKeys.filter(({ validUntil }) => validUntil === null || validUntil > at);
  return linkKeys.length === keys.linkKeys.length ? keys : { ...keys, linkKeys };
}
