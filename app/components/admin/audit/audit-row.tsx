import { Link, Text } from '@shopify/polaris';

import { actionInWords, subjectInWords } from '#app/components/admin/audit/action-words.ts';
import { formatActor, formatMember, formatMoment } from '#app/components/admin/format.ts';

export type AuditLine = {
  sequence: number;
  actor: string;
  action: string;
  object: string;
  reason: string | null;
  occurredAt: Date;
  recordedAt: Date;
  beforeHash: string | null;
  afterHash: string | null;
  previousHash: string;
  hash: string;
};

/** One record: what happened in a line, and what proves it folded away. */
export function AuditRow({ line, timeZone }: { line: AuditLine; timeZone: string }) {
  return (
    <li>
      <div className="row-line">
        <Text as="h3" variant="headingSm">
          {actionInWords(line.action)}
        </Text>
        <Text as="span" tone="subdued">
          {formatMoment(line.occurredAt, timeZone)}
        </Text>
      </div>
      <Text as="p">
        {formatActor(line.actor)}, <Subject name={line.object} />
        {line.reason === null ? '' : `: ${line.reason}`}
      </Text>
      <details className="why">
        <summary>{`Record ${line.sequence}`}</summary>
        <dl className="audit-proof">
          {proofOf(line, timeZone).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}

function Subject({ name }: { name: string }) {
  const memberId = /^member:(.+)$/.exec(name)?.[1];
  return memberId === undefined ? (
    subjectInWords(name)
  ) : (
    <Link url={`/app/members/${memberId}`}>{formatMember(memberId)}</Link>
  );
}

function proofOf(line: AuditLine, timeZone: string): [string, string][] {
  return [
    ['Who', line.actor],
    ['What', line.action],
    ['On', line.object],
    ['Written down', formatMoment(line.recordedAt, timeZone)],
    ['Fingerprint before', line.beforeHash ?? '—'],
    ['Fingerprint after', line.afterHash ?? '—'],
    ['Record before this one', line.previousHash],
    ['This record', line.hash],
  ];
}
