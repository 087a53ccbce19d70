/**
 * The ledger. Every change of a balance is written here and nowhere else: entries are appended, never changed; the
 * balance is a cache kept in the entry's own transaction; lots say what remains of each accrual.
 *
 * Locks are taken in one order: orders by id, then members, then balances by member id, then the rest. Whoever writes
 * holds the balances.
 */
import { bigints, blobs, jsons, moments, texts, uuids } from '#app/data/binary-arrays.ts';
import { digestFrame, entryDigest } from '#app/data/ledger/entry-digest.ts';
import { insertLots, slideLots, type StoredLot, updateLots } from '#app/data/ledger/lots.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId, RuleVersionId } from '#app/lib/ids.ts';

export type EntryKind = 'accrual' | 'redemption' | 'reversal' | 'expiration' | 'adjustment';
export type EntrySource = 'order' | 'pos' | 'staff' | 'api' | 'schedule' | 'reward' | 'event' | 'referral' | 'merge';

export type LedgerEntry = {
  entryId: string;
  memberId: MemberId;
  unit: string;
  kind: EntryKind;
  /** Whole points or stamps, signed, never 0. */
  amount: number;
  source: EntrySource;
  /** Unique per cause for ever: a second entry with the same key violates a constraint. */
  sourceKey: string;
  orderId: string | null;
  ruleVersionId: RuleVersionId | null;
  inputsHash: Buffer | null;
  lotId: string | null;
  reverses: string | null;
  explanation: unknown;
  /** Who did it: 'system', 'staff:<id>', 'api:<client id>'. */
  actor: string;
  reason: string | null;
  occurredAt: Date;
};

/** What most entries have nothing to say about; spread it first. */
export const plainEntry = {
  orderId: null,
  ruleVersionId: null,
  inputsHash: null,
  lotId: null,
  reverses: null,
  explanation: null,
  reason: null,
} as const satisfies Partial<LedgerEntry>;

/** `spent`: redeemed and not given back, so that what was ever collected is amount + spent. */
export type Balance = { memberId: MemberId; unit: string; amount: number; held: number; spent: number };

type BalanceRow = { member_id: MemberId; unit: string; amount: number; held: number; spent: number };

function toBalance({ member_id, ...figures }: BalanceRow): Balance {
  return { memberId: member_id, ...figures };
}

/** How balances are found in the map of `lockBalances`. */
export const balanceKey = (memberId: string, unit: string) => `${memberId}/${unit}`;

/** Locks all balances of these members, in member order. A unit that is missing has a balance of 0. */
export async function lockBalances(tx: Tx, memberIds: MemberId[]): Promise<Map<string, Balance>> {
  const rows = await tx.query<BalanceRow>(
    `select member_id, unit, amount, held, spent from balance where shop_id = $1 and member_id = any($2)
     order by member_id, unit for update`,
    [tx.shopId, memberIds],
  );
  return new Map(rows.map((row) => [balanceKey(row.member_id, row.unit), toBalance(row)]));
}

/**
 * The same of those of these members whose balances nobody else holds: it waits for nobody, so it may come when others are
 * held already.
 */
export async function lockFreeBalances(tx: Tx, memberIds: MemberId[]): Promise<Map<string, Balance>> {
  if (memberIds.length === 0) return new Map();
  const rows = await tx.query<BalanceRow>(
    `select member_id, unit, amount, held, spent from balance where shop_id = $1 and member_id = any($2)
     order by member_id, unit for update skip locked`,
    [tx.shopId, memberIds],
  );
  const free = new Map(rows.map((row) => [balanceKey(row.member_id, row.unit), toBalance(row)]));
  const all = await readBalances(tx, memberIds);
  const held = new Set(all.flatMap(({ memberId, unit }) => (free.has(balanceKey(memberId, unit)) ? [] : memberId)));
  return new Map([...free].filter(([, { memberId }]) => !held.has(memberId)));
}

/** The balances of these members, unlocked, in member and unit order. */
export async function readBalances(tx: Tx, memberIds: string[]): Promise<Balance[]> {
  const rows = await tx.query<BalanceRow>(
    `select member_id, unit, amount, held, spent from balance where shop_id = $1 and member_id = any($2)
     order by member_id, unit`,
    [tx.shopId, memberIds],
  );
  return rows.map(toBalance);
}

