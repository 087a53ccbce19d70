/**
 * What members hold, counted when asked: balances and open lots are read once each. The program of a row is its member's;
 * where a shop has only one, as almost all have, nobody has to be looked up.
 */
import { listPrograms } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { ProgramId } from '#app/lib/ids.ts';

/** Which programs are counted: the only one there is, one of several, or all of several (null). */
export type LiabilityScope = { isOnly: true; programId: ProgramId } | { isOnly: false; programId: ProgramId | null };

/** The scope of one program, or of all (null). */
export async function liabilityScope(tx: Tx, programId: ProgramId | null): Promise<LiabilityScope> {
  const [first, ...others] = await listPrograms(tx);
  const isOnly = first !== undefined && others.length === 0 && (programId ?? first.programId) === first.programId;
  return isOnly ? { isOnly, programId: first.programId } : { isOnly: false, programId };
}

/** SQL that names the program of rows `of` some table: `$1` is the shop, `$2` the program or null for all. */
export function programSql(isOnly: boolean, of: string): { id: string; join: string; where: string } {
  if (isOnly) return { id: '$2::uuid', join: '', where: 'true' };
  return {
    id: 'm.program_id',
    join: `join member m on m.shop_id = $1 and m.id = ${of}.member_id`,
    where: '($2::uuid is null or m.program_id = $2)',
  };
}

export type Holding = {
  programId: ProgramId;
  unit: string;
  /** What members could still spend. */
  outstanding: number;
  /** What they spent that a refund took back since. */
  owed: number;
  /** Balances of members who were erased: nobody can spend them, and they count in neither of the two. */
  erased: number;
};

const erasedMembers = `select id from member where shop_id = $1 and state = 'erased'`;

function holdingsSql(isOnly: boolean): string {
  const program = programSql(isOnly, 'b');
  return `
    with held as (
      select ${program.id} as program_id, b.unit, sum(greatest(b.amount, 0)) as plus, sum(greatest(-b.amount, 0)) as minus
      from balance b ${program.join} where b.shop_id = $1 and ${program.where} group by 1, 2
    ), gone as (
      select ${program.id} as program_id, b.unit, sum(greatest(b.amount, 0)) as plus, sum(greatest(-b.amount, 0)) as minus
      from balance b ${program.join}
      where b.shop_id = $1 and b.member_id in (${erasedMembers}) and ${program.where} group by 1, 2
    )
    select h.program_id as "programId", h.unit, (h.plus - coalesce(g.plus, 0))::bigint as outstanding,
      (h.minus - coalesce(g.minus, 0))::bigint as owed, (coalesce(g.plus, 0) - coalesce(g.minus, 0))::bigint as erased
    from held h left join gone g using (program_id, unit) order by 1, 2`;
}

const holdings = { only: holdingsSql(true), several: holdingsSql(false) };

/** What members hold by program and unit. */
export async function readHoldings(tx: Tx, { isOnly, programId }: LiabilityScope): Promise<Holding[]> {
  return tx.query(isOnly ? holdings.only : holdings.several, [tx.shopId, programId]);
}

export type AgingHolding = {
  programId: ProgramId;
  unit: string;
  pending: number;
  expiring30: number;
  expiring60: number;
  expiring90: number;
};

/** How much of lots `l` cannot be spent yet at `at`, and how much ends within 30, 60 and 90 days of it. */
export const agingSums = (at: string) => `
  coalesce(sum(l.remaining) filter (where l.available_at is null or l.available_at > ${at}), 0)::bigint as pending,
  coalesce(sum(l.remaining) filter (where l.expires_at <= ${at}::timestamptz + interval '30 days'), 0)::bigint as "expiring30",
  coalesce(sum(l.remaining) filter (where l.expires_at <= ${at}::timestamptz + interval '60 days'), 0)::bigint as "expiring60",
  coalesce(sum(l.remaining) filter (where l.expires_at <= ${at}::timestamptz + interval '90 days'), 0)::bigint as "expiring90"`;

function agingSql(isOnly: boolean): string {
  const program = programSql(isOnly, 'l');
  return `
    select ${program.id} as "programId", l.unit, ${agingSums('$3')}
    from lot l ${program.join}
    where l.shop_id = $1 and l.remaining > 0 and ${program.where} and l.member_id not in (${erasedMembers})
      and (l.available_at is null or l.available_at > $3 or l.expires_at <= $3::timestamptz + interval '90 days')
    group by 1, 2 order by 1, 2`;
}

const aging = { only: agingSql(true), several: agingSql(false) };

/** Of what members hold, what cannot be spent yet, and what ends within 30, 60 and 90 days unless it is spent. */
export async function readAging(tx: Tx, { isOnly, programId }: LiabilityScope, at: Date): Promise<AgingHolding[]> {
  return tx.query(isOnly ? aging.only : aging.several, [tx.shopId, programId, at]);
}
