/** Customers whom Shopify made one with others, and whose sales and requests that name the gone one are. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Who a merged customer is by now, and the members who were known as the gone one before. */
export type MergedCustomer = { keptId: string; memberIds: MemberId[] };

/** Those of these customers who were merged into others, by id. */
export async function readMerged(tx: Tx, customerIds: readonly string[]): Promise<Map<string, MergedCustomer>> {
  if (customerIds.length === 0) return new Map();
  const rows = await tx.query<{ gone_id: string; kept_id: string; member_ids: MemberId[] }>(
    'select gone_id, kept_id, member_ids from merged_customer where shop_id = $1 and gone_id = any($2)',
    [tx.shopId, customerIds],
  );
  return new Map(rows.map((row) => [row.gone_id, { keptId: row.kept_id, memberIds: row.member_ids }]));
}

/** The merges with which these members came to another customer. */
export async function readMergesOf(
  tx: Tx,
  memberIds: readonly MemberId[],
): Promise<{ goneId: string; memberIds: MemberId[]; mergedAt: Date }[]> {
  const rows = await tx.query<{ gone_id: string; member_ids: MemberId[]; merged_at: Date }>(
    `select gone_id, member_ids, merged_at from merged_customer where shop_id = $1 and member_ids && $2::uuid[]`,
    [tx.shopId, memberIds],
  );
  return rows.map((row) => ({ goneId: row.gone_id, memberIds: row.member_ids, mergedAt: row.merged_at }));
}

/** Every id that these customers have or had: their own, those they were merged into, and all that were merged into those. */
export async function allIdsOf(tx: Tx, customerIds: readonly string[]): Promise<string[]> {
  if (customerIds.length === 0) return [];
  const rows = await tx.query<{ id: string }>(
    `with kept as (
       select id from unnest($2::text[]) id union
       select kept_id from merged_customer where shop_id = $1 and gone_id = any($2)
     )
     select id from kept union
     select gone_id from merged_customer where shop_id = $1 and kept_id in (select id from kept) order by 1`,
    [tx.shopId, customerIds],
  );
  return rows.map(({ id }) => id);
}

/** Whether two customers are known, and known not to be one person. */
export async function areOthers(tx: Tx, one: string | null, two: string | null): Promise<boolean> {
  if (one === null || two === null || one === two) return false;
  const merged = await readMerged(tx, [one, two]);
  return (merged.get(one)?.keptId ?? one) !== (merged.get(two)?.keptId ?? two);
}

/** One merge as Shopify did it, and when. */
export type MergeStep = { goneId: string; intoId: string; mergedAt: Date };

/**
 * Keeps that one customer was merged into another, who is `keptId` by now and nobody who was merged away; whoever was merged
 * into the gone one before follows. Told again, it changes nothing.
 */
export async function keepMerge(tx: Tx, { goneId, intoId, mergedAt }: MergeStep, keptId: string): Promise<void> {
  await tx.query(
    'update merged_customer set kept_id = $3, into_id = coalesce(into_id, kept_id) where shop_id = $1 and kept_id = $2',
    [tx.shopId, goneId, keptId],
  );
  await tx.query(
    `insert into merged_customer (shop_id, gone_id, into_id, kept_id, member_ids, merged_at)
     values ($1, $2, $3, $4, '{}', $5) on conflict (shop_id, gone_id) do nothing`,
    [tx.shopId, goneId, intoId, keptId, mergedAt],
  );
}

/** The merges a customer went through, the first first. Empty for who was merged into nobody. */
export async function readMergeSteps(tx: Tx, customerId: string): Promise<MergeStep[]> {
  const rows = await tx.query<{ gone_id: string; into_id: string; merged_at: Date }>(
    `with recursive step as (
       select gone_id, coalesce(into_id, kept_id) as into_id, merged_at, 1 as place from merged_customer where shop_id = $1 and gone_id = $2
       union all
       select m.gone_id, coalesce(m.into_id, m.kept_id), m.merged_at, s.place + 1 from step s
       join merged_customer m on m.shop_id = $1 and m.gone_id = s.into_id
     )
     select gone_id, into_id, merged_at from step order by place`,
    [tx.shopId, customerId],
  );
  return rows.map((row) => ({ goneId: row.gone_id, intoId: row.into_id, mergedAt: row.merged_at }));
}

/**
 * Gives members who are known as the customer who is gone the other one's name, as far as nobody in their program has it.
 * Answers who they are.
 */
export async function renameMembers(tx: Tx, { goneId, intoId }: MergeStep): Promise<MemberId[]> {
  const renamed = await tx.query<{ id: MemberId }>(
    `update member m set shopify_customer_id = $3 where shop_id = $1 and shopify_customer_id = $2 and folded_into is null
       and not exists (select from member o
         where o.shop_id = $1 and o.program_id = m.program_id and o.shopify_customer_id = $3) returning id`,
    [tx.shopId, goneId, intoId],
  );
  const memberIds = renamed.map(({ id }) => id);
  await tx.query(
    `update merged_customer set member_ids = member_ids || $3::uuid[]
     where shop_id = $1 and gone_id = $2 and not member_ids && $3::uuid[]`,
    [tx.shopId, goneId, memberIds],
  );
  return memberIds;
}

/** Forgets who these customers were made one with. Safe to repeat. */
export async function forgetMerges(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await tx.query(
    'delete from merged_customer where shop_id = $1 and (gone_id = any($2) or kept_id = any($2) or into_id = any($2))',
    [tx.shopId, customerIds],
  );
}
