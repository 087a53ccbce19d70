/** Which keys there are, how old they are and what is still under which: for the admin and for operators. No material. */
import {
  findNewestRotation,
  type KeyRotation,
  type KnownKey,
  listKeys,
  type WrappedUnder,
} from '#app/data/shops/shop-keys.ts';
import { listPlatformKeys, type PlatformKey } from '#app/data/system/key-registry.ts';
import { withShop } from '#app/data/tenancy.ts';
import { env } from '#app/lib/env.ts';
import { evidencePublicKeys } from '#app/lib/evidence.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { keyEncryptionKeys } from '#app/lib/key-ring.ts';
import { signingKeys } from '#app/lib/signing-keys.ts';

const keysShownMax = 50;

export type PlatformKeyState = PlatformKey & { state: 'newest' | 'in-use' | 'taken-away' };

export type KeysPage = {
  keys: KnownKey[];
  wrapped: WrappedUnder;
  rotation: KeyRotation | null;
  platform: {
    keys: PlatformKeyState[];
    /** Ids of the keys that sign access tokens and of those that sign evidence, newest first. */
    tokenKeyIds: string[];
    evidenceKeyIds: string[];
    /** How many secrets of the Shopify app are accepted; more than one while it is being replaced. */
    shopifySecrets: number;
  };
};

async function platformKeys(): Promise<PlatformKeyState[]> {
  const ids = keyEncryptionKeys().map(({ id }) => id);
  return (await listPlatformKeys(keysShownMax)).map((key) => ({
    ...key,
    state: key.id === ids[0] ? 'newest' : ids.includes(key.id) ? 'in-use' : 'taken-away',
  }));
}

/** Everything about the keys that concern a shop. */
export async function keysPage(shopId: ShopId): Promise<KeysPage> {
  const own = await withShop(shopId, async (tx) => ({
    ...(await listKeys(tx, keysShownMax)),
    rotation: await findNewestRotation(tx),
  }));
  return {
    ...own,
    platform: {
      keys: await platformKeys(),
      tokenKeyIds: signingKeys().map(({ id }) => id),
      evidenceKeyIds: evidencePublicKeys().map(({ kid }) => kid),
      shopifySecrets: env().SHOPIFY_API_SECRET.length,
    },
  };
}
