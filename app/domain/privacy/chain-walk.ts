/** Going along a hash chain, link by link: what is wrong with the next record, and whether the head is where it should be. */
import { chainHash } from '#app/lib/hash-chain.ts';

export type ChainLink = { sequence: number; hash: Buffer };
export type ChainRecord = ChainLink & {
  content: Record<string, unknown>;
  /** What was hashed of such a record in earlier releases, where that was less. */
  earlierContent?: Record<string, unknown>;
  previousHash: Buffer;
};

export type ChainProblem =
  | 'missing'
  | 'inserted'
  | 'not-linked'
  | 'changed'
  | 'head-differs'
  /** The chain is whole, but not the one whose head was signed. */
  | 'differs-from-signed-head'
  | 'month-altered'
  | 'month-removed-early';

export type BadLink = { sequence: number; problem: ChainProblem };

/** What is wrong with the record that should follow `last`; null when it does. */
export function recordProblem(record: ChainRecord, last: ChainLink): BadLink | null {
  const { sequence } = record;
  if (sequence <= last.sequence) return { sequence, problem: 'inserted' };
  if (sequence > last.sequence + 1) return { sequence: last.sequence + 1, problem: 'missing' };
  if (!record.previousHash.equals(last.hash)) return { sequence, problem: 'not-linked' };
  const contents = [record.content, ...(record.earlierContent === undefined ? [] : [record.earlierContent])];
  const isAsHashed = contents.some((content) => chainHash(record.previousHash, content).equals(record.hash));
  return isAsHashed ? null : { sequence, problem: 'changed' };
}

/** What is wrong with a head when `last` is the last record there is; null when it is that record's. */
export function headProblem(head: ChainLink, last: ChainLink): BadLink | null {
  if (head.sequence > last.sequence) return { sequence: last.sequence + 1, problem: 'missing' };
  const isSame = head.sequence === last.sequence && head.hash.equals(last.hash);
  return isSame ? null : { sequence: last.sequence, problem: 'head-differs' };
}
