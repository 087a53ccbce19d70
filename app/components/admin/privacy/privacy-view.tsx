import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Card, InlineStack, Link, Page, Text } from '@shopify/polaris';

import { formatCode, formatMoment } from '#app/components/admin/format.ts';
import { GuardedButton } from '#app/components/admin/may.tsx';
import { CasesCard } from '#app/components/admin/privacy/cases-card.tsx';
import type { CaseRow } from '#app/components/admin/privacy/case-words.ts';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { classInWords } from '#app/components/admin/retention/class-words.ts';
import { periodInWords } from '#app/components/admin/retention/period-words.ts';

type DeliveryRow = { deliveryId: string; topic: string; state: string; problem: string | null; receivedAt: Date };
type RetentionRow = { class: string; hours: number; lastRun: Date | null };

export type PrivacyViewProps = {
  cases: CaseRow[];
  deliveries: DeliveryRow[];
  retention: RetentionRow[];
  timeZone: string;
};

export function PrivacyView({ cases, deliveries, retention, timeZone }: PrivacyViewProps) {
  return (
    <Page title="Privacy" subtitle="What people asked for, what is kept, and for how long">
      <BlockStack gap="400">
        <CasesCard cases={cases} timeZone={timeZone} />
        <Deliveries deliveries={deliveries} timeZone={timeZone} />
        <Retention retention={retention} timeZone={timeZone} />
      </BlockStack>
    </Page>
  );
}

function Deliveries({ deliveries, timeZone }: Pick<PrivacyViewProps, 'deliveries' | 'timeZone'>) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Messages from Shopify that wait
        </Text>
        {deliveries.length === 0 ? (
          <Text as="p" tone="subdued">
            None. Every message was read and worked on.
          </Text>
        ) : (
          <ul className="rows">
            {deliveries.map((delivery) => (
              <Delivery key={delivery.deliveryId} delivery={delivery} timeZone={timeZone} />
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}

const deliveryHints: Record<string, string> = {
  quarantined: 'We cannot count what it says. It is kept sealed for at most 72 hours.',
  parked: 'It was set aside and changes nothing until it is tried again.',
};

function Delivery({ delivery, timeZone }: { delivery: DeliveryRow; timeZone: string }) {
  const retrying = useFetcher<ActionResult>();
  return (
    <li>
      <div className="row-line">
        <span>
          <strong>{formatCode(delivery.topic)}</strong>, {formatMoment(delivery.receivedAt, timeZone)}
        </span>
        <Badge tone="attention">{formatCode(delivery.state)}</Badge>
      </div>
      <Text as="p" tone="subdued">
        {deliveryHints[delivery.state] ?? ''} {delivery.problem ?? ''}
      </Text>
      <ResultBanner result={retrying.data} />
      <retrying.Form method="post">
        <input type="hidden" name="deliveryId" value={delivery.deliveryId} />
        <InlineStack>
          <GuardedButton
            needs="privacy:write"
            submit
            loading={retrying.state !== 'idle'}
            accessibilityLabel={`Try again: ${formatCode(delivery.topic)}`}
          >
            Try again
          </GuardedButton>
        </InlineStack>
      </retrying.Form>
    </li>
  );
}

function Retention({ retention, timeZone }: Pick<PrivacyViewProps, 'retention' | 'timeZone'>) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          How long data is kept
        </Text>
        <PlainTable
          title="How long data is kept"
          head={['Data', 'Kept for', 'Last cleared']}
          rows={retention.map((row) => [
            classInWords(row.class),
            periodInWords(row.hours),
            row.lastRun === null ? 'Not yet' : formatMoment(row.lastRun, timeZone),
          ])}
          isText
        />
        <Link url="/app/retention">Change a period, and see what would be removed</Link>
      </BlockStack>
    </Card>
  );
}
