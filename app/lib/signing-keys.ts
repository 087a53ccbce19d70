/**
 * The keys that sign access tokens: one Ed25519 key derived from each key-encryption key, so that rotating those rotates
 * these. The newest signs; the others still verify until their key-encryption key is taken away.
 */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';

import { env } from '#app/lib/env.ts';
import { invariant } from '#app/lib/errors.ts';
import type { KeyEncryptionKey } from '#app/lib/sealed-box.ts';

export type SigningKey = { id: string; privateKey: KeyObject; publicKey: KeyObject };
export type PublicJwk = { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string; alg: 'EdDSA'; use: 'sig' };

/** The PKCS #8 frame around a bare Ed25519 seed (RFC 8410). */
const pkcs8Frame = Buffer.from('302e020100300506032b657004220420', 'hex');

function derive(kek: KeyEncryptionKey): SigningKey {
  const seed = Buffer.from(hkdfSync('sha256', kek.bytes, kek.id, 'stampwell/access-token-signing', 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Frame, seed]), format: 'der', type: 'pkcs8' });
  return { id: kek.id, privateKey, publicKey: createPublicKey(privateKey) };
}

const derived = new WeakMap<KeyEncryptionKey, SigningKey>();

/** All keys that verify, the one that signs first. */
export function signingKeys(): SigningKey[] {
  return env().KEY_ENCRYPTION_KEYS.map((kek) => {
    const known = derived.get(kek) ?? derive(kek);
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
  return {
    keys: signingKeys().map(({ id, publicKey }) => {
      const { x } = publicKey.export({ format: 'jwk' });
      invariant(x !== undefined, 'an Ed25519 key has an x');
      return { kty: 'OKP', crv: 'Ed25519', x, kid: id, alg: 'EdDSA', use: 'sig' };
    }),
  };
}
