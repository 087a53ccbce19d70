/** Ed25519 keys derived from a key-encryption key: one seed, one key for each purpose. */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';

import { invariant } from '#app/lib/errors.ts';
import type { KeyEncryptionKey } from '#app/lib/sealed-box.ts';

export type KeyPair = { privateKey: KeyObject; publicKey: KeyObject };

/** A public key as it is published (RFC 8037). */
export type PublicJwk = { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string; alg: 'EdDSA'; use: 'sig' };

/** The PKCS #8 frame around a bare Ed25519 seed (RFC 8410). */
const pkcs8Frame = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key pair of one purpose. The same key-encryption key and purpose always give the same pair. */
export function deriveKeyPair(kek: KeyEncryptionKey, purpose: string): KeyPair {
  const seed = Buffer.from(hkdfSync('sha256', kek.bytes, kek.id, `stampwell/${purpose}`, 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Frame, seed]), format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** The public half, as it is published. */
export function publicJwk(kid: string, publicKey: KeyObject): PublicJwk {
  const { x } = publicKey.export({ format: 'jwk' });
  invariant(x !== undefined, 'an Ed25519 key has an x');
  return { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' };
}
