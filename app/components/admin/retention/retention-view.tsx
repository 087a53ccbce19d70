import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, Page, Text } from '@shopify/polaris';

import { DownloadButton } from '#app/components/admin/download-button.tsx';
import { formatCount, formatMoment } from '#app/components/admin/format.ts';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { classInWords } from '#app/components/admin/retention/class-words.ts';
import { InactiveMembers } from '#app/components/admin/retention/inactive-members.tsx';
import { periodInWords } from '#app/components/admin/retention/period-words.ts';
import { PeriodQuestion } from '#app/components/admin/retention/period-question.tsx';

export type RetentionRow = {
  class: string;
  hours: number;
  bounds: { least: number; most: number } | null;
  isChosen: boolean;
  lastRun: Date | null;
};

type Preview = { class: string; held: number; due: number }[];
export type RetentionAnswer = { preview: Preview } | { result: ActionResult };

type Props = {
  classes: RetentionRow[];
  monthly: { class: string; months: number; lastRun: Date | null }[];
  inactiveMembers: { hours: number | null; leastMonths: number; mostMonths: number };
  canChange: boolean;
  canExport: boolean;
  timeZone: string;
};

/** How long every kind of data is kept, what the shop chose itself, and what the next clearing would remove. */
export function RetentionView(props: Props) {
  return (
    <Page title="Retention" subtitle="How long each kind of data is kept, and what happens then">
      <BlockStack gap="400">
        <Periods {...props} />
        <InactiveMembers {...props.inactiveMembers} canChange={props.canChange} />
        <DryRun {...props} />
      </BlockStack>
    </Page>
  );
}

function Periods({ classes, monthly, canChange, timeZone }: Props) {
  const last = (at: Date | null) => (at === null ? 'Not yet' : formatMoment(at, timeZone));
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Periods
        </Text>
        <Text as="p" tone="subdued">
          Every hour, what is older is removed for good. The balance and its entries stay: they name nobody. Our logs
          hold no personal data and leave this system at once. The audit log and the calls of integrators go a whole
          month at a time, twelve months after that month is over.
        </Text>
        <PlainTable
          title="How long data is kept"
          head={['Data', 'Kept for', 'Last cleared', 'Your choice']}
          rows={[
            ...classes.map((row) => [
              classInWords(row.class),
              periodInWords(row.hours),
              last(row.lastRun),
              row.bounds === null || !canChange ? choiceWords(row) : <PeriodQuestion key={row.class} row={row} />,
            ]),
            ...monthly.map((row) => [classInWords(row.class), `${row.months} months`, last(row.lastRun), 'Fixed']),
          ]}
        />
      </BlockStack>
    </Card>
  );
}

function choiceWords({ bounds, isChosen }: RetentionRow): string {
  if (bounds === null) return 'Fixed';
  return isChosen ? 'Chosen' : 'Usual';
}

function DryRun({ canChange, canExport }: Props) {
  const trying = useFetcher<RetentionAnswer>();
  const preview = trying.data !== undefined && 'preview' in trying.data ? trying.data.preview : null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What the next clearing would do
        </Text>
        <Text as="p" tone="subdued">
          Counting changes nothing. The report says what was really removed, signed by us, so that your auditor can
          check it.
        </Text>
        <ResultBanner result={trying.data !== undefined && 'result' in trying.data ? trying.data.result : null} />
        <div className="buttons">
          {canChange ? (
            <Button
              loading={trying.state !== 'idle'}
              onClick={() => trying.submit({ intent: 'preview' }, { method: 'post' })}
            >
              Count now
            </Button>
          ) : null}
          {canExport ? (
            <DownloadButton
              label="Download the signed report"
              path="/app/retention/file"
              fileName="retention-report.json"
              fields={{ days: '366' }}
              about="What was removed in the last twelve months, run by run. It holds figures only and names nobody."
            />
          ) : null}
        </div>
        {preview === null ? null : <Counted preview={preview.filter(({ held }) => held > 0)} />}
      </BlockStack>
    </Card>
  );
}

function Counted({ preview }: { preview: Preview }) {
  return preview.length === 0 ? (
    <Text as="p">There is nothing of all this: nothing would go.</Text>
  ) : (
    <PlainTable
      title="What the next clearing would do"
      head={['Data', 'Rows now', 'Would go']}
      rows={preview.map((row) => [classInWords(row.class), formatCount(row.held), formatCount(row.due)])}
    />
  );
}
