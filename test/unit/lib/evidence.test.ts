import { createPublicKey, randomBytes, verify } from 'node:crypto';

import { afterEach, describe, expect, it } from 'vitest';

import {
  endorseEvidenceKeys,
  evidencePublicKeys,
  rememberEvidenceKeys,
  type Signed,
  signEvidence,
  verifyEvidence,
} from '#app/lib/evidence.ts';
import { setKeyRing } from '#app/lib/key-ring.ts';

const kek = (id: string) => ({ id, bytes: randomBytes(32) });
const [first, second, third] = [kek('one'), kek('two'), kek('three')];
const overTheWire = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T;

afterEach(() => {
  setKeyRing([first]);
  rememberEvidenceKeys([]);
});

describe('evidence', () => {
  it('verifies with the public key alone, also after being written and read, and whatever the order of its keys', () => {
    setKeyRing([first]);
    const signed = overTheWire(
      signEvidence({ kind: 'test', at: new Date(0), items: [{ b: 1, a: 'ü' }], none: undefined }),
    );
    expect(verifyEvidence(signed, evidencePublicKeys())).toBe(true);
    const turned = { items: [{ a: 'ü', b: 1 }], at: '1970-01-01T00:00:00.000Z', kind: 'test' };
    expect(verifyEvidence({ ...signed, payload: turned }, evidencePublicKeys())).toBe(true);
    // What an auditor does without any code of ours: canonical JSON, a public key, Ed25519.
    const [jwk] = evidencePublicKeys();
    const bytes = Buffer.from('{"at":"1970-01-01T00:00:00.000Z","items":[{"a":"ü","b":1}],"kind":"test"}');
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    expect(verify(null, bytes, key, Buffer.from(signed.signature, 'base64'))).toBe(true);
  });

  it('is not genuine with anything changed, nor by a key that is not known', () => {
    setKeyRing([first]);
    const signed = signEvidence({ kind: 'test', count: 1 });
    const keys = evidencePublicKeys();
    const broken: Signed<unknown>[] = [
      { ...signed, payload: { kind: 'test', count: 2 } },
      { ...signed, payload: { kind: 'test', count: 1, more: null } },
      { ...signed, payload: undefined },
      { ...signed, signature: '' },
      { ...signed, signature: `${signed.signature} ` },
      { ...signed, signature: Buffer.alloc(64).toString('base64') },
      { ...signed, keyId: 'evidence-one' },
      { ...signed, algorithm: 'none' as 'Ed25519' },
    ];
    expect(broken.filter((one) => verifyEvidence(one, keys))).toEqual([]);
    setKeyRing([kek('one')]);
    expect(verifyEvidence(signed, evidencePublicKeys())).toBe(false);
  });

  it('experiment 34: still verifies after its key was rotated away, through two rotations', () => {
    setKeyRing([first]);
    const signed = signEvidence({ kind: 'test' });
    setKeyRing([second, first]);
    const kept = overTheWire(endorseEvidenceKeys());
    setKeyRing([third, second]);
    expect(rememberEvidenceKeys(kept)).toBe(0);
    const keptLater = overTheWire(endorseEvidenceKeys());
    setKeyRing([third]);
    expect(rememberEvidenceKeys(keptLater)).toBe(0);
    expect(evidencePublicKeys()).toHaveLength(3);
    expect(verifyEvidence(signed, evidencePublicKeys())).toBe(true);
  });

  it('takes no key from the database that none of ours speaks for', () => {
    setKeyRing([kek('forger')]);
    const [forged] = endorseEvidenceKeys();
    setKeyRing([second, first]);
    const kept = endorseEvidenceKeys();
    const mine = kept[0];
    const swapped = mine && {
      endorsed: {
        ...mine.endorsed,
        payload: { ...mine.endorsed.payload, key: forged?.endorsed.payload.key ?? mine.endorsed.payload.key },
      },
    };
    setKeyRing([second]);
    expect(rememberEvidenceKeys([...kept, ...(forged ? [forged] : []), ...(swapped ? [swapped] : [])])).toBe(2);
    expect(evidencePublicKeys().map(({ kid }) => kid.slice(0, 12))).toEqual(['evidence-two', 'evidence-one']);
  });
});
