/**
 * Losses that turn out to be none. What a sale brought had been spent before the sale went to another customer, and was
 * forgiven; now both are one person, who has the sale and has spent what it brought.
 */
import { madeGoodReason } from '#app/data/ledger/give-back.ts';
import { allocateEntryIds, type LedgerEntry, lockBalances, plainEntry, writeLedger } from '#app/data/ledger/ledger.ts';
import { readLots } from '#app/data/ledger/lots.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { planMakingGood } from '#app/domain/ledger/lots.ts';
import type { MemberId } from '#app/lib/ids.ts';

type Loss = { entry_id: string; order_id: string; unit: string; amount: number; source_key: string };

/** Makes good what was forgiven between the accounts that are this member by now. Call it once their sales are settled. */
export async function makeGood(tx: Tx, memberId: MemberId, at: Date): Promise<void> {
  const losses = await readLosses(tx, memberId);
  if (losses.length > 0) await lockBalances(tx, [memberId]);
  for (const loss of losses) {
    const lots = (await readLots(tx, [memberId])).filter(({ unit }) => unit === loss.unit);
    const own = lots.filter(({ orderId }) => orderId === loss.order_id);
    const others = lots.filter((lot) => !own.includes(lot));
    const plan = planMakingGood({ ownLots: own, otherLots: others, amount: loss.amount });
    if (plan.madeGood === 0) continue;
    const [entryId = ''] = await allocateEntryIds(tx, 1);
    const entry: LedgerEntry = {
      ...plainEntry,
      entryId,
      memberId,
      unit: loss.unit,
      kind: 'adjustment',
      amount: -plan.madeGood,
      source: 'order',
      // What is not there yet may be made good by a later merge.
      sourceKey: `${loss.source_key}:${madeGoodReason}:${loss.amount}`,
      orderId: loss.order_id,
      reverses: loss.entry_id,
      actor: 'system',
      reason: madeGoodReason,
      occurredAt: at,
    };
    await writeLedger(tx, { entries: [entry], newLots: [], lotUpdates: plan.changed, bookedAt: at });
  }
}

/** What either forgave because an order went to another, where that order is theirs again, and is not made good whole. */
function readLosses(tx: Tx, memberId: MemberId): Promise<Loss[]> {
  return tx.query<Loss>(
    `with recursive account (id) as (
       select $2::uuid
       union select m.id from member m join account a on m.shop_id = $1 and m.folded_into = a.id
     )
     select w.id::text as entry_id, w.order_id, w.unit, w.amount + coalesce(sum(g.amount), 0)::bigint as amount, w.source_key
     from account a
     join ledger_entry w on w.shop_id = $1 and w.member_id = a.id and w.reason = 'written-off' and w.source = 'order'
     join ledger_entry r on r.shop_id = $1 and r.id = w.reverses and r.explanation->>'because' = 'another-member'
     join order_state o on o.shop_id = $1 and o.order_id = w.order_id and o.member_id = $2
     left join ledger_entry g on g.shop_id = $1 and g.member_id in (select id from account)
       and g.reverses = w.id and g.reason = '${madeGoodReason}'
     group by w.id, w.order_id, w.unit, w.amount, w.source_key
     having w.amount + coalesce(sum(g.amount), 0) > 0 order by w.id`,
    [tx.shopId, memberId],
  );
}
