/** How long each class of data is kept, what the merchant chose instead, and the record of what was removed. */
import type { Tx } from '#app/data/tenancy.ts';

const day = 24;
const year = 365.25 * day;

/** A merchant may choose between `least` and `most`; where they are absent the period is fixed. */
export type RetentionPeriod = { hours: number; least?: number; most?: number };

/**
 * Every class that ages in the shop's own rows, with its period. Ledger entries and consents are not among them: they name
 * no person. Audit records and calls of the API go by the month, see `monthlyClasses`.
 */
export const retentionClasses = {
  /** Shopify repeats a delivery for at most 4 hours; a week leaves room for a late hand. */
  'applied deliveries': { hours: 7 * day, least: 2 * day, most: 30 * day },
  'quarantined bodies': { hours: 72, least: 24, most: 72 },
  'parked deliveries': { hours: 30 * day, least: 7 * day, most: 30 * day },
  'answers to data requests': { hours: 30 * day, least: 7 * day, most: 30 * day },
  /** As long as a greyed-out card is still handed out, its devices must be told. */
  'devices of erased members': { hours: 30 * day },
  'idempotency keys': { hours: 72 },
  /** Wrong PINs in a row are forgotten after a day without a try. */
  'counts of wrong PINs': { hours: 48 },
  /** From when the link or code in one is over. */
  'mails to shoppers': { hours: 48 },
  /** A repeated call is refused for its age long before. */
  'marks of calls from Google': { hours: 24 },
  'used half minutes of card codes': { hours: 24 },
  /** Uploaded while somebody tried how the card could look. */
  'logos never published': { hours: 30 * day, least: 7 * day, most: 90 * day },
  /** Once a message left the cards, its figures are enough. */
  'who got a message': { hours: 30 * day, least: 2 * day, most: 30 * day },
  /** Fetches come within seconds of a push; later ones read everything anew. */
  'prepared passes': { hours: 1 },
  'hours of card freshness': { hours: 90 * day, least: 30 * day, most: 90 * day },
  /** The longest look a detector takes goes back a week. */
  'signals of detectors': { hours: 8 * day },
  /** A leaked key is often found late. */
  'who read which members': { hours: 365 * day, least: 90 * day, most: 365 * day },
  'decisions of machines': { hours: 365 * day, least: 90 * day, most: 365 * day },
  /** Ten years from when it was issued, and for as long as it is on hold. The database itself refuses to go below. */
  'billing records': { hours: Math.ceil(10 * year) + day },
} as const satisfies Record<string, RetentionPeriod>;

export type RetentionClass = keyof typeof retentionClasses;

/** These go as a whole month, twelve months after its end. */
export const monthlyClasses = { 'audit records': { months: 12 }, 'calls of the API': { months: 12 } } as const;

/** Members who did nothing for this long are erased, where the shop asks for it. */
export const inactiveMembersBounds = { leastMonths: 12, mostMonths: 120 } as const;
export const inactiveMembersClass = 'inactive members';

/** The longest a period of a class may be chosen; null where it is fixed. */
export function boundsOf(name: RetentionClass): { least: number; most: number } | null {
  const { least, most }: RetentionPeriod = retentionClasses[name];
  return least === undefined || most === undefined ? null : { least, most };
}

/** The periods the shop chose, in hours by class. */
export async function readRetentionChoices(tx: Tx): Promise<Map<string, number>> {
  const rows = await tx.query<{ class: string; hours: number }>(
    'select class, hours from retention_choice where shop_id = $1 and hours is not null',
    [tx.shopId],
  );
  return new Map(rows.map((row) => [row.class, row.hours]));
}

/** Keeps a chosen period; null goes back to the usual one. Answers what was chosen before. */
export async function writeRetentionChoice(
  tx: Tx,
  choice: { class: string; hours: number | null; actor: string; at: Date },
): Promise<number | null> {
  const [before] = await tx.query<{ hours: number | null }>(
    'select hours from retention_choice where shop_id = $1 and class = $2 for update',
    [tx.shopId, choice.class],
  );
  await tx.query(
    `insert into retention_choice (shop_id, class, hours, chosen_by, chosen_at) values ($1, $2, $3, $4, $5)
     on conflict (shop_id, class) do update set hours = excluded.hours, chosen_by = excluded.chosen_by,
       chosen_at = excluded.chosen_at`,
    [tx.shopId, choice.class, choice.hours, choice.actor, choice.at],
  );
  return before?.hours ?? null;
}

/** In hours: what the shop chose, or what is usual. A choice outside of today's bounds counts as the nearest one inside. */
export function periodOf(name: RetentionClass, choices: Map<string, number>): number {
  const bounds = boundsOf(name);
  const chosen = choices.get(name);
  if (bounds === null || chosen === undefined) return retentionClasses[name].hours;
  return Math.min(bounds.most, Math.max(bounds.least, chosen));
}

/** Removes billing records that are old enough and not on hold. Answers how many, at most `limit`. */
export async function purgeBilling(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from billing_record where shop_id = $1 and id in (
       select id from billing_record where shop_id = $1 and issued_at < $2 and not is_on_hold limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}

/** Removes idempotency records. Answers how many, at most `limit`. */
export async function purgeIdempotency(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from api_idempotency where shop_id = $1 and (client_id, key) in (
       select client_id, key from api_idempotency where shop_id = $1 and created_at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}

export type PurgeReport = {
  name: string;
  removed: number;
  before: Date;
  at: Date;
  /** How many rows of the class there were, and how many are left. */
  held: number;
  kept: number;
};

/** Notes what a purge removed. */
export async function writePurgeReport(tx: Tx, report: PurgeReport): Promise<void> {
  await tx.query(
    'insert into purge_report (shop_id, class, removed, older_than, ran_at, held, kept) values ($1, $2, $3, $4, $5, $6, $7)',
    [tx.shopId, report.name, report.removed, report.before, report.at, report.held, report.kept],
  );
}

/** The newest purge of each class. */
export async function readPurgeReports(tx: Tx): Promise<Map<string, { removed: number; ranAt: Date }>> {
  const rows = await tx.query<{ class: string; removed: number; ran_at: Date }>(
    'select distinct on (class) class, removed, ran_at from purge_report where shop_id = $1 order by class, purge_report.id desc',
    [tx.shopId],
  );
  return new Map(rows.map((row) => [row.class, { removed: row.removed, ranAt: row.ran_at }]));
}

/** What was removed between two moments, run by run and class by class, oldest first; at most `limit`. */
export async function listPurgeReports(
  tx: Tx,
  asked: { from: Date; until: Date; limit: number },
): Promise<(Omit<PurgeReport, 'held' | 'kept'> & { held: number | null; kept: number | null })[]> {
  const rows = await tx.query<{
    class: string;
    removed: number;
    older_than: Date;
    ran_at: Date;
    held: number | null;
    kept: number | null;
  }>(
    `select class, removed, older_than, ran_at, held, kept from purge_report
     where shop_id = $1 and ran_at >= $2 and ran_at < $3 order by purge_report.id limit $4`,
    [tx.shopId, asked.from, asked.until, asked.limit],
  );
  return rows.map(({ class: name, removed, older_than: before, ran_at: at, held, kept }) => ({
    name,
    removed,
    before,
    at,
    held,
    kept,
  }));
}
