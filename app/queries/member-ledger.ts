/** A member's ledger as the API shows it. */
import { z } from 'zod';

import { explanationSchema, type MemberLedger } from '#app/contracts/api.ts';
import { type ListedEntry, listEntries } from '#app/data/ledger/ledger-audit.ts';
import { readLivingMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** What settlements write; entries of other sources explain themselves by their reason. */
const storedExplanationSchema = z.object({ parts: z.array(explanationSchema) });

/** A page of entries, newest first, before an entry id; `next` is where to go on. Throws `NotFound`. */
export async function memberLedger(
  shopId: ShopId,
  memberId: string,
  page: { before: string | null; limit: number },
): Promise<{ entries: MemberLedger['entries']; next: string | null }> {
  return withShop(shopId, async (tx) => {
    const member = await readLivingMember(tx, memberId);
    const read = await listEntries(tx, member.memberId, { before: page.before, limit: page.limit + 1 });
    const entries = read.slice(0, page.limit);
    return { entries: entries.map(toEntry), next: read.length > page.limit ? (entries.at(-1)?.entryId ?? null) : null };
  });
}

function toEntry(entry: ListedEntry): MemberLedger['entries'][number] {
  return {
    id: entry.entryId,
    unit: entry.unit,
    kind: entry.kind,
    amount: entry.amount,
    source: entry.source,
    orderId: entry.orderId,
    reason: entry.reason,
    occurredAt: entry.occurredAt.toISOString(),
    explanation: storedExplanationSchema.safeParse(entry.explanation).data?.parts ?? [],
  };
}
