/** Figures about a shop, counted when asked: no counter is kept in the transactions that would make it hot. */
import type { Tx } from '#app/data/tenancy.ts';

export type Counts = {
  members: number;
  activePasses: number;
  enrolledLast30Days: number;
  stampsLast30Days: number;
  pointsLast30Days: number;
  redemptionsLast30Days: number;
};

/** The unit of every entry: stamps or points, as its newest version says. */
const unitKinds = `select distinct on (u->>'id') u->>'id' as id, u->>'kind' as kind
       from rule_version v, jsonb_array_elements(v.document->'units') u where v.shop_id = $1 order by u->>'id', v.number desc`;

/** Totals, and what happened since a moment. Reversals count against what they reverse. */
export async function readCounts(tx: Tx, since: Date): Promise<Counts> {
  const [row] = await tx.query<Counts>(
    `with unit as (
       ${unitKinds}
     ), recent as (
       select e.unit, sum(e.amount) filter (where e.kind in ('accrual', 'reversal')) as earned,
         count(*) filter (where e.kind = 'redemption') as redemptions
       from ledger_entry e where e.shop_id = $1 and e.booked_at >= $2 group by e.unit
     )
     select
       (select count(*)::int from member where shop_id = $1 and state <> 'erased') as "members",
       (select count(*)::int from pass where shop_id = $1 and state = 'active' and seen_version > 0) as "activePasses",
       (select count(*)::int from member where shop_id = $1 and state <> 'erased' and enrolled_at >= $2) as "enrolledLast30Days",
       coalesce((select sum(r.earned) from recent r join unit u on u.id = r.unit and u.kind = 'stamp'), 0)::bigint as "stampsLast30Days",
       coalesce((select sum(r.earned) from recent r join unit u on u.id = r.unit and u.kind = 'point'), 0)::bigint as "pointsLast30Days",
       coalesce((select sum(r.redemptions) from recent r), 0)::bigint as "redemptionsLast30Days"`,
    [tx.shopId, since],
  );
  if (row === undefined) throw new Error('Broken invariant: counting answered nothing');
  return row;
}

export type DayFigures = {
  day: string;
  enrolled: number;
  entries: number;
  stamps: number;
  points: number;
  rewards: number;
};

/**
 * Members who joined and what was booked, for each of the last days in the shop's calendar, oldest first. Reversals count
 * against what they reverse.
 */
export async function readDailySeries(
  tx: Tx,
  range: { days: number; until: Date; timeZone: string },
): Promise<DayFigures[]> {
  return tx.query(
    `with unit as (
       ${unitKinds}
     ), day as (
       select (($2::timestamptz at time zone $3)::date - n) as day from generate_series(0, $4::int - 1) n
     ), joined as (
       select (enrolled_at at time zone $3)::date as day, count(*)::int as total from member
       where shop_id = $1 and state <> 'erased' and enrolled_at >= $2::timestamptz - make_interval(days => $4 + 1) group by 1
     ), booked as (
       select (e.booked_at at time zone $3)::date as day, count(*)::int as total,
         sum(e.amount) filter (where unit.kind = 'stamp' and e.kind in ('accrual', 'reversal')) as stamps,
         sum(e.amount) filter (where unit.kind = 'point' and e.kind in ('accrual', 'reversal')) as points,
         count(*) filter (where e.kind = 'redemption')::int as rewards
       from ledger_entry e left join unit on unit.id = e.unit
       where e.shop_id = $1 and e.booked_at >= $2::timestamptz - make_interval(days => $4 + 1) group by 1
     )
     select day.day::text as day, coalesce(joined.total, 0) as enrolled, coalesce(booked.total, 0) as entries,
       coalesce(booked.stamps, 0)::bigint as stamps, coalesce(booked.points, 0)::bigint as points,
       coalesce(booked.rewards, 0) as rewards
     from day left join joined using (day) left join booked using (day) order by day.day`,
    [tx.shopId, range.until, range.timeZone, range.days],
  );
}

/** Of the passes that some wallet holds, how many hold the newest version. */
export async function readFreshness(tx: Tx): Promise<{ total: number; fresh: number; stale: number }> {
  const [row] = await tx.query<{ total: number; fresh: number }>(
    `select count(*)::int as total, (count(*) filter (where seen_version >= version))::int as fresh
     from pass where shop_id = $1 and state = 'active' and seen_version > 0`,
    [tx.shopId],
  );
  const total = row?.total ?? 0;
  const fresh = row?.fresh ?? 0;
  return { total, fresh, stale: total - fresh };
}

export type Attention = { quarantined: number; parked: number; openCases: number; openIncidents: number };

/** What a person should look at. An incident is counted until somebody looks after it. */
export async function readAttention(tx: Tx): Promise<Attention> {
  const [row] = await tx.query<Attention>(
    `select (select count(*)::int from inbox where shop_id = $1 and state = 'quarantined') as quarantined,
       (select count(*)::int from inbox where shop_id = $1 and state = 'parked') as parked,
       (select count(*)::int from erasure_case where shop_id = $1 and state = 'open') as "openCases",
       (select count(*)::int from incident where shop_id = $1 and state = 'open') as "openIncidents"`,
    [tx.shopId],
  );
  return row ?? { quarantined: 0, parked: 0, openCases: 0, openIncidents: 0 };
}
