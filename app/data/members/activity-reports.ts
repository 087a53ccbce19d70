/** What shoppers reported about lines on their own card. */
import type { Tx } from '#app/data/tenancy.ts';
import { isId, type MemberId, newId } from '#app/lib/ids.ts';

export type ActivityReport = { reportId: string; memberId: MemberId; subject: string; reportedAt: Date };

/** Notes a report; false when that line was reported before. */
export async function openReport(tx: Tx, report: { memberId: MemberId; subject: string; at: Date }): Promise<boolean> {
  const rows = await tx.query(
    `insert into activity_report (shop_id, id, member_id, subject, reported_at) values ($1, $2, $3, $4, $5)
     on conflict (shop_id, member_id, subject) do nothing returning 1 as one`,
    [tx.shopId, newId<MemberId>(), report.memberId, report.subject, report.at],
  );
  return rows.length > 0;
}

/** Closes an open report and answers whose it was; null when there is none. */
export async function closeReport(
  tx: Tx,
  closed: { reportId: string; by: string; at: Date },
): Promise<MemberId | null> {
  if (!isId(closed.reportId)) return null;
  const [row] = await tx.query<{ member_id: MemberId }>(
    `update activity_report set state = 'closed', closed_at = $3, closed_by = $4
     where shop_id = $1 and id = $2 and state = 'open' returning member_id`,
    [tx.shopId, closed.reportId, closed.at, closed.by],
  );
  return row?.member_id ?? null;
}

/** Open reports, oldest first; at most `limit`. */
export async function listOpenReports(tx: Tx, limit: number): Promise<ActivityReport[]> {
  return tx.query<ActivityReport>(
    `select id as "reportId", member_id as "memberId", subject, reported_at as "reportedAt" from activity_report
     where shop_id = $1 and state = 'open' order by reported_at, id limit $2`,
    [tx.shopId, limit],
  );
}

/** Which lines of a member's card were reported. */
export async function reportedLines(tx: Tx, memberId: MemberId): Promise<Set<string>> {
  const rows = await tx.query<{ subject: string }>(
    'select subject from activity_report where shop_id = $1 and member_id = $2 limit 1000',
    [tx.shopId, memberId],
  );
  return new Set(rows.map((row) => row.subject));
}
