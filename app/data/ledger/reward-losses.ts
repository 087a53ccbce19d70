/**
 * Rewards that were given for reaching something, after a refund took the stamps that reached it. Where the program
 * carries debts, the card starts below 0: what was had stays counted. Where it writes off, the loss is recorded here, and
 * made good when the reward itself is given back.
 */
import { readReached } from '#app/data/ledger/reached.ts';
import type { Reservation } from '#app/data/ledger/reservations.ts';
import { listRuleVersions } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId, ProgramId } from '#app/lib/ids.ts';

type Had = { member_id: MemberId; program_id: ProgramId; reward_id: string; had: number; forgiven: number };

/**
 * Compares what the members of these orders, and those who lost orders to others, had for reaching something with what they
 * have reached. Hold the balances.
 */
export async function forgiveUnreached(
  tx: Tx,
  about: { orderIds: string[]; formerIds: MemberId[] },
  at: Date,
): Promise<void> {
  const rows = await tx.query<Had>(
    `select r.member_id, r.program_id, r.reward_id, count(*)::int as had, coalesce(max(l.forgiven), 0) as forgiven
     from reservation r
     left join reward_loss l on l.shop_id = $1 and l.member_id = r.member_id and l.reward_id = r.reward_id
     where r.shop_id = $1 and r.cost = 0 and r.state = 'committed' and r.member_id in (
       select member_id from order_state where shop_id = $1 and order_id = any($2) and member_id is not null
       union all select unnest($3::uuid[]))
     group by r.member_id, r.program_id, r.reward_id order by r.member_id, r.reward_id`,
    [tx.shopId, about.orderIds, about.formerIds],
  );
  if (rows.length === 0) return;
  const versions = await listRuleVersions(tx);
  for (const row of rows) {
    const document = versions.find((version) => version.programId === row.program_id)?.document;
    const reward = document?.rewards.find((candidate) => candidate.id === row.reward_id);
    if (document?.settings.debtPolicy !== 'write-off' || reward === undefined) continue;
    const reached = (await readReached(tx, row.member_id, document, [reward])).get(reward.id) ?? 0;
    const lost = row.had - row.forgiven - reached;
    if (lost > 0) await forgive(tx, { memberId: row.member_id, rewardId: reward.id, lost, at });
  }
}

async function forgive(tx: Tx, loss: { memberId: MemberId; rewardId: string; lost: number; at: Date }): Promise<void> {
  await tx.query(
    `insert into reward_loss (shop_id, member_id, reward_id, forgiven, updated_at) values ($1, $2, $3, $4, $5)
     on conflict (shop_id, member_id, reward_id)
     do update set forgiven = reward_loss.forgiven + excluded.forgiven, updated_at = excluded.updated_at`,
    [tx.shopId, loss.memberId, loss.rewardId, loss.lost, loss.at],
  );
}

/** A reward that was forgiven after it was had counts as never had once it is given back. Hold the balances. */
export async function unforgiveReward(tx: Tx, { memberId, rewardId, committedAt }: Reservation): Promise<void> {
  await tx.query(
    `update reward_loss set forgiven = forgiven - 1
     where shop_id = $1 and member_id = $2 and reward_id = $3 and forgiven > 0 and updated_at >= $4`,
    [tx.shopId, memberId, rewardId, committedAt],
  );
}

/** How often each reward was forgiven, by reward id. */
export async function readForgiven(tx: Tx, memberId: MemberId): Promise<Map<string, number>> {
  const rows = await tx.query<{ reward_id: string; forgiven: number }>(
    'select reward_id, forgiven from reward_loss where shop_id = $1 and member_id = $2',
    [tx.shopId, memberId],
  );
  return new Map(rows.map((row) => [row.reward_id, row.forgiven]));
}
