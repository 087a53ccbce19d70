/** What is to be known of rewards and a member before one can be had: how often it was, by whom, and what there is to spend. */
import { readReached } from '#app/data/ledger/reached.ts';
import { readForgiven } from '#app/data/ledger/reward-losses.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { RewardUse } from '#app/domain/programs/reward-gates.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';
import type { MemberId, ProgramId } from '#app/lib/ids.ts';

const dayMs = 86_400_000;

export type RewardUser = {
  memberId: MemberId;
  programId: ProgramId;
  document: ProgramDocument;
  /** What the member can spend, by unit. */
  available: Map<string, number>;
  at: Date;
};

/**
 * Holds a reward until the transaction ends when its stock is limited, so that the count that follows stays true. Take it
 * after the member and their balances, and one at most.
 */
export async function lockStock(tx: Tx, programId: ProgramId, rewardId: string): Promise<void> {
  await tx.query(
    `select 1 as one from reward
     where shop_id = $1 and program_id = $2 and id = $3 and document->'limits'->'stock' is not null for no key update`,
    [tx.shopId, programId, rewardId],
  );
}

/** The use of each of these rewards, by reward id. */
export async function readRewardUses(
  tx: Tx,
  user: RewardUser,
  rewards: readonly Reward[],
): Promise<Map<string, RewardUse>> {
  const had = await readHad(tx, user, rewards);
  const taken = await readTaken(tx, user.programId, rewards);
  const isAnyReached = rewards.some((reward) => reward.cost === 0);
  const reached = isAnyReached ? await readReached(tx, user.memberId, user.document, rewards) : null;
  const forgiven = isAnyReached ? await readForgiven(tx, user.memberId) : null;
  return new Map(
    rewards.map(({ id, unit }) => [
      id,
      {
        hadByMember: had.get(id)?.had ?? 0,
        hadInPeriod: had.get(id)?.recent ?? 0,
        hadByAll: taken.get(id) ?? 0,
        available: user.available.get(unit) ?? 0,
        reached: reached?.get(id) ?? 0,
        forgiven: forgiven?.get(id) ?? 0,
      },
    ]),
  );
}

type Had = { reward_id: string; had: number; recent: number };

async function readHad(tx: Tx, { memberId, at }: RewardUser, rewards: readonly Reward[]): Promise<Map<string, Had>> {
  const rows = await tx.query<Had>(
    `select w.reward_id, count(*)::int as had, (count(*) filter (where r.created_at > w.since))::int as recent
     from unnest($3::text[], $4::timestamptz[]) as w(reward_id, since)
     join reservation r on r.shop_id = $1 and r.member_id = $2 and r.reward_id = w.reward_id and r.state <> 'released'
     group by w.reward_id`,
    [
      tx.shopId,
      memberId,
      rewards.map((reward) => reward.id),
      rewards.map((reward) => new Date(at.getTime() - (reward.limits?.perPeriod?.days ?? 0) * dayMs)),
    ],
  );
  return new Map(rows.map((row) => [row.reward_id, row]));
}

/** No further than the stock, so that a count never reads more rows than there may be. */
async function readTaken(tx: Tx, programId: ProgramId, rewards: readonly Reward[]): Promise<Map<string, number>> {
  const limited = rewards.flatMap(({ id, limits }) =>
    limits?.stock === undefined ? [] : [{ id, stock: limits.stock }],
  );
  if (limited.length === 0) return new Map();
  const rows = await tx.query<{ reward_id: string; taken: number }>(
    `select w.reward_id, t.taken from unnest($3::text[], $4::int[]) as w(reward_id, stock)
     cross join lateral (select count(*)::int as taken from (
       select 1 from reservation r where r.shop_id = $1 and r.program_id = $2 and r.reward_id = w.reward_id
         and r.state <> 'released' limit w.stock) counted) t`,
    [tx.shopId, programId, limited.map((reward) => reward.id), limited.map((reward) => reward.stock)],
  );
  return new Map(rows.map((row) => [row.reward_id, row.taken]));
}
