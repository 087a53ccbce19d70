/** Reading the audit chain: slice by slice for its verifier, page by page for people, month by month for its signed heads. */
import { highestNumber } from '#app/data/page-bounds.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { ChainRecord } from '#app/domain/privacy/chain-walk.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type AuditEntry = {
  sequence: number;
  actor: string;
  action: string;
  object: string;
  beforeHash: Buffer | null;
  afterHash: Buffer | null;
  reason: string | null;
  occurredAt: Date;
  recordedAt: Date;
  previousHash: Buffer;
  hash: Buffer;
};

type AuditRow = {
  sequence: number;
  actor: string;
  action: string;
  object: string;
  before_hash: Buffer | null;
  after_hash: Buffer | null;
  reason: string | null;
  occurred_at: Date;
  recorded_at: Date;
  previous_hash: Buffer;
  hash: Buffer;
};

const columns =
  'sequence, actor, action, object, before_hash, after_hash, reason, occurred_at, recorded_at, previous_hash, hash';

function toEntry(row: AuditRow): AuditEntry {
  return {
    sequence: row.sequence,
    actor: row.actor,
    action: row.action,
    object: row.object,
    beforeHash: row.before_hash,
    afterHash: row.after_hash,
    reason: row.reason,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

const sliceMax = 2_000;

/**
 * The records after `after` in order, as they were hashed. Slices are transactions of their own: what is appended meanwhile
 * comes at the end. A sequence that stands there twice comes twice.
 */
export async function* walkAuditRecords(shopId: ShopId, after: number): AsyncGenerator<ChainRecord> {
  let [sequence, recordedAt] = [after, new Date(8.64e15)];
  for (;;) {
    const rows = await withShop(shopId, (tx) =>
      tx.query<AuditRow>(
        `select ${columns} from audit_record where shop_id = $1 and (sequence, recorded_at) > ($2, $3)
         order by sequence, recorded_at limit $4`,
        [tx.shopId, sequence, recordedAt, sliceMax],
      ),
    );
    for (const row of rows) {
      const { sequence: at, previousHash, hash, recordedAt: kept, ...event } = toEntry(row);
      // Records of before the time of writing was hashed as well hash as they always did.
      yield { sequence: at, previousHash, hash, content: { ...event, recordedAt: kept }, earlierContent: event };
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    [sequence, recordedAt] = [last.sequence, last.recorded_at];
  }
}

export type AuditFilter = {
  actor: string | null;
  action: string | null;
  object: string | null;
  from: Date | null;
  until: Date | null;
};

const filtered = `select ${columns} from audit_record where shop_id = $1 and sequence < coalesce($2::bigint, ${highestNumber})
  and ($3::text is null or starts_with(actor, $3)) and ($4::text is null or starts_with(action, $4))
  and recorded_at >= coalesce($5::timestamptz, '-infinity') and recorded_at < coalesce($6::timestamptz, 'infinity')`;
const newestFirst = `${filtered} order by sequence desc limit $7`;
// A statement of its own, so that the index on objects is used.
const newestOfObject = `${filtered} and object = $8 order by sequence desc limit $7`;

/**
 * Records that fit a filter, newest first, below the sequence `before`. Actor and action fit when they begin with what is
 * asked, the object when it is the same.
 */
export async function listAuditEntries(
  tx: Tx,
  filter: AuditFilter,
  page: { before: number | null; limit: number },
): Promise<AuditEntry[]> {
  const values = [tx.shopId, page.before, filter.actor, filter.action, filter.from, filter.until, page.limit];
  const rows =
    filter.object === null
      ? await tx.query<AuditRow>(newestFirst, values)
      : await tx.query<AuditRow>(newestOfObject, [...values, filter.object]);
  return rows.map(toEntry);
}
