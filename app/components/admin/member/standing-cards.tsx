import { Badge, BlockStack, Card, InlineStack, Link, ProgressBar, Text } from '@shopify/polaris';
import type { ReactNode } from 'react';

import { formatChange, formatCount, formatDay, formatMember, formatWorth } from '#app/components/admin/format.ts';
import type {
  EventRow,
  MemberDetail,
  ReferralRow,
  RewardRow,
  TierRow,
  UnitRow,
} from '#app/components/admin/member/member-shapes.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

/** What can be spent of each unit, and what stands in the way of the rest. */
export function UnitCards({ units }: { units: UnitRow[] }) {
  return (
    <div className="figures figures-wide">
      {units.map((unit) => (
        <Card key={unit.unit}>
          <section aria-label={unit.label}>
            <BlockStack gap="100">
              <Text as="h2" variant="bodySm" tone="subdued">
                {unit.label}
              </Text>
              <div className="figure-value">{formatCount(unit.balance)}</div>
              {unit.card === null ? null : <StampCard card={unit.card} label={unit.label} />}
              <dl className="unit-facts">
                <div>
                  <dt>Can be spent</dt>
                  <dd>{formatCount(unit.available)}</dd>
                </div>
                <div>
                  <dt>Pending</dt>
                  <dd>{formatCount(unit.pending)}</dd>
                </div>
                <div>
                  <dt>Held for a sale</dt>
                  <dd>{formatCount(unit.held)}</dd>
                </div>
                <div>
                  <dt>Collected in all</dt>
                  <dd>{formatCount(unit.collected)}</dd>
                </div>
              </dl>
            </BlockStack>
          </section>
        </Card>
      ))}
    </div>
  );
}

function StampCard({ card, label }: { card: NonNullable<UnitRow['card']>; label: string }) {
  const { needed, cards, onCard } = card;
  const full = cards === 0 ? '' : ` and ${cards === 1 ? 'one full card' : `${formatCount(cards)} full cards`}`;
  return (
    <>
      <div className="stamp-dots" aria-hidden="true">
        {Array.from({ length: needed }, (_, index) => (
          <span key={index} className={index < onCard ? 'dot dot-on' : 'dot'} />
        ))}
      </div>
      <Text as="p">{`${formatCount(onCard)} of ${countedUnit(needed, { kind: 'stamp', label })} on the card${full}`}</Text>
    </>
  );
}

type TierProps = { tier: TierRow; standing: MemberDetail['standing']; currency: string; timeZone: string };

/** The tier and the way to the next. */
export function TierCard({ tier, standing, currency, timeZone }: TierProps) {
  const { qualifiesBy, level, progress, next } = tier;
  const unit = standing.units.find((candidate) => qualifiesBy.kind === 'unit' && candidate.unit === qualifiesBy.unit);
  const say = (amount: number) =>
    ({
      unit: () => countedUnit(amount, unit),
      spend: () => formatWorth(amount, currency),
      orders: () => `${formatCount(amount)} ${amount === 1 ? 'order' : 'orders'}`,
    })[qualifiesBy.kind]();
  const span = level.to === null ? 0 : level.to - level.from;
  const share = span === 0 ? 100 : Math.max(0, Math.min(100, ((progress - level.from) / span) * 100));
  return (
    <Topic
      title="Tier"
      badge={<Badge tone={tier.name === null ? 'read-only' : 'success'}>{tier.name ?? 'No tier yet'}</Badge>}
    >
      <ProgressBar size="small" tone="primary" progress={share} ariaLabelledBy="tier-progress" />
      <Text as="p" id="tier-progress">
        {next === null
          ? `${say(progress)}: the highest tier.`
          : `${say(progress)} count now; ${say(next.missing)} more for ${next.name}.`}
      </Text>
      <Text as="p" tone="subdued">
        {[
          ...(tier.since === null ? [] : [`Since ${formatDay(tier.since, timeZone)}`]),
          ...(tier.heldUntil === null
            ? []
            : [`kept until ${formatDay(tier.heldUntil, timeZone)} without another order`]),
        ].join(', ')}
      </Text>
    </Topic>
  );
}

const refusals: Record<NonNullable<RewardRow['reason']>, string> = {
  'not-enough': 'not enough yet',
  limit: 'had as often as allowed',
  stock: 'none left',
  tier: 'needs a tier',
  'not-now': 'not at this time',
  channel: 'not online',
  frozen: 'the member is frozen',
  paused: 'redemptions are paused',
  challenge: 'to be looked at first',
};

