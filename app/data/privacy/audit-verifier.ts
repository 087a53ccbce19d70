/**
 * Checking a shop's audit chain from its first record that is still kept to its head, and the signed heads of its months. It
 * needs nothing but the records and our public keys, and never repairs.
 */
import { type AuditMonth, listAuditMonths } from '#app/data/privacy/audit-months.ts';
import { walkAuditRecords } from '#app/data/privacy/audit-records.ts';
import { readChainHead } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type BadLink, type ChainLink, headProblem, recordProblem } from '#app/domain/privacy/chain-walk.ts';
import type { PublicJwk } from '#app/lib/derived-signing-key.ts';
import { verifyEvidence } from '#app/lib/evidence.ts';
import { chainStart } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** `checked` counts the records that are still kept. */
export type AuditVerdict = { checked: number; firstBad: BadLink | null };

export type AskedAudit = {
  shopId: ShopId;
  publicKeys: PublicJwk[] | null;
  /** A head that was taken earlier and kept elsewhere: the chain must still lead through it. Null when there is none. */
  knownHead: ChainLink | null;
  at: Date;
};

const start: ChainLink = { sequence: 0, hash: chainStart };

/**
 * Verifies the chain and names the first record that is missing, changed, inserted or out of place. Without public keys the
 * months' signatures are left unchecked; `at` is the time by which removed months are judged. Safe to repeat, also while
 * records are appended.
 */
export async function verifyAuditChain(asked: AskedAudit): Promise<AuditVerdict> {
  const months = await withShop(asked.shopId, listAuditMonths);
  const badMonth = monthsProblem(asked, months);
  if (badMonth !== null) return { checked: 0, firstBad: badMonth };
  const lastRemoved = months.findLast(({ purgedAt }) => purgedAt !== null);
  return verifyRecords(asked, { months, last: linkOf(lastRemoved) });
}

async function verifyRecords(
  { shopId, knownHead }: AskedAudit,
  from: { months: AuditMonth[]; last: ChainLink },
): Promise<AuditVerdict> {
  const signed = new Map(from.months.map((month) => [month.lastSequence, month.hash]));
  if (knownHead !== null) signed.set(knownHead.sequence, knownHead.hash);
  let [after, last, checked] = [-1, from.last, 0];
  for (;;) {
    // The head is read first: a record appended in between is found, and the next round sees its head.
    const head = (await withShop(shopId, (tx) => readChainHead(tx, 'audit'))) ?? start;
    const before = checked;
    for await (const record of walkAuditRecords(shopId, after)) {
      const firstBad = recordProblem(record, last) ?? signatureProblem(record, signed);
      if (firstBad !== null) return { checked, firstBad };
      last = record;
      checked += 1;
    }
    if (checked === before) return { checked, firstBad: headProblem(head, last) ?? shortProblem(knownHead, last) };
    after = last.sequence;
  }
}

const linkOf = (month: AuditMonth | undefined): ChainLink =>
  month === undefined ? start : { sequence: month.lastSequence, hash: month.hash };

/** The chain may have grown since a head was taken, and never shrunk. */
function shortProblem(knownHead: ChainLink | null, last: ChainLink): BadLink | null {
  return knownHead !== null && knownHead.sequence > last.sequence
    ? { sequence: last.sequence + 1, problem: 'missing' }
    : null;
}

function signatureProblem(record: ChainLink, signed: Map<number, Buffer>): BadLink | null {
  const hash = signed.get(record.sequence);
  return hash === undefined || hash.equals(record.hash)
    ? null
    : { sequence: record.sequence, problem: 'differs-from-signed-head' };
}

function monthsProblem(asked: AskedAudit, months: AuditMonth[]): BadLink | null {
  let last = start;
  let isRemoved = true;
  for (const month of months) {
    if (month.firstSequence !== last.sequence + 1) return { sequence: last.sequence + 1, problem: 'missing' };
    if (!month.previousHash.equals(last.hash)) return { sequence: month.firstSequence, problem: 'not-linked' };
    if (!isAsSigned(asked.shopId, month)) return { sequence: month.lastSequence, problem: 'month-altered' };
    if (asked.publicKeys !== null && !verifyEvidence(month.signed, asked.publicKeys))
      return { sequence: month.lastSequence, problem: 'month-altered' };
    // Months go oldest first, and not before their time.
    if (month.purgedAt !== null && (!isRemoved || month.purgedAt < removableFrom(month) || month.purgedAt > asked.at))
      return { sequence: month.firstSequence, problem: 'month-removed-early' };
    isRemoved = month.purgedAt !== null;
    last = linkOf(month);
  }
  return null;
}

function removableFrom({ month }: AuditMonth): Date {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year + 1, number));
}

function isAsSigned(shopId: ShopId, month: AuditMonth): boolean {
  const { payload } = month.signed;
  return (
    payload.kind === 'audit-month' &&
    payload.shopId === shopId &&
    payload.month === month.month &&
    payload.firstSequence === month.firstSequence &&
    payload.lastSequence === month.lastSequence &&
    payload.previousHash === month.previousHash.toString('hex') &&
    payload.hash === month.hash.toString('hex')
  );
}
