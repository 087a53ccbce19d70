/** Customers whom Shopify made one with others, and whose sales and requests that name the gone one are. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MergeStep } from '#app/domain/members/merges.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Those of these customers who were merged into others, and who each is by now. */
export async function readMerged(tx: Tx, customerIds: readonly string[]): Promise<Map<string, string>> {
  if (customerIds.length === 0) return new Map();
  const rows = await tx.query<{ gone_id: string; kept_id: string }>(
    'select gone_id, kept_id from merged_customer where shop_id = $1 and gone_id = any($2)',
    [tx.shopId, customerIds],
  );
  return new Map(rows.map((row) => [row.gone_id, row.kept_id]));
}

/** A merge, and the members who went on under the other's name with it. */
export type KnownMerge = MergeStep & { memberIds: MemberId[] };

type MergeRow = { gone_id: string; into_id: string; member_ids: MemberId[]; merged_at: Date };

const mergeColumns = 'gone_id, coalesce(into_id, kept_id) as into_id, member_ids, merged_at';

function toKnownMerge(row: MergeRow): KnownMerge {
  return { goneId: row.gone_id, intoId: row.into_id, memberIds: row.member_ids, mergedAt: row.merged_at };
}

/** The merges with which these members came to another name. */
export async function readMergesOf(tx: Tx, memberIds: readonly MemberId[]): Promise<KnownMerge[]> {
  const rows = await tx.query<MergeRow>(
    `select ${mergeColumns} from merged_customer where shop_id = $1 and member_ids && $2::uuid[]`,
    [tx.shopId, memberIds],
  );
  return rows.map(toKnownMerge);
}

/** As which customer a member was known before these merges, which are all of theirs. */
export function firstNameOf(
  { memberId, shopifyCustomerId }: { memberId: MemberId; shopifyCustomerId: string | null },
  merges: readonly KnownMerge[],
): string | null {
  const mine = merges.filter(({ memberIds }) => memberIds.includes(memberId));
  const first = mine.find(({ goneId }) => mine.every(({ intoId }) => intoId !== goneId));
  return first?.goneId ?? shopifyCustomerId;
}

/** All merges that lead to this customer by now, straight or on the way. */
export async function readMergesInto(tx: Tx, keptId: string): Promise<KnownMerge[]> {
  const rows = await tx.query<MergeRow>(
    `select ${mergeColumns} from merged_customer where shop_id = $1 and kept_id = $2 order by gone_id`,
    [tx.shopId, keptId],
  );
  return rows.map(toKnownMerge);
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
  return (merged.get(one) ?? one) !== (merged.get(two) ?? two);
}

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
export async function readMergeSteps(tx: Tx, customerId: string): Promise<KnownMerge[]> {
  const rows = await tx.query<MergeRow>(
    `with recursive step as (
       select ${mergeColumns}, 1 as place from merged_customer where shop_id = $1 and gone_id = $2
       union all
       select m.gone_id, coalesce(m.into_id, m.kept_id), m.member_ids, m.merged_at, s.place + 1 from step s
       join merged_customer m on m.shop_id = $1 and m.gone_id = s.into_id
     )
     select * from step order by place`,
    [tx.shopId, customerId],
  );
  return rows.map(toKnownMerge);
}

/** Gives these members other names. They may exchange them. */
export async function renameMembers(tx: Tx, names: { memberId: MemberId; customerId: string }[]): Promise<void> {
  if (names.length === 0) return;
  const memberIds = names.map(({ memberId }) => memberId);
  // Nobody may bear, even for a moment, what another of the program still does.
  await tx.query('update member set shopify_customer_id = null where shop_id = $1 and id = any($2)', [
    tx.shopId,
    memberIds,
  ]);
  await tx.query(
    `update member m set shopify_customer_id = n.name from unnest($2::uuid[], $3::text[]) n(id, name)
     where m.shop_id = $1 and m.id = n.id`,
    [tx.shopId, memberIds, names.map(({ customerId }) => customerId)],
  );
}

/** Keeps who went on under the other's name with the merge of this customer. */
export async function keepCameWith(tx: Tx, goneId: string, memberIds: readonly MemberId[]): Promise<void> {
  await tx.query('update merged_customer set member_ids = $3 where shop_id = $1 and gone_id = $2', [
    tx.shopId,
    goneId,
    memberIds,
  ]);
}

/** Forgets who these customers were made one with. Safe to repeat. */
export async function forgetMerges(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await tx.query(
    'delete from merged_customer where shop_id = $1 and (gone_id = any($2) or kept_id = any($2) or into_id = any($2))',
    [tx.shopId, customerIds],
  );
}
