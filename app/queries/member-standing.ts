/** Where a member stands: what can be spent, the tier and the way to the next, cards, rewards, friends and events. */
import { readAvailability } from '#app/data/ledger/availability.ts';
import { readHistory } from '#app/data/ledger/history.ts';
import { readEventsOf } from '#app/data/ledger/member-events.ts';
import type { Member } from '#app/data/members/members.ts';
import { listReferrals, type Referral } from '#app/data/members/referrals.ts';
import { newestRuleVersion, type RuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type TierState, tierAt } from '#app/domain/earning/tiers.ts';
import { cardProgress } from '#app/domain/ledger/stamp-card.ts';
import type { Tiers } from '#app/domain/programs/program.ts';
import { type MemberReward, readRewardsFor } from '#app/queries/rewards-for-member.ts';

export type UnitStanding = {
  unit: string;
  kind: 'point' | 'stamp';
  label: string;
  balance: number;
  available: number;
  pending: number;
  held: number;
  /** Ever collected, spent or not. */
  collected: number;
  /** Full cards, and what is on the card begun; null for points. */
  card: { needed: number; cards: number; onCard: number } | null;
};

export type MemberStandingPage = {
  units: UnitStanding[];
  /** Null where the program has no tiers. */
  tier: (TierState & { qualifiesBy: Tiers['qualifiesBy']; level: { from: number; to: number | null } }) | null;
  rewards: Pick<MemberReward, 'rewardId' | 'name' | 'unit' | 'cost' | 'isAvailable' | 'reason' | 'timesReady'>[];
  referrals: {
    referralId: string;
    /** Whether this member brought somebody, or was brought. */
    role: 'brought' | 'was-brought';
    otherId: string;
    state: Referral['state'];
    refusal: Referral['refusal'];
    dueAt: Date | null;
    createdAt: Date;
  }[];
  /** Newest first. */
  events: {
    eventId: string;
    kind: string;
    name: string | null;
    occurredAt: Date;
    isRevoked: boolean;
    booked: Record<string, number>;
  }[];
};

const eventsMax = 50;

/** Everything but the ledger itself. An erased member has figures, but neither tier nor rewards. */
export async function readStanding(tx: Tx, member: Member, at: Date): Promise<MemberStandingPage> {
  const version = await newestRuleVersion(tx, member.programId);
  const isPerson = member.state !== 'erased';
  const rewards = isPerson
    ? await readRewardsFor(tx, member.memberId, { channel: 'online', locationId: null, at })
    : [];
  const events = await readEventsOf(tx, [member.memberId]);
  const referrals = await listReferrals(tx, [member.memberId]);
  return {
    units: await unitStandings(tx, member, version),
    tier: isPerson && version !== null ? await tierOf(tx, member, { version, at }) : null,
    rewards: rewards.map(({ benefit: _benefit, ...reward }) => reward),
    referrals: referrals.map(({ referralId, referrerId, friendId, state, refusal, dueAt, createdAt }) => {
      const role = referrerId === member.memberId ? 'brought' : 'was-brought';
      const otherId = role === 'brought' ? friendId : referrerId;
      return { referralId, role, otherId, state, refusal, dueAt, createdAt };
    }),
    events: events
      .toReversed()
      .slice(0, eventsMax)
      .map(({ event, booked }) => ({
        eventId: event.eventId,
        kind: event.kind,
        name: event.name,
        occurredAt: event.occurredAt,
        isRevoked: event.isRevoked,
        booked,
      })),
  };
}

async function unitStandings(tx: Tx, { memberId }: Member, version: RuleVersion | null): Promise<UnitStanding[]> {
  const figures = await readAvailability(tx, memberId);
  return (version?.document.units ?? []).map((unit) => {
    const nothing = { balance: 0, available: 0, pending: 0, held: 0, collected: 0 };
    const { balance, available, pending, held, collected } = figures.get(unit.id) ?? nothing;
    return {
      unit: unit.id,
      kind: unit.kind,
      label: unit.label,
      balance,
      available,
      pending,
      held,
      collected,
      card:
        unit.kind === 'stamp'
          ? { needed: unit.stampsNeeded, ...cardProgress({ collected: balance, needed: unit.stampsNeeded }) }
          : null,
    };
  });
}

/** `level` spans from the threshold of the tier to that of the next, so that the way can be drawn. */
async function tierOf(
  tx: Tx,
  { memberId }: Member,
  { version, at }: { version: RuleVersion; at: Date },
): Promise<MemberStandingPage['tier']> {
  const { tiers } = version.document;
  if (tiers === null) return null;
  const { timeZone } = await readShop(tx);
  const state = tierAt(await readHistory(tx, memberId), { at, document: version.document, timeZone });
  if (state === null) return null;
  const thresholdOf = (tierId: string | undefined) => tiers.levels.find(({ id }) => id === tierId)?.threshold;
  const level = { from: thresholdOf(state.tierId ?? undefined) ?? 0, to: thresholdOf(state.next?.tierId) ?? null };
  return { ...state, qualifiesBy: tiers.qualifiesBy, level };
}
