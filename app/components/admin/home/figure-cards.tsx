import { Card, Text } from '@shopify/polaris';

import { formatCount } from '#app/components/admin/format.ts';

export type Day = { day: string; enrolled: number; entries: number; stamps: number; points: number; rewards: number };

type Figure = { name: string; value: number; note: string };

/** Figures side by side, each with what to compare it to. */
function Figures({ title, figures }: { title: string; figures: Figure[] }) {
  return (
    <section aria-label={title}>
      <h2 className="figures-title">{title}</h2>
      <div className="figures">
        {figures.map(({ name, value, note }) => (
          <Card key={name}>
            <Text as="h3" variant="bodySm" tone="subdued">
              {name}
            </Text>
            <div className="figure-value">{formatCount(value)}</div>
            <div className="figure-note">{note}</div>
          </Card>
        ))}
      </div>
    </section>
  );
}

/** What happened since midnight on the shop's clock, beside yesterday as a whole. */
export function Today({ days }: { days: Day[] }) {
  const today = days.at(-1);
  const yesterday = days.at(-2);
  if (today === undefined) return null;
  const figure = (name: string, key: Exclude<keyof Day, 'day'>): Figure => ({
    name,
    value: today[key],
    note: `${formatCount(yesterday?.[key] ?? 0)} yesterday`,
  });
  const figures = [
    figure('New members', 'enrolled'),
    figure('Stamps given', 'stamps'),
    figure('Points given', 'points'),
    figure('Rewards enjoyed', 'rewards'),
  ];
  return <Figures title="Today" figures={figures} />;
}

type Totals = { members: number; activePasses: number; redemptionsLast30Days: number; enrolledLast30Days: number };

/** Where the program stands. */
export function Standing({ counts }: { counts: Totals }) {
  const perMember = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
  const figures = [
    {
      name: 'Members',
      value: counts.members,
      note: `${formatCount(counts.enrolledLast30Days)} of them new in 30 days`,
    },
    {
      name: 'Cards in wallets',
      value: counts.activePasses,
      note: counts.members === 0 ? 'none yet' : `${perMember.format(counts.activePasses / counts.members)} per member`,
    },
    { name: 'Rewards enjoyed', value: counts.redemptionsLast30Days, note: 'in 30 days' },
  ];
  return <Figures title="So far" figures={figures} />;
}
