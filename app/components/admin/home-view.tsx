import { Badge, Banner, BlockStack, Button, Card, InlineGrid, InlineStack, Link, Page, Text } from '@shopify/polaris';

import { Chart } from '#app/components/admin/chart.tsx';
import type { ChartPoint } from '#app/components/admin/chart.tsx';
import { formatCount, formatShare } from '#app/components/admin/format.ts';

export type HomeFigures = {
  counts: {
    members: number;
    activePasses: number;
    enrolledLast30Days: number;
    stampsLast30Days: number;
    pointsLast30Days: number;
    redemptionsLast30Days: number;
  };
  enrolled: ChartPoint[];
  entries: ChartPoint[];
  freshness: { total: number; fresh: number; stale: number; inTime: number | null; days: number };
  attention: {
    quarantined: number;
    parked: number;
    openCases: number;
    needsReauthorization: boolean;
    certificates: number;
  };
};

type Props = HomeFigures & { shopName: string; joinUrl: string | null; hasDesign: boolean; justWentLive: boolean };

export function HomeView(props: Props) {
  const { counts, enrolled, entries } = props;
  return (
    <Page title={props.shopName} subtitle="How your loyalty card is doing">
      <BlockStack gap="400">
        {props.justWentLive ? (
          <Banner tone="success" title="Your program is live">
            <p>Paid orders count from now on. Next: let your first shopper join.</p>
          </Banner>
        ) : null}
        <Attention attention={props.attention} />
        <FigureCards counts={counts} />
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          <ChartCard title="New members, last 30 days" points={enrolled} valueName="New members" />
          <ChartCard title="Stamps and points booked, last 30 days" points={entries} valueName="Bookings" />
        </InlineGrid>
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          <Freshness freshness={props.freshness} />
          <NextSteps counts={counts} joinUrl={props.joinUrl} hasDesign={props.hasDesign} />
        </InlineGrid>
      </BlockStack>
    </Page>
  );
}

function FigureCards({ counts }: Pick<Props, 'counts'>) {
  const figures = [
    { name: 'Members', value: counts.members },
    { name: 'Cards in wallets', value: counts.activePasses },
    { name: 'Joined in 30 days', value: counts.enrolledLast30Days },
    { name: 'Stamps in 30 days', value: counts.stampsLast30Days },
    { name: 'Points in 30 days', value: counts.pointsLast30Days },
    { name: 'Rewards in 30 days', value: counts.redemptionsLast30Days },
  ];
  return (
    <div className="figures">
      {figures.map(({ name, value }) => (
        <Card key={name}>
          <Text as="h2" variant="bodySm" tone="subdued">
            {name}
          </Text>
          <div className="figure-value">{formatCount(value)}</div>
        </Card>
      ))}
    </div>
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
            : `${formatCount(fresh)} of ${formatCount(total)} cards show the newest balance.`}
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

function Attention({ attention }: Pick<Props, 'attention'>) {
  const { quarantined, parked, openCases, needsReauthorization, certificates } = attention;
  const waiting = quarantined + parked;
  if (waiting + openCases + certificates === 0 && !needsReauthorization) return null;
  return (
    <Banner tone="warning" title="Needs your attention">
      <ul className="plain-list">
        {needsReauthorization ? (
          <li>Shopify no longer accepts our access. Reload this page to connect again; orders are not lost.</li>
        ) : null}
        {certificates > 0 ? (
          <li>
            <Link url="/app/certificates">A certificate for Apple Wallet</Link> ends soon or was revoked. Renew it, so
            that cards go on changing.
          </li>
        ) : null}
        {openCases > 0 ? (
          <li>
            <Link url="/app/privacy">
              {openCases === 1 ? 'One privacy request is open' : `${formatCount(openCases)} privacy requests are open`}
            </Link>
            .
          </li>
        ) : null}
        {waiting > 0 ? (
          <li>
            <Link url="/app/privacy">
              {waiting === 1 ? 'One message from Shopify' : `${formatCount(waiting)} messages from Shopify`}
            </Link>{' '}
            could not be read and can be tried again.
          </li>
        ) : null}
      </ul>
    </Banner>
  );
}

/** Drawn, because fonts differ in what they make of a tick. */
function StepMark({ done }: { done: boolean }) {
  return (
    <svg className="step-mark" viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="10" cy="10" r="8.5" fill={done ? '#0f7a64' : 'none'} stroke={done ? '#0f7a64' : '#8a8a8a'} />
      {done ? <path d="M6 10.4l2.7 2.6L14 7.6" fill="none" stroke="#ffffff" strokeWidth="2" /> : null}
    </svg>
  );
}

function NextSteps({ counts, joinUrl, hasDesign }: Pick<Props, 'counts' | 'joinUrl' | 'hasDesign'>) {
  const steps = [
    { done: true, text: 'Program is live' },
    { done: hasDesign, text: 'Card designed', url: '/app/card' },
    { done: counts.members > 0, text: 'First member joined', ...(joinUrl === null ? {} : { url: joinUrl }) },
    { done: counts.activePasses > 0, text: 'First card in a wallet' },
    { done: counts.stampsLast30Days + counts.pointsLast30Days > 0, text: 'First order counted' },
    { done: counts.redemptionsLast30Days > 0, text: 'First reward enjoyed' },
  ];
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingSm">
          Next steps
        </Text>
        <ul className="plain-list checklist">
          {steps.map(({ done, text, url }) => (
            <li key={text}>
              <StepMark done={done} />
              <span>
                {url === undefined || done ? (
                  text
                ) : (
                  <Link url={url} target={url.startsWith('/') ? '_self' : '_blank'}>
                    {text}
                  </Link>
                )}
                <span className="Polaris-Text--visuallyHidden">{done ? ' (done)' : ' (to do)'}</span>
              </span>
            </li>
          ))}
        </ul>
        {joinUrl === null ? null : (
          <InlineStack>
            <Button url={joinUrl} external>
              Open the join page
            </Button>
          </InlineStack>
        )}
      </BlockStack>
    </Card>
  );
}
