import { useFetcher } from '@remix-run/react';
import {
  Badge,
  BlockStack,
  Button,
  Card,
  EmptyState,
  InlineStack,
  Link,
  Page,
  Select,
  Text,
  TextField,
} from '@shopify/polaris';
import { useState } from 'react';

import { formatCode, formatMoment } from '#app/components/admin/format.ts';
import { useMay } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { IncidentRow } from '#app/components/admin/security/shapes.ts';
import { severityTones, subjectWords } from '#app/components/admin/security/words.ts';

const textMax = 2_000;
const severityOptions = [
  { value: 'critical', label: 'Critical: answered within 15 minutes' },
  { value: 'high', label: 'High: answered within an hour' },
  { value: 'medium', label: 'Medium: answered within 4 hours' },
  { value: 'low', label: 'Low: answered within a day' },
];

type Props = { incidents: IncidentRow[]; timeZone: string; canWrite: boolean };

/** Everything that was noticed, what nobody closed first. */
export function IncidentsView({ incidents, timeZone, canWrite }: Props) {
  const maySeeSettings = useMay('security:read');
  return (
    <Page
      title="Incidents"
      subtitle="What was noticed, who looks after it, and how it ended"
      secondaryActions={maySeeSettings ? [{ content: 'Security settings', url: '/app/security' }] : []}
    >
      <BlockStack gap="400">
        <Card>
          {incidents.length === 0 ? (
            <EmptyState heading="Nothing was noticed" image="">
              <p>What the detectors notice is listed here, with a clock. You can also write down something yourself.</p>
            </EmptyState>
          ) : (
            <BlockStack gap="300">
              <Text as="h2" variant="headingMd">
                All incidents
              </Text>
              <ul className="rows">
                {incidents.map((incident) => (
                  <Row key={incident.incidentId} incident={incident} timeZone={timeZone} />
                ))}
              </ul>
            </BlockStack>
          )}
        </Card>
        {canWrite ? <OpenForm /> : null}
      </BlockStack>
    </Page>
  );
}

function Row({ incident, timeZone }: { incident: IncidentRow; timeZone: string }) {
  const { incidentId, title, subject, severity, openedAt, timesSeen, isDryRun } = incident;
  return (
    <li>
      <div className="row-line">
        <span>
          <Link url={`/app/incidents/${incidentId}`}>{title}</Link>, {subjectWords(subject)}
        </span>
        <InlineStack gap="200">
          <Badge tone={severityTones[severity]}>{formatCode(severity)}</Badge>
          <StateBadge incident={incident} />
        </InlineStack>
      </div>
      <Text as="p" tone="subdued">
        {formatMoment(openedAt, timeZone)}
        {timesSeen > 1 ? `, seen ${timesSeen} times` : ''}
        {isDryRun ? ', dry run: nothing was stopped' : ''}
        {incident.state === 'open' ? `. To be taken on by ${formatMoment(incident.answerBy, timeZone)}` : ''}
      </Text>
    </li>
  );
}

/** Where an incident stands. */
export function StateBadge({ incident }: { incident: Pick<IncidentRow, 'state' | 'isOverdue' | 'breachAt'> }) {
  if (incident.state === 'closed') return <Badge tone="success">Closed</Badge>;
  if (incident.isOverdue) return <Badge tone="critical">Overdue</Badge>;
  if (incident.breachAt !== null) return <Badge tone="critical">Data breach</Badge>;
  return incident.state === 'open' ? <Badge tone="attention">Nobody yet</Badge> : <Badge tone="info">Taken on</Badge>;
}

function OpenForm() {
  const opening = useFetcher<ActionResult>();
  const [severity, setSeverity] = useState('high');
  const [description, setDescription] = useState('');
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Write down an incident
        </Text>
        <ResultBanner result={opening.data} />
        <TextField
          label="What happened"
          helpText="Only people who may see incidents can read this. Leave out names where you can."
          multiline={3}
          value={description}
          onChange={setDescription}
          maxLength={textMax}
          autoComplete="off"
        />
        <Select label="How bad it is" options={severityOptions} value={severity} onChange={setSeverity} />
        <InlineStack>
          <Button
            loading={opening.state !== 'idle'}
            onClick={() => opening.submit({ severity, description }, { method: 'post' })}
          >
            Open an incident
          </Button>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
