/** What a member can spend now: what is pending or over does not count, nor what is held for sales going on. */
import { type Balance, readBalances } from '#app/data/ledger/ledger.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type Availability = {
  memberId: MemberId;
  unit: string;
  /** Everything, pending value included; below 0 when the member owes. */
  balance: number;
  /** Reserved for sales going on. */
  held: number;
  /** Earned, but not to be spent yet. */
  pending: number;
  /** What a reservation may take: never below 0, and never more than the balance less what is held. */
  available: number;
  /** Everything ever collected: the balance and what was redeemed of it. */
  collected: number;
};

/** What each unit of a member comes to, by unit. Exact for whoever holds the balances. */
export async function readAvailability(tx: Tx, memberId: MemberId): Promise<Map<string, Availability>> {
  return new Map((await readAvailabilities(tx, [memberId])).map((each) => [each.unit, each]));
}

/** The same for several members, in member and unit order. */
export async function readAvailabilities(tx: Tx, memberIds: MemberId[]): Promise<Availability[]> {
  const balances = await readBalances(tx, memberIds);
  const unusable = await readUnusable(tx, memberIds);
  return balances.map((balance) => {
    const lots = unusable.find(({ memberId, unit }) => memberId === balance.memberId && unit === balance.unit);
    return availabilityOf(balance, lots ?? { pending: 0, over: 0 });
  });
}

function availabilityOf(balance: Balance, unusable: { pending: number; over: number }): Availability {
  const { memberId, unit, amount, held, spent } = balance;
  const { pending, over } = unusable;
  return {
    memberId,
    unit,
    balance: amount,
    held,
    pending,
    available: Math.max(0, amount - pending - over - held),
    collected: amount + spent,
  };
}

/** What remains of lots that cannot be spent from: pending ones, and those that are over and will expire. */
async function readUnusable(
  tx: Tx,
  memberIds: MemberId[],
): Promise<{ memberId: MemberId; unit: string; pending: number; over: number }[]> {
  const rows = await tx.query<{ member_id: MemberId; unit: string; pending: number; over: number }>(
    `select member_id, unit, coalesce(sum(remaining) filter (where not is_over), 0)::bigint as pending,
       coalesce(sum(remaining) filter (where is_over), 0)::bigint as over
     from (
       select member_id, unit, remaining, coalesce(expires_at <= $3, false) as is_over from lot
       where shop_id = $1 and member_id = any($2) and remaining > 0
         and (available_at is null or available_at > $3 or expires_at <= $3)
     ) l group by member_id, unit`,
    [tx.shopId, memberIds, now()],
  );
  return rows.map(({ member_id, ...figures }) => ({ memberId: member_id, ...figures }));
}
