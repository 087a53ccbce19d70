/** Checks of ledger entries against what they said when they were written. Never writes. */
import { expectedDigest } from '#app/data/ledger/entry-digest.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** An entry that is not what was written. Member and unit are what it says now, which may be what was altered. */
export type AlteredEntry = { entryId: string; memberId: MemberId; unit: string; problem: 'entry-altered' };

export type EntriesChecked = {
  /** Entries looked at, with those of before there were digests. */
  entries: number;
  /** Those of them that have no digest: whether they were altered is not known. */
  withoutDigest: number;
};

/** SQL: below every id, also one that was made negative. */
const lowestNumber = `'-9223372036854775808'::bigint`;

const pageOfEntries = `
  with page as (
    select * from ledger_entry where shop_id = $1 and id > coalesce($2::bigint, ${lowestNumber})
    order by ledger_entry.id limit $3
  ), judged as (
    select id, member_id, unit, digest, case when digest is not null then digest <> ${expectedDigest} end as is_altered from page
  )
  select count(*)::int as entries, (count(*) - count(digest))::int as without_digest, max(id)::text as last,
    coalesce(json_agg(json_build_object('entryId', id::text, 'memberId', member_id, 'unit', unit) order by id)
      filter (where is_altered), '[]') as altered
  from judged`;

/** Recomputes the digests of a page of the shop's entries by id. Answers the altered ones, and where to go on. */
export async function verifyEntries(
  tx: Tx,
  page: { after: string | null; limit: number },
): Promise<EntriesChecked & { altered: AlteredEntry[]; next: string | null }> {
  const [row] = await tx.query<{
    entries: number;
    without_digest: number;
    last: string | null;
    altered: Omit<AlteredEntry, 'problem'>[];
  }>(pageOfEntries, [tx.shopId, page.after, page.limit]);
  if (row === undefined) return { entries: 0, withoutDigest: 0, altered: [], next: null };
  return {
    entries: row.entries,
    withoutDigest: row.without_digest,
    altered: row.altered.map((entry) => ({ ...entry, problem: 'entry-altered' })),
    next: row.entries < page.limit ? null : row.last,
  };
}
