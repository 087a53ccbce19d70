/**
 * What was booked month by month. Entries never change and are dated when they are booked, so a month that is over is
 * counted once and kept; of the ledger itself only what is newer is read.
 */
import { type LiabilityScope, programSql } from '#app/data/ledger/liability.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { ProgramId } from '#app/lib/ids.ts';

/** One month of the shop's calendar; the sum of all is earned − takenBack − spent + givenBack − expired + writtenOff. */
export type BookedMonth = {
  programId: ProgramId;
  unit: string;
  /** As 2026-11. */
  month: string;
  earned: number;
  takenBack: number;
  spent: number;
  givenBack: number;
  expired: number;
  writtenOff: number;
};

/**
 * The kinds of entries as a merchant thinks of them. A merge moves value between two members of a program and changes
 * nothing in sum; value that gives way to a reversal had expired before and counts against breakage.
 */
const sums = `
  coalesce(sum(e.amount) filter (where e.amount > 0 and e.kind in ('accrual', 'adjustment') and not e.is_loss), 0)
    + coalesce(sum(e.amount) filter (where e.amount > 0 and e.kind = 'reversal' and e.source <> 'reward'), 0) as earned,
  coalesce(-sum(e.amount) filter (where e.amount < 0 and e.kind in ('accrual', 'adjustment', 'reversal') and not e.is_loss), 0) as taken_back,
  coalesce(-sum(e.amount) filter (where e.kind = 'redemption'), 0) as spent,
  coalesce(sum(e.amount) filter (where e.amount > 0 and e.kind = 'reversal' and e.source = 'reward'), 0) as given_back,
  coalesce(-sum(e.amount) filter (where e.kind = 'expiration'), 0) as expired,
  coalesce(sum(e.amount) filter (where e.is_loss), 0) as written_off`;

const figures = 'program_id, unit, month, earned, taken_back, spent, given_back, expired, written_off';

/** `$1` is the shop, `$2` the program or null, `$3` the shop's time zone; booked from one time on until before another. */
function bookedBetween(isOnly: boolean, { from, until }: { from: string; until: string }): string {
  const program = programSql(isOnly, 'e');
  return `
    select program_id, unit, to_char(starts, 'YYYY-MM') as month, earned, taken_back, spent, given_back, expired, written_off
    from (
      select ${program.id} as program_id, e.unit, date_trunc('month', e.booked_at at time zone $3) as starts, ${sums}
      from (
        select unit, member_id, kind, source, amount, booked_at, kind = 'adjustment' and reason like 'written-off%' as is_loss
        from ledger_entry where shop_id = $1 and booked_at >= ${from} and booked_at < ${until} and source <> 'merge'
      ) e ${program.join} where ${program.where} group by 1, 2, 3
    ) by_month`;
}

function monthsSql(isOnly: boolean): string {
  const open = bookedBetween(isOnly, {
    from: `greatest((select until from closed), ($4 || '-01')::timestamp at time zone $3)`,
    until: `'infinity'`,
  });
  return `
    with closed as (select coalesce((select until from liability_closed where shop_id = $1), '-infinity') as until),
      open as (${open})
    select program_id as "programId", unit, month, sum(earned)::bigint as earned, sum(taken_back)::bigint as "takenBack",
      sum(spent)::bigint as spent, sum(given_back)::bigint as "givenBack", sum(expired)::bigint as expired,
      sum(written_off)::bigint as "writtenOff"
    from (
      select ${figures} from open
      union all
      select ${figures} from liability_month where shop_id = $1 and month >= $4 and ($2::uuid is null or program_id = $2)
    ) booked
    group by 1, 2, 3 order by 1, 2, 3`;
}

const months = { only: monthsSql(true), several: monthsSql(false) };

/** The months from one on (as 2026-01), oldest first: closed ones as they were counted, later ones counted now. */
export async function readBookedMonths(
  tx: Tx,
  { isOnly, programId }: LiabilityScope,
  asked: { timeZone: string; fromMonth: string },
): Promise<BookedMonth[]> {
  const values = [tx.shopId, programId, asked.timeZone, asked.fromMonth];
  return tx.query(isOnly ? months.only : months.several, values);
}

/** The instant at which the oldest month that is not closed begins, or null when nothing was ever booked. */
export async function findOpenMonth(tx: Tx, timeZone: string): Promise<Date | null> {
  const [row] = await tx.query<{ starts: Date | null }>(
    `select coalesce(
       (select until from liability_closed where shop_id = $1),
       (select date_trunc('month', booked_at at time zone $2) at time zone $2 from ledger_entry where shop_id = $1 order by id limit 1)
     ) as starts`,
    [tx.shopId, timeZone],
  );
  return row?.starts ?? null;
}

function closingSql(isOnly: boolean): string {
  return `
    insert into liability_month (shop_id, starts_at, ${figures})
    select $1, $4, ${figures} from (${bookedBetween(isOnly, { from: '$4', until: '$5' })}) booked
    on conflict (shop_id, starts_at, program_id, unit) do nothing`;
}

const closing = { only: closingSql(true), several: closingSql(false) };

/** Counts one month for ever. The caller makes sure that it is over and that nothing dated in it can still arrive. */
export async function closeMonth(
  tx: Tx,
  { isOnly, programId }: LiabilityScope,
  month: { startsAt: Date; endsAt: Date; timeZone: string },
): Promise<void> {
  const values = [tx.shopId, programId, month.timeZone, month.startsAt, month.endsAt];
  await tx.query(isOnly ? closing.only : closing.several, values);
  await tx.query(
    `insert into liability_closed (shop_id, until) values ($1, $2)
     on conflict (shop_id) do update set until = greatest(liability_closed.until, excluded.until)`,
    [tx.shopId, month.endsAt],
  );
}
