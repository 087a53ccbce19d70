/** Seals what belongs to no shop under a key of the platform, which is derived from the newest key-encryption key. */
import { invariant } from '#app/lib/errors.ts';
import { keyEncryptionKeys, newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { decryptBox, deriveKey, encryptBox, type KeyEncryptionKey, type Place } from '#app/lib/sealed-box.ts';

export type PlatformSealed = { keyId: string; box: Buffer };

const keyOf = (kek: KeyEncryptionKey) =>
  ({ key: deriveKey(kek.bytes, kek.id, 'platform-secrets'), algorithm: 'aes-256-gcm' }) as const;
const placeText = (place: Place) => `platform/${place.table}/${place.column}/${place.row}`;

/** Seals a text for one place. */
export function sealForPlatform(place: Place, text: string): PlatformSealed {
  const kek = newestKeyEncryptionKey();
  return { keyId: kek.id, box: encryptBox(keyOf(kek), Buffer.from(text, 'utf8'), placeText(place)) };
}

/** Opens what was sealed for the same place; throws for any other, and once its key-encryption key is gone. */
export function openForPlatform(place: Place, { keyId, box }: PlatformSealed): string {
  const kek = keyEncryptionKeys().find(({ id }) => id === keyId);
  invariant(kek !== undefined, 'a secret of the platform is sealed under a key that is there');
  return decryptBox(keyOf(kek), box, placeText(place)).toString('utf8');
}
