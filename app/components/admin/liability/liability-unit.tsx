import { BlockStack, Card, Text } from '@shopify/polaris';

import { formatCount, formatStep, formatWorth } from '#app/components/admin/format.ts';
import { LineChart } from '#app/components/admin/line-chart.tsx';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

type Figure = { amount: number; valueMinor: number | null };

type LiabilityMonth = {
  month: string;
  earned: number;
  takenBack: number;
  spent: number;
  givenBack: number;
  expired: number;
  writtenOff: number;
  outstanding: number;
};

export type LiabilityUnit = {
  programId: string;
  programName: string;
  unit: string;
  label: string;
  kind: 'point' | 'stamp';
  price: { rewardName: string; amountMinor: number; cost: number } | null;
  outstanding: Figure;
  pending: Figure;
  expiring30: Figure;
  expiring60: Figure;
  expiring90: Figure;
  owed: Figure;
  expired: Figure;
  writtenOff: Figure;
  givenBack: Figure;
  months: LiabilityMonth[];
};

type Props = { unit: LiabilityUnit; currency: string; months: number; isProgramNamed: boolean };

/** One unit's figures, how they ran, and every month in numbers. */
export function LiabilityUnitCard({ unit, currency, months, isProgramNamed }: Props) {
  const title = isProgramNamed ? `${unit.label}, ${unit.programName}` : unit.label;
  const steps = unit.months.map(({ month }) => formatStep(month));
  return (
    <Card>
      <section aria-label={title}>
        <BlockStack gap="400">
          <BlockStack gap="100">
            <Text as="h2" variant="headingMd">
              {title}
            </Text>
            <Text as="p" tone="subdued">
              {priceOf(unit, currency)}
            </Text>
          </BlockStack>
          <Figures unit={unit} currency={currency} months={months} />
          <LineChart
            title={`${title} that members could spend`}
            steps={steps}
            series={[{ name: 'outstanding', style: 'main', values: unit.months.map((month) => month.outstanding) }]}
          />
          <PlainTable
            title={`${title}, month by month`}
            head={['Month', 'Earned', 'Taken back', 'Spent', 'Given back', 'Expired', 'Written off', 'Outstanding']}
            rows={sinceFirst(unit.months)
              .toReversed()
              .map((month) => [
                formatStep(month.month),
                ...[
                  month.earned,
                  month.takenBack,
                  month.spent,
                  month.givenBack,
                  month.expired,
                  month.writtenOff,
                  month.outstanding,
                ].map(formatCount),
              ])}
          />
        </BlockStack>
      </section>
    </Card>
  );
}

/** Months before anything happened say nothing. */
function sinceFirst(months: LiabilityMonth[]): LiabilityMonth[] {
  const first = months.findIndex(({ month: _month, ...figures }) =>
    Object.values(figures).some((figure) => figure !== 0),
  );
  return first === -1 ? months.slice(-1) : months.slice(first);
}

function priceOf({ price, label, kind }: LiabilityUnit, currency: string): string {
  if (price === null) return 'No reward turns it into money, so it is counted but not priced.';
  const worth = formatWorth(price.amountMinor, currency);
  return `${countedUnit(price.cost, { kind, label })} are worth ${worth}, by the reward “${price.rewardName}”.`;
}

function Figures({ unit, currency, months }: Omit<Props, 'isProgramNamed'>) {
  const inMonths = `in ${months} months`;
  const figures: { name: string; figure: Figure; note?: string }[] = [
    { name: 'Outstanding', figure: unit.outstanding },
    { name: 'Of it pending', figure: unit.pending, note: 'cannot be spent yet' },
    { name: 'Ends in 30 days', figure: unit.expiring30 },
    { name: 'Ends in 60 days', figure: unit.expiring60 },
    { name: 'Ends in 90 days', figure: unit.expiring90 },
    { name: 'Owed by members', figure: unit.owed, note: 'the next orders repay it' },
    { name: 'Expired unused', figure: unit.expired, note: inMonths },
    { name: 'Written off', figure: unit.writtenOff, note: inMonths },
    { name: 'Given back', figure: unit.givenBack, note: inMonths },
  ];
  return (
    <dl className="figure-list">
      {figures.map(({ name, figure, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="figure-value">{formatCount(figure.amount)}</dd>
          <dd>{noteOf(figure, { note, currency })}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What it is worth, where there is anything, and what it means. */
function noteOf(
  { amount, valueMinor }: Figure,
  { note, currency }: { note: string | undefined; currency: string },
): string {
  const worth = valueMinor === null || amount === 0 ? [] : [formatWorth(valueMinor, currency)];
  return [...worth, ...(note === undefined ? [] : [note])].join(', ');
}
