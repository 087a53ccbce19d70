/** Lots as stored: what became of each accrual. They are changed only by `writeLedger` and by what makes them available. */
import { bigints, integers, moments, texts, uuids } from '#app/data/binary-arrays.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { expiryOf } from '#app/domain/ledger/expiry.ts';
import type { Lot } from '#app/domain/ledger/lots.ts';
import type { Expiry } from '#app/domain/programs/program.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** A lot with what the ledger knows beyond the plan's view of it. Its id is that of the accrual's entry. */
export type StoredLot = Lot & {
  memberId: MemberId;
  unit: string;
  /** What it was earned by: an order, or an event or referral; both null for what was given by hand. */
  orderId: string | null;
  causeId: string | null;
  /** Months after the last activity at which it expires; null when activity changes nothing. */
  slidesMonths: number | null;
};

export type FreshLot = Pick<StoredLot, 'lotId' | 'memberId' | 'unit' | 'accruedAt' | 'availableAt' | 'expiresAt'> & {
  amount: number;
  /** What remains of it; the rest repaid a debt. */
  remaining: number;
} & Partial<Pick<StoredLot, 'orderId' | 'causeId' | 'slidesMonths'>>;

/** A lot as it begins. */
export function freshLot({ amount, ...lot }: FreshLot): StoredLot {
  return {
    orderId: null,
    causeId: null,
    slidesMonths: null,
    ...lot,
    consumed: 0,
    expired: 0,
    reversed: amount - lot.remaining,
    writtenOff: 0,
  };
}

/** How value earned at an instant under this setting ages, in the shop's zone: spread into a fresh lot. */
export function agingOf(
  expiry: Expiry,
  at: Date,
  timeZone: string,
): { expiresAt: Date | null; slidesMonths: number | null } {
  return {
    expiresAt: expiryOf(expiry, at, timeZone),
    slidesMonths: expiry.mode === 'sliding' ? expiry.months : null,
  };
}

type LotRow = {
  id: string;
  member_id: MemberId;
  unit: string;
  order_id: string | null;
  cause_id: string | null;
  remaining: number;
  consumed: number;
  expired: number;
  reversed: number;
  written_off: number;
  slides_months: number | null;
  created_at: Date;
  available_at: Date | null;
  expires_at: Date | null;
};

const columns = `lot.id::text, member_id, unit, order_id, cause_id, remaining, consumed, expired, reversed, written_off, slides_months,
  created_at, available_at, expires_at`;

function toLot(row: LotRow): StoredLot {
  return {
    lotId: row.id,
    memberId: row.member_id,
    unit: row.unit,
    orderId: row.order_id,
    causeId: row.cause_id,
    remaining: row.remaining,
    consumed: row.consumed,
    expired: row.expired,
    reversed: row.reversed,
    writtenOff: row.written_off,
    slidesMonths: row.slides_months,
    accruedAt: row.created_at,
    availableAt: row.available_at,
    expiresAt: row.expires_at,
  };
}

/**
 * Lots of these members of which anything can still change: all but those that were taken back whole. Hold the balances.
 * An emptied lot that activity would have kept alive comes with the expiry it would have by now.
 */
export async function readLots(tx: Tx, memberIds: MemberId[]): Promise<StoredLot[]> {
  const rows = await tx.query<LotRow>(
    `select ${columns} from lot
     where shop_id = $1 and member_id = any($2) and (remaining > 0 or consumed > 0 or expired > 0)
     order by member_id, unit, expires_at, created_at, lot.id`,
    [tx.shopId, memberIds],
  );
  const lots = rows.map(toLot);
  const asleep = lots.filter((lot) => lot.slidesMonths !== null && lot.remaining === 0 && lot.consumed > 0);
  if (asleep.length > 0) {
    const { timeZone } = await readShop(tx);
    const activeAt = await readActivity(tx, [...new Set(asleep.map((lot) => lot.memberId))]);
    for (const lot of asleep) lot.expiresAt = slidTo(lot, activeAt.get(lot.memberId), timeZone);
  }
  return lots;
}

/** When each member last earned or spent anything, by the time of the sale. */
async function readActivity(tx: Tx, memberIds: MemberId[]): Promise<Map<MemberId, Date>> {
  const rows = await tx.query<{ member_id: MemberId; active_at: Date }>(
    `select member_id, max(active_at) as active_at from balance
     where shop_id = $1 and member_id = any($2) and active_at is not null group by member_id`,
    [tx.shopId, memberIds],
  );
  return new Map(rows.map((row) => [row.member_id, row.active_at]));
}

type Sliding = Pick<StoredLot, 'slidesMonths' | 'expiresAt'>;

/** The expiry of a lot after activity at an instant: never earlier than it was. */
function slidTo({ slidesMonths, expiresAt }: Sliding, activeAt: Date | undefined, timeZone: string): Date | null {
  if (slidesMonths === null || expiresAt === null || activeAt === undefined) return expiresAt;
  const slid = expiryOf({ mode: 'sliding', months: slidesMonths }, activeAt, timeZone);
  return slid !== null && slid > expiresAt ? slid : expiresAt;
}

/**
 * Moves the expiry of the lots that slide with activity. One that is over at `at` stays over: expired value never revives.
 * `freshIds` are lots made just now, for sales that may lie behind later activity.
 */
