/** Who read whose data: what a leaked key could have seen is looked up here. Ids and names of fields, no values. */
import type { Tx } from '#app/data/tenancy.ts';

export type MemberRead = {
  /** 'api:<client>', 'staff:<id>', 'operator:<id>'. */
  actor: string;
  operation: string;
  memberIds: string[];
  /** Kinds of data that were in the answer: 'name', 'email', 'balance' … */
  fields: string[];
  at: Date;
};

/** Notes one read. Every call counts. */
export async function noteMemberRead(tx: Tx, read: MemberRead): Promise<void> {
  await tx.query(
    'insert into member_read (shop_id, actor, operation, member_ids, fields, at) values ($1, $2, $3, $4, $5, $6)',
    [tx.shopId, read.actor, read.operation, read.memberIds, read.fields, read.at],
  );
}

export type BlastRadius = {
  members: { memberId: string; fields: string[]; reads: number; firstAt: Date; lastAt: Date }[];
  /** All of them, also where the list is cut. */
  membersTotal: number;
  fields: string[];
  reads: number;
};

/** The members an actor read within a window, and which of their fields; half-open at the end. The list has at most `limit`. */
export async function readBlastRadius(
  tx: Tx,
  asked: { actor: string; from: Date; to: Date; limit: number },
): Promise<BlastRadius> {
  const window = [tx.shopId, asked.actor, asked.from, asked.to];
  const members = await tx.query<BlastRadius['members'][number]>(
    `select m.id as "memberId", array_agg(distinct f.field order by f.field) filter (where f.field is not null) as fields,
       count(distinct r.id)::bigint as reads, min(r.at) as "firstAt", max(r.at) as "lastAt"
     from member_read r cross join unnest(r.member_ids) as m(id) left join unnest(r.fields) as f(field) on true
     where r.shop_id = $1 and r.actor = $2 and r.at >= $3 and r.at < $4
     group by m.id order by m.id limit $5`,
    [...window, asked.limit],
  );
  const [sum] = await tx.query<{ members: number; reads: number; fields: string[] | null }>(
    `select (select count(distinct m.id)::bigint from member_read r cross join unnest(r.member_ids) as m(id)
               where r.shop_id = $1 and r.actor = $2 and r.at >= $3 and r.at < $4) as members,
       count(*)::bigint as reads,
       (select array_agg(distinct f.field order by f.field) from member_read r cross join unnest(r.fields) as f(field)
          where r.shop_id = $1 and r.actor = $2 and r.at >= $3 and r.at < $4) as fields
     from member_read where shop_id = $1 and actor = $2 and at >= $3 and at < $4`,
    window,
  );
  return {
    members: members.map((member) => ({ ...member, fields: member.fields ?? [] })),
    membersTotal: sum?.members ?? 0,
    fields: sum?.fields ?? [],
    reads: sum?.reads ?? 0,
  };
}

/** Who read anything within a window, the busiest first, at most 50. */
export async function listReaders(tx: Tx, since: Date): Promise<{ actor: string; reads: number }[]> {
  return tx.query<{ actor: string; reads: number }>(
    `select actor, count(*)::bigint as reads from member_read where shop_id = $1 and at >= $2
     group by actor order by reads desc, actor limit 50`,
    [tx.shopId, since],
  );
}

/** Removes old records of reads. Answers how many, at most `limit`. */
export async function purgeMemberReads(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from member_read where shop_id = $1 and id in (
       select id from member_read where shop_id = $1 and at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
