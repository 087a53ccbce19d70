/**
 * Checks a shop's consent log: every record hashes and follows the one before, and every signed root is over the records
 * that are there now. A log whose tail was cut off, head row included, is shorter than its last signed root.
 */
import { readChainHead, readConsentChain } from '#app/data/privacy/chains.ts';
import { type ConsentRootPayload, listRoots } from '#app/data/privacy/consent-roots.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type BadLink, type ChainLink, headProblem, recordProblem } from '#app/domain/privacy/chain-walk.ts';
import type { PublicJwk } from '#app/lib/derived-signing-key.ts';
import { type Signed, verifyEvidence } from '#app/lib/evidence.ts';
import { chainStart } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { emptyFrontier, extendFrontier, rootOf } from '#app/lib/merkle.ts';

const sliceMax = 2_000;

type Problem = BadLink['problem'] | 'cut-off' | 'differs-from-signed-root' | 'root-altered';
export type ConsentVerdict = { checked: number; firstBad: { sequence: number; problem: Problem } | null };

export type AskedConsents = {
  shopId: ShopId;
  /** Null leaves signatures unchecked; roots are compared all the same. */
  publicKeys: PublicJwk[] | null;
  /** Roots that were exported earlier and kept elsewhere: they count even where ours were removed. */
  roots: Signed<ConsentRootPayload>[];
};

type KnownRoot = { payload: ConsentRootPayload; isGenuine: boolean };

async function collectRoots({ shopId, publicKeys, roots }: AskedConsents): Promise<KnownRoot[]> {
  const own: Signed<ConsentRootPayload>[] = [];
  let before: number | null = null;
  for (;;) {
    const page: { size: number; signed: Signed<ConsentRootPayload> }[] = await withShop(shopId, (tx) =>
      listRoots(tx, { before, limit: sliceMax }),
    );
    own.push(...page.map(({ signed, size }) => ({ ...signed, payload: { ...signed.payload, size } })));
    before = page.at(-1)?.size ?? null;
    if (before === null) break;
  }
  const told = roots.filter(({ payload }) => payload.shopId === shopId);
  return [...own, ...told]
    .map((signed) => ({
      payload: signed.payload,
      isGenuine:
        signed.payload.shopId === shopId &&
        signed.payload.kind === 'consent-root' &&
        (publicKeys === null || verifyEvidence(signed, publicKeys)),
    }))
    .toSorted((one, other) => one.payload.size - other.payload.size);
}

/** Verifies the log and names the first record that is missing, changed, or not what was signed. Safe to repeat. */
export async function verifyConsentChain(asked: AskedConsents): Promise<ConsentVerdict> {
  // Read before the records: a root made meanwhile would be over more than we are about to read.
  const roots = await collectRoots(asked);
  let last: ChainLink = { sequence: 0, hash: chainStart };
  let tree = emptyFrontier;
  for (;;) {
    const after = last.sequence;
    // The head is read first: a record appended in between is in the slice, and the next round sees its head.
    const { head, slice } = await withShop(asked.shopId, async (tx) => ({
      head: (await readChainHead(tx, 'consent')) ?? { sequence: 0, hash: chainStart },
      slice: await readConsentChain(tx, { after, limit: sliceMax }),
    }));
    for (const record of slice) {
      const firstBad = recordProblem(record, last);
      if (firstBad !== null) return { checked: last.sequence, firstBad };
      last = record;
      tree = extendFrontier(tree, [record.hash]);
      while (roots[0] !== undefined && roots[0].payload.size <= last.sequence) {
        const problem = rootProblem(roots.shift(), { root: rootOf(tree), last });
        if (problem !== null) return { checked: last.sequence, firstBad: { sequence: last.sequence, problem } };
      }
    }
    if (slice.length > 0) continue;
    const cut = roots.length > 0 ? ({ sequence: last.sequence + 1, problem: 'cut-off' } as const) : null;
    return { checked: last.sequence, firstBad: headProblem(head, last) ?? cut };
  }
}

function rootProblem(signed: KnownRoot | undefined, now: { root: Buffer; last: ChainLink }): Problem | null {
  if (signed === undefined) return null;
  if (!signed.isGenuine) return 'root-altered';
  const { root, headHash } = signed.payload;
  const isSame = root === now.root.toString('hex') && headHash === now.last.hash.toString('hex');
  return isSame ? null : 'differs-from-signed-root';
}