/** The rewards, and which are ready. */
export function RewardsCard({ rewards, units }: { rewards: RewardRow[]; units: UnitRow[] }) {
  return (
    <Topic title="Rewards">
      {rewards.length === 0 ? (
        <Text as="p" tone="subdued">
          The program has no reward for this member.
        </Text>
      ) : (
        <ul className="rows">
          {rewards.map((reward) => (
            <li key={reward.rewardId}>
              <InlineStack align="space-between" gap="200">
                <span>{reward.name}</span>
                <RewardBadge reward={reward} />
              </InlineStack>
              <Text as="p" tone="subdued">
                {reward.cost === 0
                  ? 'Comes by collecting'
                  : countedUnit(
                      reward.cost,
                      units.find(({ unit }) => unit === reward.unit),
                    )}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </Topic>
  );
}

function RewardBadge({ reward }: { reward: RewardRow }) {
  if (!reward.isAvailable) return <Badge>{refusals[reward.reason ?? 'not-now']}</Badge>;
  return (
    <Badge tone="success">{reward.timesReady > 1 ? `Ready ${formatCount(reward.timesReady)} times` : 'Ready'}</Badge>
  );
}

const referralStates = { waiting: 'Waiting', paid: 'Paid', reversed: 'Taken back', refused: 'Refused' } as const;

/** Why a referral pays nobody, in words. */
const referralRefusals: Record<string, string> = {
  'not-offered': 'the program pays for nobody',
  self: 'both are the same person',
  mutual: 'the friend had brought this member before',
  ring: 'they brought each other in a ring',
  second: 'somebody else had brought the friend',
  'already-member': 'the friend was a member already',
  'not-new': 'the friend had bought here before',
  'friends-max': 'as many friends as the program pays for',
};

type ReferralProps = { referrals: ReferralRow[]; timeZone: string };

/** Whom the member brought, who brought them, and what became of it. */
export function ReferralsCard({ referrals, timeZone }: ReferralProps) {
  if (referrals.length === 0) return null;
  return (
    <Topic title="Friends">
      <ul className="rows">
        {referrals.map((referral) => (
          <li key={referral.referralId}>
            <InlineStack align="space-between" gap="200">
              <span>
                {referral.role === 'brought' ? 'Brought ' : 'Was brought by '}
                <Link url={`/app/members/${referral.otherId}`}>{formatMember(referral.otherId)}</Link>
              </span>
              <Badge {...(referral.state === 'paid' ? { tone: 'success' as const } : {})}>
                {referralStates[referral.state]}
              </Badge>
            </InlineStack>
            <Text as="p" tone="subdued">
              {describeReferral(referral, timeZone)}
            </Text>
          </li>
        ))}
      </ul>
    </Topic>
  );
}

function describeReferral({ state, refusal, dueAt, createdAt }: ReferralRow, timeZone: string): string {
  const since = formatDay(createdAt, timeZone);
  if (refusal !== null) return `${since}: ${referralRefusals[refusal] ?? refusal}`;
  if (state !== 'waiting') return since;
  return dueAt === null
    ? `${since}: waits for the friend’s first order`
    : `${since}: is paid on ${formatDay(dueAt, timeZone)} if the order stands`;
}

const eventNames: Record<string, string> = { 'sign-up': 'Joined', birthday: 'Birthday', review: 'Review' };

type EventProps = { events: EventRow[]; units: UnitRow[]; timeZone: string };

/** What happened beside orders, and what it gave. */
export function EventsCard({ events, units, timeZone }: EventProps) {
  if (events.length === 0) return null;
  return (
    <Topic title="Events">
      <ul className="rows">
        {events.map((event) => (
          <li key={event.eventId}>
            <InlineStack align="space-between" gap="200">
              <span>{eventNames[event.kind] ?? event.name ?? event.kind}</span>
              {event.isRevoked ? <Badge>Taken back</Badge> : <span className="amount">{givenBy(event, units)}</span>}
            </InlineStack>
            <Text as="p" tone="subdued">
              {formatDay(event.occurredAt, timeZone)}
            </Text>
          </li>
        ))}
      </ul>
    </Topic>
  );
}

function givenBy({ booked }: EventRow, units: UnitRow[]): string {
  const given = Object.entries(booked).filter(([, amount]) => amount !== 0);
  const labelOf = (id: string) => units.find(({ unit }) => unit === id)?.label ?? id;
  return given.length === 0
    ? 'nothing'
    : given.map(([id, amount]) => `${formatChange(amount)} ${labelOf(id)}`).join(', ');
}

function Topic({ title, badge, children }: { title: string; badge?: ReactNode; children: ReactNode }) {
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          {badge}
        </InlineStack>
        {children}
      </BlockStack>
    </Card>
  );
}
