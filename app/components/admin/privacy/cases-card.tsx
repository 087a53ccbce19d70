import { Badge, BlockStack, ButtonGroup, Card, Link, Text } from '@shopify/polaris';

import { DownloadButton } from '#app/components/admin/download-button.tsx';
import {
  formatActor,
  formatCode,
  formatCount,
  formatDay,
  formatMember,
  formatMoment,
} from '#app/components/admin/format.ts';
import { CertificateButton } from '#app/components/admin/privacy/certificate-button.tsx';
import { caseNames, originOf, statusOf } from '#app/components/admin/privacy/case-words.ts';
import type { CaseRow } from '#app/components/admin/privacy/case-words.ts';

type Props = { cases: CaseRow[]; timeZone: string };

/** Every request, those that are open and due first on top, each with what was done and its files. */
export function CasesCard({ cases, timeZone }: Props) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Requests
        </Text>
        <Text as="p" tone="subdued">
          Requests from Shopify and from members arrive here by themselves. To open one for somebody who asked you, go
          to <Link url="/app/members">their page under Members</Link> and choose Privacy.
        </Text>
        {cases.length === 0 ? (
          <Text as="p">Nobody has asked for anything yet.</Text>
        ) : (
          <ul className="rows">
            {cases.map((entry) => (
              <CaseLine key={entry.caseId} entry={entry} timeZone={timeZone} isMemberNamed />
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}

type LineProps = { entry: CaseRow; timeZone: string; isMemberNamed: boolean };

/** One request. On the member's own page nobody has to be told who it is about. */
export function CaseLine({ entry, timeZone, isMemberNamed }: LineProps) {
  const { label, tone } = statusOf(entry);
  const [memberId] = isMemberNamed ? entry.memberIds : [];
  return (
    <li>
      <BlockStack gap="150">
        <div className="row-line">
          <Text as="h3" variant="headingSm">
            {caseNames[entry.kind]}
          </Text>
          <Badge tone={tone}>{label}</Badge>
        </div>
        <Text as="p" tone="subdued">
          {describeTimes(entry, timeZone)}
          {memberId === undefined ? null : (
            <>
              {' '}
              <Link url={`/app/members/${memberId}`}>{formatMember(memberId)}</Link>
            </>
          )}
        </Text>
        <Receipts entry={entry} timeZone={timeZone} />
        <Files entry={entry} />
      </BlockStack>
    </li>
  );
}

function describeTimes(entry: CaseRow, timeZone: string): string {
  const { requestedAt, closedAt, dueAt, actor } = entry;
  const by = actor.startsWith('staff:') ? formatActor(actor) : originOf(entry);
  const end =
    closedAt === null ? `to be done by ${formatDay(dueAt, timeZone)}` : `done ${formatMoment(closedAt, timeZone)}`;
  return `Asked ${formatDay(requestedAt, timeZone)} by ${by}, ${end}.`;
}

function Receipts({ entry, timeZone }: { entry: CaseRow; timeZone: string }) {
  const { receipts, state, kind } = entry;
  if (receipts.length === 0) return null;
  return (
    <details className="why">
      <summary>What was done</summary>
      <ul className="plain-list">
        {receipts.map((receipt) => (
          <li key={receipt.step}>
            {formatCode(receipt.step)}: {formatCount(receipt.count)}, {formatMoment(receipt.at, timeZone)}
          </li>
        ))}
      </ul>
      {state === 'open' && kind === 'erasure' ? (
        <p>
          Everything here is gone already. The request stays open until the member’s phones have fetched the void card,
          at most 14 days.
        </p>
      ) : null}
    </details>
  );
}

function Files({ entry }: { entry: CaseRow }) {
  const { caseId, hasAnswer, hasCertificate } = entry;
  if (!hasAnswer && !hasCertificate) return null;
  const about =
    'Everything held about this person, for them alone. Hand it over safely and delete your copy afterwards.';
  return (
    <ButtonGroup>
      {hasAnswer ? (
        <DownloadButton
          label="Download the data"
          path="/app/privacy/file"
          fileName={`data-${caseId}.json`}
          fields={{ caseId, kind: 'json' }}
          alsoNeeds="members:unmask"
          about={about}
        />
      ) : null}
      {hasAnswer ? (
        <DownloadButton
          label="As a table"
          path="/app/privacy/file"
          fileName={`data-${caseId}.csv`}
          fields={{ caseId, kind: 'csv' }}
          alsoNeeds="members:unmask"
          about={about}
        />
      ) : null}
      {hasCertificate ? <CertificateButton caseId={caseId} /> : null}
    </ButtonGroup>
  );
}
