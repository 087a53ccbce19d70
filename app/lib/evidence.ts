/**
 * Evidence: statements about the records that somebody who does not trust us can check with a public key alone. Each is
 * signed with Ed25519 over its payload as canonical JSON (keys sorted, no spaces, as RFC 8785 writes it).
 *
 * The signing keys are derived from the key-encryption keys and rotate with them. Public keys outlive them: the system
 * keeps those of earlier keys, each endorsed by a later one, so that nobody adds one without having held a key.
 */
import { createHash, createPublicKey, sign, verify } from 'node:crypto';

import { deriveKeyPair, type KeyPair, type PublicJwk, publicJwk } from '#app/lib/derived-signing-key.ts';
import { invariant } from '#app/lib/errors.ts';
import { canonical } from '#app/lib/hash-chain.ts';
import { keyEncryptionKeys } from '#app/lib/key-ring.ts';
import type { KeyEncryptionKey } from '#app/lib/sealed-box.ts';

/** A payload and who signed it. Say in the payload what it is, so that one statement cannot pass for another. */
export type Signed<T> = { payload: T; keyId: string; algorithm: 'Ed25519'; signature: string };

/** A public key of the past, with the word of a later one for it. */
export type EndorsedKey = { endorsed: Signed<{ kind: 'evidence-key'; key: PublicJwk }> };

type EvidenceKey = KeyPair & { id: string };

const derived = new WeakMap<KeyEncryptionKey, EvidenceKey>();
let earlier: PublicJwk[] = [];

function evidenceKeyOf(kek: KeyEncryptionKey): EvidenceKey {
  const known = derived.get(kek);
  if (known !== undefined) return known;
  const pair = deriveKeyPair(kek, 'evidence-signing');
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  // The name of a key-encryption key could be used again for another; the fingerprint cannot.
  const id = `evidence-${kek.id}-${createHash('sha256').update(spki).digest('hex').slice(0, 16)}`;
  const key = { id, ...pair };
  derived.set(kek, key);
  return key;
}

/** What is signed is the payload as it reads after being written as JSON. */
const bytesOf = (payload: unknown) => Buffer.from(canonical(JSON.parse(JSON.stringify(payload))));

/** Signs a statement with the newest key. The payload must survive being written as JSON. */
export function signEvidence<T>(payload: T): Signed<T> {
  const [newest] = keyEncryptionKeys();
  invariant(newest !== undefined, 'there is always a newest key-encryption key');
  const { id, privateKey } = evidenceKeyOf(newest);
  const signature = sign(null, bytesOf(payload), privateKey).toString('base64');
  return { payload, keyId: id, algorithm: 'Ed25519', signature };
}

/** Whether one of these keys signed exactly this payload. A malformed statement or key is not genuine; nothing is thrown. */
export function verifyEvidence(signed: Signed<unknown>, publicKeys: readonly PublicJwk[]): boolean {
  const jwk = publicKeys.find(({ kid }) => kid === signed.keyId);
  if (jwk === undefined || signed.algorithm !== 'Ed25519' || signed.payload === undefined) return false;
  const signature = Buffer.from(signed.signature, 'base64');
  if (signature.toString('base64') !== signed.signature) return false;
  try {
    const key = createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, bytesOf(signed.payload), key, signature);
  } catch {
    return false;
  }
}

/** All public keys whose signatures count, the one that signs first. They are published for everybody. */
export function evidencePublicKeys(): PublicJwk[] {
  const own = keyEncryptionKeys().map((kek) => {
    const { id, publicKey } = evidenceKeyOf(kek);
    return publicJwk(id, publicKey);
  });
  const names = new Set(own.map(({ kid }) => kid));
  return [...own, ...earlier.filter(({ kid }) => !names.has(kid))];
}

/** Every known key with the newest one's word for it: what the system keeps for the time after the next rotation. */
export function endorseEvidenceKeys(): EndorsedKey[] {
  return evidencePublicKeys().map((key) => ({ endorsed: signEvidence({ kind: 'evidence-key', key }) }));
}

/**
 * Takes back what the system kept. A key counts when one that already counts speaks for it; all others are left out, so
 * that writing into the table does not make a key ours. Answers how many were left out.
 */
export function rememberEvidenceKeys(kept: EndorsedKey[]): number {
  earlier = [];
  let waiting = kept;
  for (;;) {
    const trusted = evidencePublicKeys();
    const names = new Set(trusted.map(({ kid }) => kid));
    const added = waiting.filter(
      ({ endorsed }) => !names.has(endorsed.payload.key.kid) && verifyEvidence(endorsed, trusted),
    );
    if (added.length === 0) return waiting.filter(({ endorsed }) => !names.has(endorsed.payload.key.kid)).length;
    earlier.push(...added.map(({ endorsed }) => endorsed.payload.key));
    waiting = waiting.filter((one) => !added.includes(one));
  }
}