/** Fresh ids for entries, rising. */
export async function allocateEntryIds(tx: Tx, count: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select nextval('ledger_entry_id')::text as id from generate_series(1, $1::int)`,
    [count],
  );
  return rows.map((row) => row.id);
}

/** What was booked under these source keys before, by key. */
export async function findSources(
  tx: Tx,
  sourceKeys: string[],
): Promise<Map<string, { entryId: string; inputsHash: Buffer | null }>> {
  const rows = await tx.query<{ source_key: string; entry_id: string; inputs_hash: Buffer | null }>(
    'select source_key, entry_id::text, inputs_hash from ledger_source where shop_id = $1 and source_key = any($2)',
    [tx.shopId, sourceKeys],
  );
  return new Map(rows.map((row) => [row.source_key, { entryId: row.entry_id, inputsHash: row.inputs_hash }]));
}

const insertEntries = `
  with entry as (
    select * from unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[],
      $10::uuid[], $11::bytea[], $12::bigint[], $13::bigint[], $14::json[], $15::text[], $16::text[], $17::timestamptz[],
      $19::bigint[], $20::timestamptz[], $21::bytea[])
      as e(id, member_id, unit, kind, amount, source, source_key, order_id, rule_version_id, inputs_hash, lot_id, reverses,
        explanation, actor, reason, occurred_at, spent, active_at, digest)
  ), source as (
    insert into ledger_source (shop_id, source_key, entry_id, inputs_hash, booked_at)
    select $1, source_key, id, inputs_hash, $18 from entry
  ), appended as (
    insert into ledger_entry (shop_id, id, member_id, unit, kind, amount, source, source_key, order_id, rule_version_id,
      inputs_hash, lot_id, reverses, explanation, actor, reason, occurred_at, booked_at, digest)
    select $1, id, member_id, unit, kind, amount, source, source_key, order_id, rule_version_id,
      inputs_hash, lot_id, reverses, explanation, actor, reason, occurred_at, $18, digest from entry
  ), moved as (
    select member_id, unit, sum(amount) as amount, sum(spent) as spent, max(active_at) as active_at from entry
    group by member_id, unit
  ), kept as (
    update balance b set amount = b.amount + m.amount, spent = b.spent + m.spent,
      active_at = greatest(b.active_at, m.active_at)
    from moved m where b.shop_id = $1 and b.member_id = m.member_id and b.unit = m.unit returning b.member_id, b.unit
  )
  insert into balance (shop_id, member_id, unit, amount, spent, active_at)
  select $1, member_id, unit, amount, spent, active_at from moved
  where (member_id, unit) not in (select member_id, unit from kept) order by member_id, unit
  on conflict (shop_id, member_id, unit) do update set amount = balance.amount + excluded.amount,
    spent = balance.spent + excluded.spent, active_at = greatest(balance.active_at, excluded.active_at)`;

/** What an entry adds to what the member has redeemed: giving spending back takes it off again. */
function spentBy({ kind, source, amount }: LedgerEntry): number {
  return kind === 'redemption' || (kind === 'reversal' && source === 'reward') ? -amount : 0;
}

/** Earning and spending are activity; adjustments, reversals and folding two members into one are not. */
function isActivity({ kind, source }: LedgerEntry): boolean {
  return (kind === 'accrual' || kind === 'redemption') && source !== 'merge';
}

/**
 * Appends entries and moves the balances with them; then the lots: `lotUpdates` are lots as the plan left them, and those
 * that slide with activity get their new expiry. The caller holds the balances and has planned with them. Throws on a
 * source key that was used before: idempotency is checked by `findSources` first.
 */
export async function writeLedger(
  tx: Tx,
  posting: { entries: LedgerEntry[]; newLots: StoredLot[]; lotUpdates: StoredLot[]; bookedAt: Date },
): Promise<void> {
  const { entries, newLots, bookedAt } = posting;
  if (entries.length === 0) return;
  const explanations = entries.map(({ explanation }) => (explanation == null ? null : JSON.stringify(explanation)));
  const frame = digestFrame(tx.shopId, bookedAt);
  await tx.query(insertEntries, [
    tx.shopId,
    bigints(entries.map((entry) => entry.entryId)),
    uuids(entries.map((entry) => entry.memberId)),
    texts(entries.map((entry) => entry.unit)),
    texts(entries.map((entry) => entry.kind)),
    bigints(entries.map((entry) => entry.amount)),
    texts(entries.map((entry) => entry.source)),
    texts(entries.map((entry) => entry.sourceKey)),
    texts(entries.map((entry) => entry.orderId)),
    uuids(entries.map((entry) => entry.ruleVersionId)),
    blobs(entries.map((entry) => entry.inputsHash)),
    bigints(entries.map((entry) => entry.lotId)),
    bigints(entries.map((entry) => entry.reverses)),
    jsons(explanations),
    texts(entries.map((entry) => entry.actor)),
    texts(entries.map((entry) => entry.reason)),
    moments(entries.map((entry) => entry.occurredAt)),
    bookedAt,
    bigints(entries.map(spentBy)),
    moments(entries.map((entry) => (isActivity(entry) ? entry.occurredAt : null))),
    blobs(entries.map((entry, index) => entryDigest(entry, explanations[index] ?? null, frame))),
  ]);
  await insertLots(tx, newLots);
  await updateLots(tx, posting.lotUpdates);
  const memberIds = [...new Set(entries.filter(isActivity).map((entry) => entry.memberId))];
  if (memberIds.length > 0) await slideLots(tx, { memberIds, freshIds: newLots.map((lot) => lot.lotId), at: bookedAt });
}

/** Changes what is held for reservations. Hold the balances. */
export async function changeHeld(tx: Tx, change: { memberId: MemberId; unit: string; by: number }): Promise<void> {
  await tx.query('update balance set held = held + $4 where shop_id = $1 and member_id = $2 and unit = $3', [
    tx.shopId,
    change.memberId,
    change.unit,
    change.by,
  ]);
}
