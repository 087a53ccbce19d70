import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { emptyFrontier, extendFrontier, inclusionProof, isIncluded, rootOf } from '#app/lib/merkle.ts';

const leafOf = (number: number) => createHash('sha256').update(String(number)).digest();
const leavesOf = (size: number) => Array.from({ length: size }, (_, index) => leafOf(index));

/** RFC 6962, section 2.1, as it is written there. */
function plainRoot(leaves: Buffer[]): Buffer {
  const hash = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const [only] = leaves;
  if (only === undefined) return hash();
  if (leaves.length === 1) return hash(Buffer.of(0), only);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hash(Buffer.of(1), plainRoot(leaves.slice(0, split)), plainRoot(leaves.slice(split)));
}

describe('a Merkle tree', () => {
  it('F08 has the root of RFC 6962, however its leaves were appended', () => {
    fc.assert(
      fc.property(fc.nat(70), fc.nat(70), (first, more) => {
        const leaves = leavesOf(first + more);
        const grown = extendFrontier(extendFrontier(emptyFrontier, leaves.slice(0, first)), leaves.slice(first));
        expect(rootOf(grown).equals(plainRoot(leaves))).toBe(true);
        expect(grown.size).toBe(leaves.length);
      }),
    );
  });

  it('F08 proves each leaf at its place and at no other, and nothing else', () => {
    for (const size of [1, 2, 3, 7, 8, 33]) {
      const leaves = leavesOf(size);
      const root = plainRoot(leaves);
      leaves.forEach((leaf, index) => {
        const proof = inclusionProof(leaves, index);
        expect(isIncluded({ leaf, index, size, proof, root })).toBe(true);
        expect(isIncluded({ leaf: leafOf(999), index, size, proof, root })).toBe(false);
        expect(isIncluded({ leaf, index: index + 1, size, proof, root })).toBe(false);
        expect(isIncluded({ leaf, index, size, proof: [...proof, root], root })).toBe(false);
      });
    }
  });
});
