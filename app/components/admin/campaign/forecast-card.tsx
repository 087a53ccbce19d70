import { BlockStack, Card, Text } from '@shopify/polaris';

import { type ForecastFigures, skipWords } from '#app/components/admin/campaign/campaign-shapes.ts';
import { formatCount, formatMoment } from '#app/components/admin/format.ts';
import { skipReasons } from '#app/domain/campaigns/decide-recipient.ts';

type Props = { forecast: ForecastFigures; timeZone: string };

/** How many get it, later or not, before anything is sent. */
export function ForecastCard({ forecast, timeZone }: Props) {
  const { now, later, never, firstDueAt, lookedAt, isWhole } = forecast;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Forecast
        </Text>
        <div role="status">
          <Text as="p">
            <strong>{formatCount(now)}</strong> get it at the start
            {later > 0 && firstDueAt !== null
              ? `, ${formatCount(later)} after their quiet hours, from ${formatMoment(firstDueAt, timeZone)}.`
              : '.'}
          </Text>
        </div>
        <SkippedList skipped={never} />
        {isWhole ? null : (
          <Text as="p" tone="subdued">
            {`Counted for the first ${formatCount(lookedAt)} members only. The campaign itself goes to all of them.`}
          </Text>
        )}
        <Text as="p" tone="subdued">
          Sending costs nothing. Who agrees or takes it back until then is counted when it is sent.
        </Text>
      </BlockStack>
    </Card>
  );
}

/** Who does not get it, and why; nothing when everybody does. */
export function SkippedList({ skipped }: { skipped: ForecastFigures['never'] }) {
  const found = skipReasons.filter((reason) => skipped[reason] > 0);
  if (found.length === 0) return null;
  return (
    <BlockStack gap="100">
      <Text as="p">It does not go to</Text>
      <ul className="plain-list">
        {found.map((reason) => (
          <li key={reason}>{`${formatCount(skipped[reason])} ${skipWords[reason]}`}</li>
        ))}
      </ul>
    </BlockStack>
  );
}
