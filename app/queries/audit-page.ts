/** The audit log for people: a page at a time, each record with its hashes, and the months behind it. */
import { type AuditEntry, type AuditFilter, listAuditEntries } from '#app/data/privacy/audit-records.ts';
import { listAuditMonths } from '#app/data/privacy/audit-months.ts';
import { readChainHead } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Hashes are hexadecimal. */
export type AuditLine = {
  sequence: number;
  actor: string;
  action: string;
  object: string;
  reason: string | null;
  occurredAt: Date;
  recordedAt: Date;
  beforeHash: string | null;
  afterHash: string | null;
  previousHash: string;
  hash: string;
};

export type AuditPage = {
  lines: AuditLine[];
  /** The sequence to go on below, or null at the end. */
  next: number | null;
  /** How many records are kept. */
  recordsTotal: number;
  months: { month: string; records: number; isRemoved: boolean }[];
};

const monthsShown = 24;

/** Records that fit a filter, newest first. */
export async function auditPage(
  shopId: ShopId,
  asked: { filter: AuditFilter; before: number | null; limit: number },
): Promise<AuditPage> {
  return withShop(shopId, async (tx) => {
    const found = await listAuditEntries(tx, asked.filter, { before: asked.before, limit: asked.limit + 1 });
    const shown = found.slice(0, asked.limit);
    const months = await listAuditMonths(tx);
    const removed = months.findLast(({ purgedAt }) => purgedAt !== null)?.lastSequence ?? 0;
    return {
      lines: shown.map(toLine),
      next: found.length > asked.limit ? (shown.at(-1)?.sequence ?? null) : null,
      recordsTotal: ((await readChainHead(tx, 'audit'))?.sequence ?? 0) - removed,
      months: months.slice(-monthsShown).map(({ month, firstSequence, lastSequence, purgedAt }) => ({
        month,
        records: lastSequence - firstSequence + 1,
        isRemoved: purgedAt !== null,
      })),
    };
  });
}

/** A record as it is shown and exported. */
export function toLine(entry: AuditEntry): AuditLine {
  return {
    ...entry,
    beforeHash: entry.beforeHash?.toString('hex') ?? null,
    afterHash: entry.afterHash?.toString('hex') ?? null,
    previousHash: entry.previousHash.toString('hex'),
    hash: entry.hash.toString('hex'),
  };
}
