import { BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris';

import { formatActor, formatChange, formatCount, formatMoment } from '#app/components/admin/format.ts';
import type { EntryRow, MemberDetail } from '#app/components/admin/member/member-shapes.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

type Props = { detail: MemberDetail; timeZone: string; isFirstPage: boolean };

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
              <Entry key={entry.entryId} entry={entry} unit={units.get(entry.unit)} timeZone={timeZone} />
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

/** Reasons that we write ourselves are in the title already. */
const ownReasons = new Set(['written-off', 'expired-before']);

function Entry({ entry, unit, timeZone }: { entry: EntryRow; unit: UnitName; timeZone: string }) {
  const isByHand = !entry.actor.startsWith('system');
  const notes = [
    formatMoment(entry.occurredAt, timeZone),
    ...(entry.reason === null || ownReasons.has(entry.reason) ? [] : [entry.reason]),
    ...(isByHand ? [`by ${formatActor(entry.actor)}`] : []),
  ];
  return (
    <li>
      <div className="row-line">
        <span>{entry.title}</span>
        <span className={entry.amount < 0 ? 'amount amount-less' : 'amount'}>
          {entry.amount < 0 ? '−' : '+'}
          {countedUnit(Math.abs(entry.amount), unit)}
        </span>
      </div>
      <Text as="p" tone="subdued">
        {notes.join(' · ')}
      </Text>
      <Why entry={entry} label={unit?.label ?? entry.unit} />
    </li>
  );
}

/** Which rule gave what for which line; and for a refund, what the order gives now and gave before. */
function Why({ entry, label }: { entry: EntryRow; label: string }) {
  const { parts, balance } = entry;
  if (parts.length === 0 && (balance === null || balance.before === 0)) return null;
  return (
    <details className="why">
      <summary>Why this many?</summary>
      <div className="why-table" tabIndex={0} role="region" aria-label={`Why: ${entry.title}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">For</th>
              <th scope="col">Counts</th>
              <th scope="col">{label}</th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part, index) => (
              // Two lines of one order may read the same, and the list never changes.
              <tr key={`${part.line}-${index}`}>
                <th scope="row">
                  {part.label}
                  {part.notes.length === 0 ? null : <span className="reason-notes"> {part.notes.join(', ')}</span>}
                </th>
                <td>{part.line}</td>
                <td>{part.eligible ?? '—'}</td>
                <td>{formatCount(part.amount)}</td>
              </tr>
            ))}
          </tbody>
          {balance === null ? null : <Totals balance={balance} amount={entry.amount} />}
        </table>
      </div>
    </details>
  );
}

function Totals({ balance, amount }: { balance: { before: number; target: number }; amount: number }) {
  const rows: [string, string][] =
    balance.before === 0
      ? [['In all', formatCount(balance.target)]]
      : [
          ['The order gives now', formatCount(balance.target)],
          ['It had given before', formatCount(balance.before)],
          ['So this was booked', formatChange(amount)],
        ];
  return (
    <tfoot>
      {rows.map(([name, value]) => (
        <tr key={name}>
          <th scope="row" colSpan={3}>
            {name}
          </th>
          <td>{value}</td>
        </tr>
      ))}
    </tfoot>
  );
}
