import { BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris';

import { formatChange, formatCode, formatMoment } from '#app/components/admin/format.ts';
import type { EntryRow, MemberDetail } from '#app/components/admin/member-shapes.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import { countedUnit } from '#app/domain/programs/program-sentences.ts';

type Props = { detail: MemberDetail; timeZone: string; isFirstPage: boolean };

const kindNames: Record<EntryRow['kind'], string> = {
  accrual: 'Earned',
  redemption: 'Reward used',
  reversal: 'Taken back',
  expiration: 'Expired',
  adjustment: 'Adjusted',
};

const sourceNames: Record<string, string> = {
  order: 'order',
  pos: 'at the till',
  staff: 'by staff',
  api: 'through the API',
  schedule: 'by the calendar',
  reward: 'reward',
};

/** Every change of the balance, newest first, each with its reason. */
export function LedgerCard({ detail, timeZone, isFirstPage }: Props) {
  const { entries, entriesNextCursor, member } = detail;
  const units = new Map(detail.balances.map(({ unit, kind, label }) => [unit, { kind, label }]));
  const here = `/app/members/${member.memberId}`;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Activity
        </Text>
        {entries.length === 0 ? (
          <Text as="p" tone="subdued">
            Nothing yet. The first paid order, stamp or adjustment appears here.
          </Text>
        ) : (
          <ul className="rows">
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} unit={units.get(entry.unit)} timeZone={timeZone} />
            ))}
          </ul>
        )}
        <InlineStack align="center" gap="300">
          {isFirstPage ? null : <Button url={here}>Newest</Button>}
          {entriesNextCursor === null ? null : (
            <Button url={`${here}?cursor=${encodeURIComponent(entriesNextCursor)}`}>Older</Button>
          )}
        </InlineStack>
      </BlockStack>
    </Card>
  );
}

type UnitName = Pick<Unit, 'kind' | 'label'> | undefined;

function Entry({ entry, unit, timeZone }: { entry: EntryRow; unit: UnitName; timeZone: string }) {
  const cause = entry.orderNumber === null ? (sourceNames[entry.source] ?? entry.source) : `order ${entry.orderNumber}`;
  return (
    <li>
      <div className="row-line">
        <span>
          {kindNames[entry.kind]}, {cause}
        </span>
        <span className="amount">
          {entry.amount < 0 ? '−' : '+'}
          {countedUnit(Math.abs(entry.amount), unit)}
        </span>
      </div>
      <Text as="p" tone="subdued">
        {formatMoment(entry.occurredAt, timeZone)}
        {entry.reason === null ? '' : ` · ${entry.reason}`}
      </Text>
      <Why entry={entry} label={unit?.label ?? entry.unit} />
    </li>
  );
}

function Why({ entry, label }: { entry: EntryRow; label: string }) {
  if (entry.explanation.length === 0)
    return entry.actor === null ? null : (
      <Text as="p" tone="subdued">
        By {formatCode(entry.actor)}
      </Text>
    );
  return (
    <details className="why">
      <summary>Why this many?</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Counts</th>
            <th scope="col">{label}</th>
          </tr>
        </thead>
        <tbody>
          {entry.explanation.map((part, index) => (
            // Two lines of one order may read the same, and the list never changes.
            <tr key={`${part.lineId ?? 'order'}-${index}`}>
              <th scope="row">{part.label}</th>
              <td>{part.eligible ?? '—'}</td>
              <td>{formatChange(part.amount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
