/** Checks a shop's consent or audit chain from its first record to its head. It never repairs. */
import { type ChainRecord, readChain, readChainHead } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { chainHash, chainStart } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

const sliceMax = 2_000;

type ChainProblem = 'missing' | 'changed' | 'not-linked' | 'head-differs';
export type ChainVerdict = { checked: number; firstBad: { sequence: number; problem: ChainProblem } | null };

/** Verifies a chain and names the first record that is missing, changed or out of place. Safe to repeat, also meanwhile. */
export async function verifyChain(asked: { shopId: ShopId; chain: 'consent' | 'audit' }): Promise<ChainVerdict> {
  let last = { sequence: 0, hash: chainStart };
  for (;;) {
    const after = last.sequence;
    // The head is read first: a record appended in between is in the slice, and the next round sees its head.
    const { head, slice } = await withShop(asked.shopId, async (tx) => ({
      head: (await readChainHead(tx, asked.chain)) ?? { sequence: 0, hash: chainStart },
      slice: await readChain(tx, asked.chain, { after, limit: sliceMax }),
    }));
    for (const record of slice) {
      const problem = problemOf(record, last);
      const sequence = problem === 'missing' ? last.sequence + 1 : record.sequence;
      if (problem !== null) return { checked: last.sequence, firstBad: { sequence, problem } };
      last = record;
    }
    if (slice.length === 0) return { checked: last.sequence, firstBad: headProblem(head, last) };
  }
}

function problemOf(record: ChainRecord, last: { sequence: number; hash: Buffer }): ChainProblem | null {
  if (record.sequence !== last.sequence + 1) return 'missing';
  if (!record.previousHash.equals(last.hash)) return 'not-linked';
  return chainHash(record.previousHash, record.content).equals(record.hash) ? null : 'changed';
}

function headProblem(
  head: { sequence: number; hash: Buffer },
  last: { sequence: number; hash: Buffer },
): ChainVerdict['firstBad'] {
  if (head.sequence > last.sequence) return { sequence: last.sequence + 1, problem: 'missing' };
  const isSame = head.sequence === last.sequence && head.hash.equals(last.hash);
  return isSame ? null : { sequence: last.sequence, problem: 'head-differs' };
}
