/** Each month of a shop's audit chain that is over is checked once more and gets its signed head. */
import {
  type AuditMonthHead,
  endAuditMonths,
  insertAuditMonth,
  listAuditMonths,
} from '#app/data/privacy/audit-months.ts';
import { walkAuditRecords } from '#app/data/privacy/audit-records.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type ChainLink, recordProblem } from '#app/domain/privacy/chain-walk.ts';
import { now } from '#app/lib/clock.ts';
import { signEvidence } from '#app/lib/evidence.ts';
import { chainStart } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Signs the heads of the months that are over. A month whose records were altered is not signed: it throws, so that
 * the job stays visible, and no month from it on is ever removed. Safe to repeat.
 */
export async function closeAuditMonths({ shopId }: { shopId: ShopId }): Promise<void> {
  const at = now();
  const thisMonth = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth()));
  const { last, ended } = await withShop(shopId, async (tx) => {
    const newest = (await listAuditMonths(tx)).at(-1);
    const link: ChainLink = { sequence: newest?.lastSequence ?? 0, hash: newest?.hash ?? chainStart };
    return { last: link, ended: await endAuditMonths(tx, { after: link.sequence, until: thisMonth }) };
  });
  let link = last;
  for (const { month, lastSequence } of ended) {
    const head = await checkedMonth(shopId, { after: link, lastSequence });
    const payload: AuditMonthHead = {
      kind: 'audit-month',
      shopId,
      month,
      firstSequence: link.sequence + 1,
      lastSequence,
      previousHash: link.hash.toString('hex'),
      hash: head.hash.toString('hex'),
      closedAt: at.toISOString(),
    };
    await withShop(shopId, (tx) => insertAuditMonth(tx, signEvidence(payload)));
    link = head;
  }
}

async function checkedMonth(shopId: ShopId, month: { after: ChainLink; lastSequence: number }): Promise<ChainLink> {
  let last = month.after;
  for await (const record of walkAuditRecords(shopId, last.sequence)) {
    const bad = recordProblem(record, last);
    if (bad !== null) throw new Error(`The audit chain is altered at ${bad.sequence}: ${bad.problem}`);
    last = record;
    if (last.sequence === month.lastSequence) return last;
  }
  throw new Error(`The audit chain ends before ${month.lastSequence}`);
}
