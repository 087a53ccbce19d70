import { Badge, Banner, BlockStack, Card, InlineGrid, InlineStack, Link, Page, Text } from '@shopify/polaris';

import { Chart } from '#app/components/admin/home/chart.tsx';
import type { ChartPoint } from '#app/components/admin/home/chart.tsx';
import { formatCount, formatShare } from '#app/components/admin/format.ts';
import { Standing, Today } from '#app/components/admin/home/figure-cards.tsx';
import type { Day } from '#app/components/admin/home/figure-cards.tsx';
import { NeedsYou } from '#app/components/admin/home/needs-you.tsx';
import type { Attention } from '#app/components/admin/home/needs-you.tsx';
import { NextSteps } from '#app/components/admin/home/next-steps.tsx';
import { BringPeopleIn } from '#app/components/admin/poster-preview.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = {
  shopName: string;
  timeZone: string;
  counts: {
    members: number;
    activePasses: number;
    enrolledLast30Days: number;
    stampsLast30Days: number;
    pointsLast30Days: number;
    redemptionsLast30Days: number;
  };
  /** Oldest first; the last one is today. */
  days: Day[];
  freshness: { total: number; fresh: number; stale: number; inTime: number | null; days: number };
  attention: Attention;
  /** Null before there is a program. */
  joining: { url: string; code: string; document: ProgramDocument; design: CardDesign | null } | null;
  justWentLive: boolean;
};

export function HomeView(props: Props) {
  const { counts, days, timeZone } = props;
  const isNew = counts.members === 0;
  return (
    <Page title={props.shopName} subtitle="How your loyalty card is doing">
      <BlockStack gap="400">
        {props.justWentLive ? (
          <Banner tone="success" title="Your program is live">
            <p>Paid orders count from now on. Next: let your first shopper join.</p>
          </Banner>
        ) : null}
        <NeedsYou attention={props.attention} />
        {/* Nobody needs to look at zeros: first people, then figures. */}
        {isNew ? <Start {...props} /> : null}
        {isNew ? null : <Today days={days} />}
        {isNew ? null : <Standing counts={counts} />}
        {isNew ? null : <Charts days={days} />}
        {isNew ? null : <Start {...props} />}
        <div className="home-note">
          <Text as="p" tone="subdued" variant="bodySm">
            {`Days begin at midnight in ${timeZone.replaceAll('_', ' ')}, the time zone of your shop. To change it, open Settings, General in Shopify: it is taken over from there within moments.`}
          </Text>
        </div>
      </BlockStack>
    </Page>
  );
}

function Charts({ days }: Pick<Props, 'days'>) {
  return (
    <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
      <ChartCard
        title="New members, last 30 days"
        points={days.map(({ day, enrolled }) => ({ day, value: enrolled }))}
        valueName="New members"
      />
      <ChartCard
        title="Bookings of stamps and points, last 30 days"
        points={days.map(({ day, entries }) => ({ day, value: entries }))}
        valueName="Bookings"
      />
    </InlineGrid>
  );
}

/** What gets a program going, and shows that it goes. */
function Start({ joining, freshness, counts }: Props) {
  const sheet =
    joining === null || joining.design === null
      ? null
      : { document: joining.document, design: joining.design, joinCode: joining.code };
  return (
    <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
      {joining === null ? null : <BringPeopleIn joinUrl={joining.url} sheet={sheet} />}
      <BlockStack gap="400">
        {counts.activePasses === 0 ? null : <Freshness freshness={freshness} />}
        <NextSteps
          counts={counts}
          hasEarned={counts.stampsLast30Days + counts.pointsLast30Days > 0}
          joinUrl={joining?.url ?? null}
          hasDesign={joining?.design != null}
        />
      </BlockStack>
    </InlineGrid>
  );
}

function ChartCard({ title, points, valueName }: { title: string; points: ChartPoint[]; valueName: string }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingSm">
          {title}
        </Text>
        <Chart title={title} points={points} valueName={valueName} />
      </BlockStack>
    </Card>
  );
}

function Freshness({ freshness }: Pick<Props, 'freshness'>) {
  const { total, fresh, stale, inTime, days } = freshness;
  return (
    <Card>
      <BlockStack gap="200">
        <InlineStack align="space-between">
          <Text as="h2" variant="headingSm">
            Are the cards up to date?
          </Text>
          <FreshnessBadge total={total} stale={stale} />
        </InlineStack>
        <Text as="p">
          {total === 0
            ? 'There is no card in a wallet yet.'
            : `${formatCount(fresh)} of ${formatCount(total)} ${total === 1 ? 'card shows' : 'cards show'} the newest balance.`}
        </Text>
        {inTime === null ? null : (
          <Text as="p">{`${formatShare(inTime)} of the changes of the last ${days} days were seen within 60 seconds.`}</Text>
        )}
        {stale > 0 ? (
          <Text as="p" tone="subdued">
            The others get it as soon as their phone is switched on and online. You need not do anything.
          </Text>
        ) : null}
        <InlineStack>
          <Link url="/app/freshness">How fresh the cards are, and why some wait</Link>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}

function FreshnessBadge({ total, stale }: { total: number; stale: number }) {
  if (total === 0) return null;
  return stale > 0 ? (
    <Badge tone="attention">{`${formatCount(stale)} waiting`}</Badge>
  ) : (
    <Badge tone="success">Up to date</Badge>
  );
}
