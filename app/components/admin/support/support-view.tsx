import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, Card, ChoiceList, Page, Select, Text } from '@shopify/polaris';
import { useState } from 'react';

import { IntentButton } from '#app/components/admin/certificates/intent-button.tsx';
import { WordsField } from '#app/components/admin/fields.tsx';
import { formatActor, formatMoment } from '#app/components/admin/format.ts';
import { type ActionResult, ResultBanner } from '#app/components/admin/result-banner.tsx';
import { supportLimits } from '#app/domain/access/support-access.ts';

type AccessRow = {
  accessId: string;
  kind: 'break-glass' | 'grant';
  operator: string | null;
  scopes: string[];
  reason: string;
  openedAt: string;
  expiresAt: string;
  endedAt: string | null;
  endedBy: string | null;
  isOpen: boolean;
};
type Props = { rows: AccessRow[]; timeZone: string; mayWrite: boolean };

/** Who of Stampwell may look into this shop, and who did. */
export function SupportView({ rows, timeZone, mayWrite }: Props) {
  return (
    <Page
      title="Support access"
      subtitle="When Stampwell’s people may look into your shop. Names stay masked for them."
    >
      <BlockStack gap="400">
        {mayWrite ? <GrantCard /> : null}
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              Access so far
            </Text>
            {rows.length === 0 ? (
              <Text as="p" tone="subdued">
                Nobody of Stampwell has looked into your shop.
              </Text>
            ) : (
              <ul className="rows">
                {rows.map((row) => (
                  <AccessLine key={row.accessId} row={row} timeZone={timeZone} mayWrite={mayWrite} />
                ))}
              </ul>
            )}
            <Text as="p" tone="subdued">
              Everything they look at stands in the audit, with this reason.
            </Text>
          </BlockStack>
        </Card>
      </BlockStack>
    </Page>
  );
}

function endOf({ isOpen, endedAt, endedBy, expiresAt }: AccessRow, timeZone: string): string {
  if (isOpen) return `open until ${formatMoment(expiresAt, timeZone)}`;
  if (endedAt === null) return `over since ${formatMoment(expiresAt, timeZone)}`;
  return `ended ${formatMoment(endedAt, timeZone)} by ${formatActor(endedBy ?? 'system')}`;
}

function AccessLine({ row, timeZone, mayWrite }: { row: AccessRow; timeZone: string; mayWrite: boolean }) {
  const who = row.operator === null ? 'Whoever of support takes it up' : `Operator ${row.operator}`;
  return (
    <li>
      <BlockStack gap="200">
        <div className="row-line">
          <Text as="h3" variant="headingSm">
            {row.reason}
          </Text>
          <Badge tone={row.isOpen ? 'attention' : 'info'}>
            {row.kind === 'grant' ? 'You let them in' : 'Emergency'}
          </Badge>
        </div>
        <Text as="p" tone="subdued">
          {who}, {row.scopes.join(' and ')}, from {formatMoment(row.openedAt, timeZone)}, {endOf(row, timeZone)}
        </Text>
        {row.isOpen && mayWrite ? (
          <IntentButton
            fields={{ intent: 'end', accessId: row.accessId }}
            name="End now"
            of={row.reason}
            tone="critical"
          />
        ) : null}
      </BlockStack>
    </li>
  );
}

const durations = [
  { value: '15', label: '15 minutes' },
  { value: '60', label: 'An hour' },
  { value: '1440', label: 'A day' },
  { value: String(supportLimits.grantMinutesMax), label: 'A week' },
];
const parts = [
  { value: 'overview', label: 'Figures and settings of the shop' },
  { value: 'members', label: 'Members, with masked names' },
];

/** Lets support in: for a reason, for a while, to a part. */
function GrantCard() {
  const fetcher = useFetcher<ActionResult>();
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState('60');
  const [scopes, setScopes] = useState<string[]>(['overview']);
  const problems = fetcher.data?.problems ?? {};
  const send = () =>
    fetcher.submit(
      { intent: 'grant', reason, minutes, scopes: scopes.join(' ') },
      { method: 'post', encType: 'multipart/form-data' },
    );
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Let support in
        </Text>
        <ResultBanner result={fetcher.data} />
        <WordsField
          label="Why"
          value={reason}
          onChange={setReason}
          lengthMax={supportLimits.reasonLengthMax}
          error={problems['reason']}
          helpText="What they should look at. Write no names of members here."
        />
        <ChoiceList
          allowMultiple
          title="What they see"
          choices={parts}
          selected={scopes}
          onChange={setScopes}
          error={problems['scopes'] ?? ''}
        />
        <div className="short-field">
          <Select label="For how long" options={durations} value={minutes} onChange={setMinutes} />
        </div>
        <div>
          <Button onClick={send} loading={fetcher.state !== 'idle'}>
            Let support in
          </Button>
        </div>
      </BlockStack>
    </Card>
  );
}
