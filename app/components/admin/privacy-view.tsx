import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, Card, DataTable, InlineStack, Page, Text } from '@shopify/polaris';

import { formatCode, formatCount, formatDay, formatMoment } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

type CaseRow = {
  caseId: string;
  kind: string;
  origin: string;
  state: string;
  requestedAt: Date;
  dueAt: Date;
  closedAt: Date | null;
  receipts: { step: string; at: string; count: number }[];
};

type DeliveryRow = { deliveryId: string; topic: string; state: string; problem: string | null; receivedAt: Date };
type RetentionRow = { class: string; period: string; lastRun: Date | null };

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
        <Cases cases={cases} timeZone={timeZone} />
        <Deliveries deliveries={deliveries} timeZone={timeZone} />
        <Retention retention={retention} timeZone={timeZone} />
      </BlockStack>
    </Page>
  );
}

const caseNames: Record<string, string> = {
  access: 'A copy of their data',
  erasure: 'Erasure of a person',
  'shop-erasure': 'Erasure of the whole shop',
};

function Cases({ cases, timeZone }: Pick<PrivacyViewProps, 'cases' | 'timeZone'>) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Requests
        </Text>
        {cases.length === 0 ? (
          <Text as="p" tone="subdued">
            Nobody has asked for their data or its erasure. Requests from Shopify arrive here by themselves.
          </Text>
        ) : (
          <ul className="rows">
            {cases.map((entry) => (
              <Case key={entry.caseId} entry={entry} timeZone={timeZone} />
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}

function Case({ entry, timeZone }: { entry: CaseRow; timeZone: string }) {
  const isOpen = entry.state === 'open';
  const due =
    entry.closedAt === null
      ? `due ${formatDay(entry.dueAt, timeZone)}`
      : `closed ${formatDay(entry.closedAt, timeZone)}`;
  return (
    <li>
      <div className="row-line">
        <Text as="h3" variant="headingSm">
          {caseNames[entry.kind] ?? formatCode(entry.kind)}
        </Text>
        <Badge tone={isOpen ? 'attention' : 'success'}>{isOpen ? 'Open' : 'Closed'}</Badge>
      </div>
      <Text as="p" tone="subdued">
        Asked {formatDay(entry.requestedAt, timeZone)}, {due}, from {formatCode(entry.origin)}
      </Text>
      {entry.receipts.length === 0 ? null : (
        <details className="why">
          <summary>What was done</summary>
          <ul className="plain-list">
            {entry.receipts.map((receipt) => (
              <li key={receipt.step}>
                {formatCode(receipt.step)}: {formatCount(receipt.count)}, {formatMoment(receipt.at, timeZone)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
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
          <Button
            submit
            loading={retrying.state !== 'idle'}
            accessibilityLabel={`Try again: ${formatCode(delivery.topic)}`}
          >
            Try again
          </Button>
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
        <DataTable
          columnContentTypes={['text', 'text', 'text']}
          headings={['Data', 'Kept for', 'Last cleared']}
          rows={retention.map((row) => [
            formatCode(row.class),
            row.period,
            row.lastRun === null ? 'Not yet' : formatMoment(row.lastRun, timeZone),
          ])}
        />
      </BlockStack>
    </Card>
  );
}
