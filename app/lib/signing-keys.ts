/**
 * The keys that sign access tokens: one Ed25519 key derived from each key-encryption key, so that rotating those rotates
 * these. The newest signs; the others still verify until their key-encryption key is taken away.
 */
import { deriveKeyPair, type KeyPair, type PublicJwk, publicJwk } from '#app/lib/derived-signing-key.ts';
import { invariant } from '#app/lib/errors.ts';
import { keyEncryptionKeys } from '#app/lib/key-ring.ts';
import type { KeyEncryptionKey } from '#app/lib/sealed-box.ts';

export type SigningKey = KeyPair & { id: string };

const derived = new WeakMap<KeyEncryptionKey, SigningKey>();

/** All keys that verify, the one that signs first. */
export function signingKeys(): SigningKey[] {
  return keyEncryptionKeys().map((kek) => {
    const known = derived.get(kek) ?? { id: kek.id, ...deriveKeyPair(kek, 'access-token-signing') };
    derived.set(kek, known);
    return known;
  });
}

/** The key that signs. */
export function newestSigningKey(): SigningKey {
  const [newest] = signingKeys();
  invariant(newest !== undefined, 'there is always a newest key-encryption key');
  return newest;
}

/** The public halves, as they are published. */
export function publicKeySet(): { keys: PublicJwk[] } {
  return { keys: signingKeys().map(({ id, publicKey }) => publicJwk(id, publicKey)) };
}
