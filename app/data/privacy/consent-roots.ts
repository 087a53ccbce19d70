/** Daily signed roots over the consent log: what was in it cannot be taken out later without somebody noticing. */
import { highestNumber } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { Signed } from '#app/lib/evidence.ts';
import { emptyFrontier, extendFrontier, type Frontier, type LeafSpan, rootOf, siblingSpans } from '#app/lib/merkle.ts';

/** What is signed: this shop's first `size` consents have this root, and the chain stood at this hash. */
export type ConsentRootPayload = {
  kind: 'consent-root';
  shopId: string;
  size: number;
  root: string;
  headHash: string;
  madeAt: string;
};

export type ConsentRoot = { size: number; root: Buffer; signed: Signed<ConsentRootPayload>; madeAt: Date };

const sliceMax = 5_000;

/** The leaves of the log in order after `after`, at most `limit`: the hash of each record. */
export async function readLeaves(tx: Tx, slice: { after: number; limit: number }): Promise<Buffer[]> {
  const rows = await tx.query<{ hash: Buffer }>(
    'select hash from consent_record where shop_id = $1 and sequence > $2 order by sequence limit $3',
    [tx.shopId, slice.after, slice.limit],
  );
  return rows.map((row) => row.hash);
}

/** The newest root and what to go on from; an empty tree while there is none. */
export async function readFrontier(tx: Tx): Promise<Frontier> {
  const [row] = await tx.query<{ size: number; frontier: Buffer[] }>(
    'select size, frontier from consent_root where shop_id = $1 order by size desc limit 1',
    [tx.shopId],
  );
  return row === undefined ? emptyFrontier : { size: row.size, peaks: row.frontier };
}

/** The tree as it is now, gone on from the newest root. `headHash` is the last record's. */
export async function growTree(tx: Tx): Promise<{ frontier: Frontier; grew: number; headHash: Buffer | null }> {
  const start = await readFrontier(tx);
  let frontier = start;
  let headHash: Buffer | null = null;
  for (;;) {
    const leaves = await readLeaves(tx, { after: frontier.size, limit: sliceMax });
    frontier = extendFrontier(frontier, leaves);
    headHash = leaves.at(-1) ?? headHash;
    if (leaves.length < sliceMax) return { frontier, grew: frontier.size - start.size, headHash };
  }
}

/** Keeps a signed root. Safe to repeat. */
export async function writeRoot(
  tx: Tx,
  made: { frontier: Frontier; signed: Signed<ConsentRootPayload>; at: Date },
): Promise<void> {
  await tx.query(
    `insert into consent_root (shop_id, size, root, frontier, signed, made_at) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [tx.shopId, made.frontier.size, rootOf(made.frontier), made.frontier.peaks, JSON.stringify(made.signed), made.at],
  );
}

/** Signed roots, newest first, below `before` when given; at most `limit`. */
export async function listRoots(tx: Tx, page: { before: number | null; limit: number }): Promise<ConsentRoot[]> {
  return tx.query<ConsentRoot>(
    `select size, root, signed, made_at as "madeAt" from consent_root
     where shop_id = $1 and size < coalesce($2::bigint, ${highestNumber}) order by size desc limit $3`,
    [tx.shopId, page.before, page.limit],
  );
}

export type ConsentProof = {
  sequence: number;
  leaf: string;
  size: number;
  proof: string[];
  root: Signed<ConsentRootPayload>;
};

const proofRecordsMax = 10_000_000;

/**
 * The proof that a record is under the first root that covers it; null before there is one, or in a log past its bounds.
 * Reads the log up to that root, slice by slice.
 */
export async function proveConsent(tx: Tx, sequence: number): Promise<ConsentProof | null> {
  const [root] = await tx.query<{ size: number; signed: Signed<ConsentRootPayload> }>(
    'select size, signed from consent_root where shop_id = $1 and size >= $2 order by size limit 1',
    [tx.shopId, sequence],
  );
  if (root === undefined || sequence < 1 || root.size > proofRecordsMax) return null;
  const [leaf] = await readLeaves(tx, { after: sequence - 1, limit: 1 });
  if (leaf === undefined) return null;
  const proof: string[] = [];
  for (const span of siblingSpans(sequence - 1, root.size)) {
    const sibling = await rootOfSpan(tx, span);
    if (sibling === null) return null;
    proof.push(sibling.toString('hex'));
  }
  return { sequence, leaf: leaf.toString('hex'), size: root.size, proof, root: root.signed };
}

/** The root of a subtree of the log; null when records of it are missing. */
async function rootOfSpan(tx: Tx, { from, to }: LeafSpan): Promise<Buffer | null> {
  let subtree = emptyFrontier;
  while (subtree.size < to - from) {
    const after = from + subtree.size;
    const leaves = await readLeaves(tx, { after, limit: Math.min(sliceMax, to - after) });
    if (leaves.length === 0) return null;
    subtree = extendFrontier(subtree, leaves);
  }
  return rootOf(subtree);
}
