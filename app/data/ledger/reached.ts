/**
 * How often a member has reached what a reward is given for. Counted from the ledger: every stamp that was collected and
 * not taken back, spent or not. What expired was collected all the same.
 */
import type { Tx } from '#app/data/tenancy.ts';
import { collectionsCompleted, type CollectedStamps, milestonesEarned } from '#app/domain/ledger/stamp-card.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** By reward id, for those of `rewards` that are given for reaching something. */
export async function readReached(
  tx: Tx,
  memberId: MemberId,
  document: ProgramDocument,
  rewards: readonly Reward[],
): Promise<Map<string, number>> {
  const isAnyMidCard = rewards.some((reward) => reward.atStamp !== undefined);
  const isAnyCollection = rewards.some((reward) => reward.collectionId !== undefined);
  const collected = isAnyMidCard ? await readCollected(tx, memberId) : new Map<string, number>();
  const stamps = isAnyCollection ? await readStampsInOrder(tx, memberId) : [];
  const reached = new Map<string, number>();
  for (const reward of rewards) {
    const unit = document.units.find((candidate) => candidate.id === reward.unit);
    const collection = document.collections.find((candidate) => candidate.id === reward.collectionId);
    if (reward.atStamp !== undefined && unit?.kind === 'stamp')
      reached.set(
        reward.id,
        milestonesEarned({
          collected: collected.get(unit.id) ?? 0,
          needed: unit.stampsNeeded,
          atStamp: reward.atStamp,
        }),
      );
    if (collection !== undefined) reached.set(reward.id, collectionsCompleted(collection, stamps));
  }
  return reached;
}

/**
 * The member with all who were folded into them, whose entries stay where they are. What folding moved over is then told
 * already; redemptions and what expired say nothing of collecting.
 */
const whatWasCollected = `
  with recursive account (id) as (
    select $2::uuid
    union select m.id from member m join account a on m.shop_id = $1 and m.folded_into = a.id
  ), collected as (
    select e.id, e.unit, e.kind, e.amount, e.order_id, e.reverses, e.occurred_at
    from ledger_entry e join account a on e.shop_id = $1 and e.member_id = a.id
    where e.source not in ('reward', 'merge') and e.kind <> 'expiration'
  )`;

async function readCollected(tx: Tx, memberId: MemberId): Promise<Map<string, number>> {
  const rows = await tx.query<{ unit: string; amount: number }>(
    `${whatWasCollected} select unit, sum(amount)::bigint as amount from collected group by unit`,
    [tx.shopId, memberId],
  );
  return new Map(rows.map((row) => [row.unit, row.amount]));
}

/** What each sale, and each gift by hand, still stands for, in the order in which they were made. */
async function readStampsInOrder(tx: Tx, memberId: MemberId): Promise<CollectedStamps[]> {
  return tx.query<{ unit: string; amount: number }>(
    `${whatWasCollected}
     select unit, sum(amount)::bigint as amount from collected
     group by unit, coalesce('order/' || order_id, 'entry/' || coalesce(reverses, id))
     having sum(amount) > 0 order by min(occurred_at) filter (where kind = 'accrual'), min(id)`,
    [tx.shopId, memberId],
  );
}
