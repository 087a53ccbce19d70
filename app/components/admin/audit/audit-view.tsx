import { Form, useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, EmptyState, InlineStack, Link, Page, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { AuditRow } from '#app/components/admin/audit/audit-row.tsx';
import type { AuditLine } from '#app/components/admin/audit/audit-row.tsx';
import { DownloadButton } from '#app/components/admin/download-button.tsx';
import { formatCount, formatStep } from '#app/components/admin/format.ts';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

type Filter = { actor: string; action: string; object: string; from: string; until: string };

type Props = {
  lines: AuditLine[];
  next: number | null;
  isFirstPage: boolean;
  recordsTotal: number;
  months: { month: string; records: number; isRemoved: boolean }[];
  filter: Filter;
  canExport: boolean;
  timeZone: string;
  /** The embedded parameters, which a plain form would lose. */
  kept: [string, string][];
};

/** Every change in the shop: who did what to what, when and why, and whether the log itself was left alone. */
export function AuditView(props: Props) {
  const { lines, isFirstPage, filter, timeZone } = props;
  return (
    <Page title="Audit" subtitle="Every change: who made it, when and why">
      <BlockStack gap="400">
        <Proof {...props} />
        <Card>
          <BlockStack gap="400">
            <FilterForm {...props} />
            {lines.length === 0 ? (
              <Nothing isFiltered={!isFirstPage || Object.values(filter).some((value) => value !== '')} />
            ) : (
              <ul className="rows">
                {lines.map((line) => (
                  <AuditRow key={line.sequence} line={line} timeZone={timeZone} />
                ))}
              </ul>
            )}
          </BlockStack>
        </Card>
        <Pages {...props} />
      </BlockStack>
    </Page>
  );
}

function Proof({ recordsTotal, months, filter, canExport }: Props) {
  const checking = useFetcher<ActionResult>();
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Nothing is changed or taken away unseen
        </Text>
        <Text as="p" tone="subdued">
          {`Each of the ${formatCount(recordsTotal)} records carries a fingerprint of the one before it. A month that is over is signed, and kept for twelve months more. `}
          <Link url="/.well-known/evidence-keys.json" target="_blank">
            Our public keys
          </Link>
        </Text>
        <ResultBanner result={checking.data} />
        <div className="buttons">
          <Button loading={checking.state !== 'idle'} onClick={() => checking.submit({}, { method: 'post' })}>
            Check the whole log
          </Button>
          {canExport ? <Downloads filter={filter} /> : null}
        </div>
        {months.length === 0 ? null : (
          <details className="why">
            <summary>Signed months</summary>
            <PlainTable
              title="Signed months"
              head={['Month', 'Records', 'Kept']}
              rows={months.map(({ month, records, isRemoved }) => [
                formatStep(month),
                formatCount(records),
                isRemoved ? 'Its signed fingerprint' : 'All records',
              ])}
            />
          </details>
        )}
      </BlockStack>
    </Card>
  );
}

function Downloads({ filter }: Pick<Props, 'filter'>) {
  return (
    <>
      <DownloadButton
        label="Download as CSV"
        path="/app/audit/file"
        fileName="audit.csv"
        fields={{ ...filter, format: 'csv' }}
        about="The records that the filter below shows, for a spreadsheet. People and members are told apart by numbers."
      />
      <DownloadButton
        label="Download as JSON lines"
        path="/app/audit/file"
        fileName="audit.jsonl"
        fields={{ ...filter, format: 'jsonl' }}
        about="The same records, with our signature over the newest one. Keep it: it shows later whether anything was taken away."
      />
    </>
  );
}

function FilterForm({ filter, kept }: Pick<Props, 'filter' | 'kept'>) {
  const [typed, setTyped] = useState(filter);
  const field = (name: keyof Filter, label: string, rest: { placeholder?: string; type?: 'date' }) => (
    <div className="sentence-choice">
      <TextField
        label={label}
        name={name}
        autoComplete="off"
        maxLength={100}
        value={typed[name]}
        onChange={(value) => setTyped({ ...typed, [name]: value })}
        {...rest}
      />
    </div>
  );
  return (
    <Form method="get" role="search" aria-label="Find records">
      {kept.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <div className="audit-filter">
        {field('actor', 'Who', { placeholder: 'staff:123' })}
        {field('action', 'What', { placeholder: 'program.publish' })}
        {field('object', 'On', { placeholder: 'member:…' })}
        {field('from', 'From', { type: 'date' })}
        {field('until', 'Until', { type: 'date' })}
        <Button submit>Find</Button>
      </div>
    </Form>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState heading="Nothing fits" image="" action={{ content: 'Show all records', url: '/app/audit' }}>
      <p>Who and What find everything that begins with what you type; On wants the whole name.</p>
    </EmptyState>
  ) : (
    <EmptyState heading="Nothing was changed yet" image="">
      <p>The first change in this shop makes the first record.</p>
    </EmptyState>
  );
}

/** Keyset pages know only "next"; the way back is the browser's, and the start is one click away. */
function Pages({ next, isFirstPage, filter }: Props) {
  if (isFirstPage && next === null) return null;
  const address = (before: number | null) => {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
    if (before !== null) query.set('before', String(before));
    return `/app/audit?${query.toString()}`;
  };
  return (
    <InlineStack align="center" gap="300">
      {isFirstPage ? null : <Button url={address(null)}>First page</Button>}
      {isFirstPage ? null : <Button onClick={() => history.back()}>Previous</Button>}
      {next === null ? null : <Button url={address(next)}>Next</Button>}
    </InlineStack>
  );
}
