/** What the detectors of a shop are shown. */
import { sumSignals } from '#app/data/security/signals.ts';
import { readClientUses } from '#app/data/shops/api-usage.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { detectors } from '#app/domain/security/detectors.ts';
import type { Figures } from '#app/domain/security/judge-signals.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A shop that brings more members than this in a week has its newest looked at. */
const referralsMax = 5_000;

/** The figures at an instant. Habits take a look at months of entries: they are asked for every hour only. */
export async function readFigures(tx: Tx, at: Date, { withHabits }: { withHabits: boolean }): Promise<Figures> {
  const ago = (minutes: number) => new Date(at.getTime() - minutes * minuteMs);
  const [redemptions] = await tx.query<Figures['redemptions']>(
    `select coalesce(sum(amount) filter (where at > $3), 0)::bigint as "inWindow", coalesce(sum(amount), 0)::bigint as "inDay",
       max(at) as "lastAt"
     from security_signal where shop_id = $1 and kind = 'redemption' and at > $2 and at <= $4`,
    [tx.shopId, new Date(at.getTime() - dayMs), ago(detectors['redemption-spike'].windowMinutes), at],
  );
  return {
    redemptions: redemptions ?? { inWindow: 0, inDay: 0, lastAt: null },
    networks: await sumSignals(tx, {
      kind: 'networks',
      since: ago(detectors['many-networks'].windowMinutes),
      totalMin: 1,
    }),
    missing: await sumSignals(tx, {
      kind: 'missing',
      since: ago(detectors['mass-missing'].windowMinutes),
      totalMin: 1,
    }),
    handGiven: await sumSignals(tx, {
      kind: 'hand-given',
      since: ago(detectors['self-stamping'].windowMinutes),
      totalMin: 2,
    }),
    canaries: await sumSignals(tx, { kind: 'canary', since: ago(detectors['canary-key'].windowMinutes), totalMin: 1 }),
    foreignNetworks: await sumSignals(tx, {
      kind: 'foreign-network',
      since: ago(detectors['foreign-network'].windowMinutes),
      totalMin: 1,
    }),
    leakedKeys: await sumSignals(tx, {
      kind: 'leaked-key',
      since: ago(detectors['leaked-key'].windowMinutes),
      totalMin: 1,
    }),
    uses: await readClientUses(tx, at),
    refunds: withHabits ? await readRefunds(tx, ago(detectors['refund-farming'].windowMinutes)) : [],
    referrals: withHabits ? await readReferrals(tx, ago(detectors['referral-ring'].windowMinutes)) : [],
  };
}

/** Members who redeemed lately and had more than one order taken back. */
async function readRefunds(tx: Tx, since: Date): Promise<Figures['refunds']> {
  return tx.query<Figures['refunds'][number]>(
    `select e.member_id as "memberId", count(distinct e.order_id)::bigint as orders, max(e.booked_at) as "lastAt" from ledger_entry e
     where e.shop_id = $1 and e.booked_at > $2 and e.kind = 'reversal' and e.source = 'order'
       and exists (select from reservation r where r.shop_id = $1 and r.member_id = e.member_id and r.created_at > $2
         and r.state <> 'released')
     group by e.member_id having count(distinct e.order_id) > 1 order by orders desc limit 100`,
    [tx.shopId, since],
  );
}

async function readReferrals(tx: Tx, since: Date): Promise<Figures['referrals']> {
  return tx.query<Figures['referrals'][number]>(
    `select referrer_id as "referrerId", friend_id as "friendId", created_at as at from referral
     where shop_id = $1 and created_at > $2 and (state <> 'refused' or refusal in ('mutual', 'ring')) order by created_at desc limit $3`,
    [tx.shopId, since, referralsMax],
  );
}