export async function slideLots(tx: Tx, moved: { memberIds: MemberId[]; freshIds: string[]; at: Date }): Promise<void> {
  const rows = await tx.query<{ id: string; member_id: MemberId; slides_months: number; expires_at: Date }>(
    `select lot.id::text, member_id, slides_months, expires_at from lot
     where shop_id = $1 and member_id = any($2) and slides_months is not null and remaining > 0
       and (expires_at > $3 or lot.id = any($4::bigint[]))`,
    [tx.shopId, moved.memberIds, moved.at, moved.freshIds],
  );
  if (rows.length === 0) return;
  const { timeZone } = await readShop(tx);
  const activeAt = await readActivity(tx, moved.memberIds);
  const slid = rows.flatMap((row) => {
    const lot = { slidesMonths: row.slides_months, expiresAt: row.expires_at };
    const expiresAt = slidTo(lot, activeAt.get(row.member_id), timeZone);
    return expiresAt === null || expiresAt <= row.expires_at ? [] : [{ lotId: row.id, expiresAt }];
  });
  if (slid.length === 0) return;
  await tx.query(
    `update lot set expires_at = s.expires_at from unnest($2::bigint[], $3::timestamptz[]) as s(id, expires_at)
     where lot.shop_id = $1 and lot.id = s.id`,
    [tx.shopId, slid.map((lot) => lot.lotId), slid.map((lot) => lot.expiresAt)],
  );
}

/** Stores lots as they begin. Only `writeLedger` calls it. */
export async function insertLots(tx: Tx, lots: StoredLot[]): Promise<void> {
  if (lots.length === 0) return;
  await tx.query(
    `insert into lot (shop_id, id, member_id, unit, order_id, cause_id, amount, remaining, reversed, slides_months,
       available_at, expires_at, created_at)
     select $1, l.id, member_id, unit, order_id, cause_id, remaining + reversed, remaining, reversed, slides_months,
       available_at, expires_at, created_at
     from unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::bigint[], $8::bigint[], $9::int[],
         $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
       as l(id, member_id, unit, order_id, cause_id, remaining, reversed, slides_months, available_at, expires_at, created_at)`,
    [
      tx.shopId,
      bigints(lots.map((lot) => lot.lotId)),
      uuids(lots.map((lot) => lot.memberId)),
      texts(lots.map((lot) => lot.unit)),
      texts(lots.map((lot) => lot.orderId)),
      uuids(lots.map((lot) => lot.causeId)),
      bigints(lots.map((lot) => lot.remaining)),
      bigints(lots.map((lot) => lot.reversed)),
      integers(lots.map((lot) => lot.slidesMonths)),
      moments(lots.map((lot) => lot.availableAt)),
      moments(lots.map((lot) => lot.expiresAt)),
      moments(lots.map((lot) => lot.accruedAt)),
    ],
  );
}

/** Stores what became of lots. Only `writeLedger` and the folding of members, which moves whole lots, call it. */
export async function updateLots(tx: Tx, lots: StoredLot[]): Promise<void> {
  if (lots.length === 0) return;
  await tx.query(
    `update lot set remaining = u.remaining, consumed = u.consumed, expired = u.expired, reversed = u.reversed,
       written_off = u.written_off, expires_at = u.expires_at
     from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::timestamptz[])
       as u(id, remaining, consumed, expired, reversed, written_off, expires_at)
     where lot.shop_id = $1 and lot.id = u.id`,
    [
      tx.shopId,
      lots.map((lot) => lot.lotId),
      lots.map((lot) => lot.remaining),
      lots.map((lot) => lot.consumed),
      lots.map((lot) => lot.expired),
      lots.map((lot) => lot.reversed),
      lots.map((lot) => lot.writtenOff),
      lots.map((lot) => lot.expiresAt),
    ],
  );
}

/** Lots of these orders that waited for fulfilment can be spent from then on. Safe to repeat. */
export async function openFulfilledLots(tx: Tx, fulfilled: { orderId: string; at: Date }[]): Promise<void> {
  if (fulfilled.length === 0) return;
  await tx.query(
    `update lot set available_at = greatest(lot.created_at, f.at)
     from unnest($2::text[], $3::timestamptz[]) as f(order_id, at)
     where lot.shop_id = $1 and lot.order_id = f.order_id and lot.available_at is null`,
    [tx.shopId, fulfilled.map(({ orderId }) => orderId), fulfilled.map(({ at }) => at)],
  );
}

/** Members with lots that are over at `at`, at most `limit`. What is held for a sale stays until the sale is decided. */
export async function findMembersWithExpiredLots(tx: Tx, at: Date, limit: number): Promise<MemberId[]> {
  const rows = await tx.query<{ member_id: MemberId }>(
    `select distinct member_id from (
       select member_id from lot where shop_id = $1 and remaining > 0 and expires_at <= $2
         and not exists (select from balance b where b.shop_id = $1 and b.member_id = lot.member_id and b.unit = lot.unit
           and b.held > 0)
         and not exists (select from member m where m.shop_id = $1 and m.id = lot.member_id and m.restricted_at is not null)
       order by expires_at, lot.id limit $3) l`,
    [tx.shopId, at, limit],
  );
  return rows.map((row) => row.member_id);
}
