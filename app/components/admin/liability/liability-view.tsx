import { Link, Page, BlockStack, Card, EmptyState, Text } from '@shopify/polaris';
import { useNavigate } from '@remix-run/react';

import { DownloadButton } from '#app/components/admin/download-button.tsx';
import { ChoiceField } from '#app/components/admin/fields.tsx';
import { formatMoment, formatWorth } from '#app/components/admin/format.ts';
import { LiabilityUnitCard } from '#app/components/admin/liability/liability-unit.tsx';
import type { LiabilityUnit } from '#app/components/admin/liability/liability-unit.tsx';

type Props = { units: LiabilityUnit[]; currency: string; timeZone: string; at: Date; months: number };

const spans = [
  { value: '6', label: '6 months' },
  { value: '12', label: '12 months' },
  { value: '24', label: '24 months' },
  { value: '36', label: '36 months' },
] as const;

/** What members could still spend, what will end, and what was given, taken back and lost. */
export function LiabilityView({ units, currency, timeZone, at, months }: Props) {
  const navigate = useNavigate();
  const hasSeveral = new Set(units.map(({ programId }) => programId)).size > 1;
  if (units.every(isUntouched))
    return (
      <Page title="Liability">
        <Card>
          <EmptyState
            heading="Nothing is owed yet"
            image=""
            action={{ content: 'Open the program', url: '/app/program' }}
          >
            <p>Once the program is live and members have earned something, you see here what they could still spend.</p>
          </EmptyState>
        </Card>
      </Page>
    );
  return (
    <Page title="Liability" subtitle={`What members could still spend, as of ${formatMoment(at, timeZone)}`}>
      <BlockStack gap="400">
        <div className="liability-bar">
          <div className="sentence-unit">
            <ChoiceField
              label="Time shown"
              isLabelHidden
              options={spans}
              value={spans.find(({ value }) => value === String(months))?.value ?? '12'}
              onChange={(value) => navigate(`?${withMonths(value)}`, { preventScrollReset: true })}
            />
          </div>
          <Downloads months={months} />
        </div>
        <Total units={units} currency={currency} />
        {units.map((unit) => (
          <LiabilityUnitCard
            key={`${unit.programId}/${unit.unit}`}
            unit={unit}
            currency={currency}
            months={months}
            isProgramNamed={hasSeveral}
          />
        ))}
        <div className="home-note">
          <Text as="p" tone="subdued">
            Money is reckoned by the reward that gives most for each point or stamp, so that what you owe is never
            understated. <Link url="/app/program?part=rewards">See the rewards</Link>
          </Text>
        </div>
      </BlockStack>
    </Page>
  );
}

/** What all of it comes to in money; nothing where no reward turns anything into money. */
function Total({ units, currency }: Pick<Props, 'units' | 'currency'>) {
  const priced = units.filter(({ price }) => price !== null);
  if (priced.length === 0) return null;
  const sum = (of: 'outstanding' | 'expiring30') =>
    priced.reduce((total, unit) => total + (unit[of].valueMinor ?? 0), 0);
  return (
    <Card>
      <Text as="h2" variant="bodyMd" tone="subdued">
        What you owe your members
      </Text>
      <div className="figure-value figure-hero">{formatWorth(sum('outstanding'), currency)}</div>
      <Text as="p" tone="subdued">
        {`If everybody spent everything today. ${formatWorth(sum('expiring30'), currency)} of it ends within 30 days if nobody does.`}
      </Text>
    </Card>
  );
}

/** Nothing was ever earned in it: figures and a line of zeros would say less than a sentence. */
function isUntouched({ outstanding, owed, months }: LiabilityUnit): boolean {
  const hasMoved = months.some(({ month: _month, ...figures }) =>
    Object.values(figures).some((figure) => figure !== 0),
  );
  return outstanding.amount === 0 && owed.amount === 0 && !hasMoved;
}

function withMonths(months: string): string {
  const parameters = new URLSearchParams(location.search);
  parameters.set('months', months);
  return parameters.toString();
}

function Downloads({ months }: { months: number }) {
  return (
    <div className="buttons">
      <DownloadButton
        label="Download months (CSV)"
        path="/app/liability.csv"
        fileName="liability-months.csv"
        fields={{ kind: 'months', months: String(months) }}
        about="A line for each unit and month. It names no members."
      />
      <DownloadButton
        label="Download members (CSV)"
        path="/app/liability.csv"
        fileName="liability-members.csv"
        fields={{ kind: 'members', months: String(months) }}
        about="A line for each member and unit, by member number. It holds no names and no addresses."
      />
    </div>
  );
}
