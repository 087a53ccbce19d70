/** How long each class of data is kept, and the record of what was removed. */
import type { Tx } from '#app/data/tenancy.ts';

/** Every class that ages, with its period. Ledger entries and both chains are not among them: they hold no person. */
export const retentionClasses = {
  /** Shopify repeats a delivery for at most 4 hours; a week leaves room for a late hand. */
  'applied deliveries': { hours: 7 * 24 },
  'quarantined bodies': { hours: 72 },
  'parked deliveries': { hours: 30 * 24 },
  'answers to data requests': { hours: 30 * 24 },
  /** As long as a greyed-out card is still handed out, its devices must be told. */
  'devices of erased members': { hours: 30 * 24 },
  'idempotency keys': { hours: 72 },
  /** Uploaded while somebody tried how the card could look. */
  /** A repeated call is refused for its age long before. */
  'marks of calls from Google': { hours: 24 },
  'used half minutes of card codes': { hours: 24 },
  'logos never published': { hours: 30 * 24 },
  /** Half a year after a message left the cards, its figures are enough. */
  'who got a message': { hours: 180 * 24 },
  /** Fetches come within seconds of a push; later ones read everything anew. */
  'prepared passes': { hours: 1 },
  'hours of card freshness': { hours: 90 * 24 },
} as const satisfies Record<string, { hours: number }>;

/** Removes idempotency records. Answers how many, at most `limit`. */
export async function purgeIdempotency(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from api_idempotency where shop_id = $1 and (client_id, key) in (
       select client_id, key from api_idempotency where shop_id = $1 and created_at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}

/** Notes what a purge removed. */
export async function writePurgeReport(
  tx: Tx,
  report: { name: string; removed: number; before: Date; at: Date },
): Promise<void> {
  await tx.query('insert into purge_report (shop_id, class, removed, older_than, ran_at) values ($1, $2, $3, $4, $5)', [
    tx.shopId,
    report.name,
    report.removed,
    report.before,
    report.at,
  ]);
}

/** The newest purge of each class. */
export async function readPurgeReports(tx: Tx): Promise<Map<string, { removed: number; ranAt: Date }>> {
  const rows = await tx.query<{ class: string; removed: number; ran_at: Date }>(
    'select distinct on (class) class, removed, ran_at from purge_report where shop_id = $1 order by class, purge_report.id desc',
    [tx.shopId],
  );
  return new Map(rows.map((row) => [row.class, { removed: row.removed, ranAt: row.ran_at }]));
}
