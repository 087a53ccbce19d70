/**
 * Merkle trees over an append-only log, as RFC 6962 hashes them. A tree is carried on from its frontier: the roots of the
 * whole subtrees it is made of, largest first. So a day's root costs that day's records, not the whole log.
 */
import { createHash } from 'node:crypto';

/** What a tree goes on from: how many leaves it has, and the roots of its whole subtrees. */
export type Frontier = { size: number; peaks: Buffer[] };

export const emptyFrontier: Frontier = { size: 0, peaks: [] };

const leafHash = (leaf: Buffer) => createHash('sha256').update(Buffer.of(0)).update(leaf).digest();
const nodeHash = (left: Buffer, right: Buffer) =>
  createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();

/** The frontier once these leaves are appended. */
export function extendFrontier({ size, peaks }: Frontier, leaves: Buffer[]): Frontier {
  const next = [...peaks];
  let count = size;
  for (const leaf of leaves) {
    let node = leafHash(leaf);
    // As in counting: every trailing one of the size is a whole subtree that this leaf makes one larger with.
    for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(next.pop() ?? node, node);
    next.push(node);
    count += 1;
  }
  return { size: count, peaks: next };
}

/** The root of the tree. */
export function rootOf({ peaks }: Frontier): Buffer {
  const last = peaks.at(-1);
  if (last === undefined) return createHash('sha256').digest();
  return peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

const largestPowerBelow = (size: number) => {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
};

/** Leaves from one on, up to but without another. */
export type LeafSpan = { from: number; to: number };

/** The subtrees beside the path of the leaf at `index`, from the bottom up: their roots are its proof. */
export function siblingSpans(index: number, size: number): LeafSpan[] {
  if (index < 0 || index >= size) throw new RangeError('There is no such leaf');
  if (size === 1) return [];
  const split = largestPowerBelow(size);
  if (index < split) return [...siblingSpans(index, split), { from: split, to: size }];
  const right = siblingSpans(index - split, size - split).map(({ from, to }) => ({
    from: from + split,
    to: to + split,
  }));
  return [...right, { from: 0, to: split }];
}

/** The proof that the leaf at `index` is in the tree over `leaves`: its siblings, from the bottom up. */
export function inclusionProof(leaves: Buffer[], index: number): Buffer[] {
  return siblingSpans(index, leaves.length).map(({ from, to }) =>
    rootOf(extendFrontier(emptyFrontier, leaves.slice(from, to))),
  );
}

export type Inclusion = { leaf: Buffer; index: number; size: number; proof: Buffer[]; root: Buffer };

/** Whether a proof shows that the leaf is at its place in the tree of that root. */
export function isIncluded({ leaf, index, size, proof, root }: Inclusion): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  const path = pathOf(index, size);
  if (path.length !== proof.length) return false;
  const reached = path.reduce((node, side, step) => {
    const sibling = proof[step] ?? node;
    return side === 'left' ? nodeHash(node, sibling) : nodeHash(sibling, node);
  }, leafHash(leaf));
  return reached.equals(root);
}

/** On which side of its sibling the leaf's path is, from the bottom up. */
function pathOf(index: number, size: number): ('left' | 'right')[] {
  if (size === 1) return [];
  const split = largestPowerBelow(size);
  return index < split ? [...pathOf(index, split), 'left'] : [...pathOf(index - split, size - split), 'right'];
}
