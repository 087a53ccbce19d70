/** The audit log as a file: piece by piece, so that a large shop never sits in memory. */
import { type AuditEntry, type AuditFilter, listAuditEntries } from '#app/data/privacy/audit-records.ts';
import { listAuditMonths } from '#app/data/privacy/audit-months.ts';
import { readChainHead } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { csvLine } from '#app/lib/csv.ts';
import { signEvidence } from '#app/lib/evidence.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { type AuditLine, toLine } from '#app/queries/audit-page.ts';

export type AuditFormat = 'csv' | 'jsonl';

const recordsPerPiece = 1_000;
const header = ['Number', 'Recorded', 'Happened', 'Who', 'What', 'On', 'Reason', 'Hash before', 'Hash after', 'Previous hash', 'Hash']; // prettier-ignore

/**
 * Text in pieces, newest record first. CSV begins with a header, and cells that a spreadsheet would calculate are
 * neutralised. JSON lines begin with the signed head of the chain as it is now, followed by the signed heads of its months: whoever
 * keeps the file can tell later whether a record was taken away since.
 */
export async function* auditExport(
  shopId: ShopId,
  asked: { filter: AuditFilter; format: AuditFormat },
): AsyncGenerator<string> {
  yield asked.format === 'csv' ? csvLine(header) : await signedHeads(shopId);
  let before: number | null = null;
  for (;;) {
    const page = { before, limit: recordsPerPiece };
    const entries: AuditEntry[] = await withShop(shopId, (tx) => listAuditEntries(tx, asked.filter, page));
    const last = entries.at(-1);
    if (last === undefined) return;
    yield entries.map((entry) => lineOf(toLine(entry), asked.format)).join('');
    before = last.sequence;
  }
}

async function signedHeads(shopId: ShopId): Promise<string> {
  const { head, months } = await withShop(shopId, async (tx) => ({
    head: await readChainHead(tx, 'audit'),
    months: await listAuditMonths(tx),
  }));
  const payload = {
    kind: 'audit-head',
    shopId,
    sequence: head?.sequence ?? 0,
    hash: head?.hash.toString('hex') ?? null,
    at: now().toISOString(),
  };
  return [signEvidence(payload), ...months.map(({ signed }) => signed)]
    .map((signed) => `${JSON.stringify(signed)}\n`)
    .join('');
}

function lineOf(entry: AuditLine, format: AuditFormat): string {
  if (format === 'jsonl') return `${JSON.stringify(entry)}\n`;
  return csvLine([
    entry.sequence,
    entry.recordedAt.toISOString(),
    entry.occurredAt.toISOString(),
    entry.actor,
    entry.action,
    entry.object,
    entry.reason,
    entry.beforeHash,
    entry.afterHash,
    entry.previousHash,
    entry.hash,
  ]);
}
