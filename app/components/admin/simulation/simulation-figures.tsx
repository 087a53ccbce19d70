import { BlockStack, Card, Link, Text } from '@shopify/polaris';

import { formatChange, formatCount, formatMember, formatStep, formatWorth } from '#app/components/admin/format.ts';
import { LineChart } from '#app/components/admin/line-chart.tsx';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { ruleTitle } from '#app/domain/programs/rule-title.ts';
import type { SimulatedUnit, SimulationResult } from '#app/domain/programs/simulation-figures.ts';

type Props = { result: SimulationResult; document: ProgramDocument };

/** What the draft would have cost, who gains and who loses, and how it runs over time. */
export function SimulationFigures({ result, document }: Props) {
  if (result.orders === 0)
    return (
      <Card>
        <Text as="p">
          There are no orders of members yet. Once some have bought, their orders can be replayed here.
        </Text>
      </Card>
    );
  return (
    <>
      <Text as="p">{summaryOf(result)}</Text>
      {result.units.map((unit) => (
        <UnitCard key={unit.unit} unit={unit} result={result} />
      ))}
      <RuleCard result={result} document={document} />
    </>
  );
}

function summaryOf({ orders, members, fromDay, toDay, ordersWithoutFacts }: SimulationResult): string {
  const days = [...new Set([fromDay, toDay])].flatMap((day) => (day === null ? [] : [formatStep(day)]));
  const span = days.length === 0 ? '' : `, ${days.join(' to ')}`;
  const missing =
    ordersWithoutFacts === 0
      ? ''
      : ` ${formatCount(ordersWithoutFacts)} of them count as nothing, because Shopify has to be asked about their products first.`;
  const who = members === 1 ? 'one member' : `${formatCount(members)} members`;
  return `${orders === 1 ? 'One order' : `${formatCount(orders)} orders`} of ${who}${span}.${missing}`;
}

const dayMs = 86_400_000;

/** Days without a sale are days, too: a chart that left them out would draw time unevenly. Months are few and stay. */
function everyStep(series: SimulationResult['series'], step: SimulationResult['step']): string[] {
  const known = series.map(({ day }) => day);
  const [first, last] = [known[0], known.at(-1)];
  if (step === 'month' || first === undefined || last === undefined) return known;
  const from = Date.parse(`${first}T00:00:00Z`);
  const count = Math.round((Date.parse(`${last}T00:00:00Z`) - from) / dayMs) + 1;
  return Array.from({ length: count }, (_, index) => new Date(from + index * dayMs).toISOString().slice(0, 10));
}

type UnitProps = { unit: SimulatedUnit; result: SimulationResult };

function UnitCard({ unit, result }: UnitProps) {
  const { currency, series, step } = result;
  const figuresOf = new Map(series.map(({ day, units }) => [day, units.find((one) => one.unit === unit.unit)]));
  const days = everyStep(series, step).map((day) => ({ day, figures: figuresOf.get(day) }));
  const figures = [
    { name: 'They gave', value: formatCount(unit.before), note: worthOf(unit.beforeValueMinor, currency) },
    { name: 'The draft gives', value: formatCount(unit.after), note: worthOf(unit.afterValueMinor, currency) },
    { name: 'Difference', value: differenceOf(unit.after - unit.before), note: shareOf(unit.before, unit.after) },
    {
      name: 'Members would hold',
      value: formatCount(unit.outstandingAfter),
      note: [worthOf(unit.outstandingAfterValueMinor, currency), `now ${formatCount(unit.outstanding)}`]
        .filter((part) => part !== '')
        .join(', '),
    },
    { name: 'Would have more', value: formatCount(unit.winners), note: 'members' },
    {
      name: 'Would have less',
      value: formatCount(unit.losers),
      note: `members; ${formatCount(unit.unchanged)} the same`,
    },
  ];
  return (
    <Card>
      <section aria-label={unit.label}>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">
            {unit.label}
          </Text>
          <dl className="figure-list">
            {figures.map(({ name, value, note }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="figure-value">{value}</dd>
                <dd>{note}</dd>
              </div>
            ))}
          </dl>
          <LineChart
            title={`${unit.label} given, before and after`}
            stepName={step === 'day' ? 'Day' : 'Month'}
            steps={days.map(({ day }) => formatStep(day))}
            series={[
              { name: 'as it was', style: 'quiet', values: days.map(({ figures: day }) => day?.before ?? 0) },
              { name: 'by the draft', style: 'main', values: days.map(({ figures: day }) => day?.after ?? 0) },
            ]}
          />
          <Affected unit={unit} />
        </BlockStack>
      </section>
    </Card>
  );
}

function worthOf(minor: number | null, currency: string): string {
  return minor === null ? '' : formatWorth(minor, currency);
}

function differenceOf(difference: number): string {
  return difference === 0 ? '0' : formatChange(difference);
}

/** `+12 %`, in whole percent towards zero. */
function shareOf(before: number, after: number): string {
  if (before === after) return 'the same';
  if (before === 0) return 'there was nothing before';
  const percent = Math.trunc(((after - before) * 100) / before);
  return `${formatChange(percent)} %`;
}

function Affected({ unit: { mostAffected, label } }: { unit: SimulatedUnit }) {
  const shown = mostAffected.filter(({ before, after }) => before !== after);
  if (shown.length === 0) return null;
  return (
    <BlockStack gap="200">
      <Text as="h3" variant="headingSm">
        Members with the largest difference
      </Text>
      <PlainTable
        title={`Members with the largest difference in ${label}`}
        head={['Member', 'As it was', 'By the draft', 'Difference']}
        rows={shown.map(({ memberId, before, after }) => [
          <Link key={memberId} url={`/app/members/${memberId}`}>
            {formatMember(memberId)}
          </Link>,
          formatCount(before),
          formatCount(after),
          formatChange(after - before),
        ])}
      />
    </BlockStack>
  );
}

function RuleCard({ result, document }: Props) {
  if (result.rules.length === 0) return null;
  const labels = new Map(result.units.map(({ unit, label }) => [unit, label]));
  const nameOf = (ruleId: string, name: string | null) => {
    const rule = document.earnRules.find((candidate) => candidate.id === ruleId);
    return rule === undefined ? (name ?? ruleId) : ruleTitle(rule, document);
  };
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What each rule of the draft gives
        </Text>
        <PlainTable
          title="What each rule of the draft gives"
          head={['Rule', 'Gives', 'Orders']}
          rows={result.rules.map(({ ruleId, name, unit, amount, orders }) => [
            nameOf(ruleId, name),
            `${formatCount(amount)} ${labels.get(unit) ?? unit}`,
            formatCount(orders),
          ])}
        />
      </BlockStack>
    </Card>
  );
}
