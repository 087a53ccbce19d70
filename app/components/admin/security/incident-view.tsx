import { useFetcher } from '@remix-run/react';
import { Banner, BlockStack, Button, Card, InlineStack, Page, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { DownloadButton } from '#app/components/admin/download-button.tsx';
import { BlastRadiusCard } from '#app/components/admin/security/blast-radius-card.tsx';
import { CloseCard } from '#app/components/admin/security/close-card.tsx';
import { ContainCard } from '#app/components/admin/security/contain-card.tsx';
import { StateBadge } from '#app/components/admin/security/incidents-view.tsx';
import { NoticesCard } from '#app/components/admin/security/notices-card.tsx';
import type { IncidentRow, NoticeRow, RadiusRow, TimelineRow } from '#app/components/admin/security/shapes.ts';
import { controlSentence, eventTitle, figuresText, subjectWords } from '#app/components/admin/security/words.ts';
import { formatActor, formatMoment } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

type Props = {
  incident: IncidentRow;
  timeline: TimelineRow[];
  breach: { authorityBy: Date; hoursLeft: number } | null;
  radius: RadiusRow | null;
  readers: { actor: string; reads: number }[];
  notices: NoticeRow[];
  timeZone: string;
  canWrite: boolean;
};

/** One incident: what is known, what is done about it, who was told, and how it ends. */
export function IncidentView(props: Props) {
  const { incident, timeline, breach, radius, readers, notices, timeZone } = props;
  const canAct = props.canWrite && incident.state !== 'closed';
  return (
    <Page
      title={incident.title}
      subtitle={subjectWords(incident.subject)}
      titleMetadata={<StateBadge incident={incident} />}
      backAction={{ content: 'Incidents', url: '/app/incidents' }}
    >
      <BlockStack gap="400">
        {breach === null ? null : <BreachBanner incident={incident} breach={breach} timeZone={timeZone} />}
        <FactsCard incident={incident} timeZone={timeZone} canAct={canAct} />
        {canAct ? <ContainCard incident={incident} /> : null}
        <TimelineCard timeline={timeline} timeZone={timeZone} canAct={canAct} />
        <BlastRadiusCard radius={radius} readers={readers} timeZone={timeZone} />
        {notices.length === 0 ? null : <NoticesCard notices={notices} incident={incident} canAct={canAct} />}
        {canAct ? <CloseCard detector={incident.detector} /> : null}
        <ReportCard incidentId={incident.incidentId} />
      </BlockStack>
    </Page>
  );
}

/** For the records of the shop: the law wants every leak written down, told or not. */
function ReportCard({ incidentId }: { incidentId: string }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          For your records
        </Text>
        <Text as="p" tone="subdued">
          What happened, when, what was done and who was told, signed: later on anybody can check that it was not
          rewritten.
        </Text>
        <InlineStack>
          <DownloadButton
            label="Download the signed report"
            path={`/app/incidents/${incidentId}/report`}
            fileName={`incident-${incidentId}.json`}
            about="The incident with its timeline. People and keys are named by their numbers."
          />
        </InlineStack>
      </BlockStack>
    </Card>
  );
}

function BreachBanner({
  incident,
  breach,
  timeZone,
}: Pick<Props, 'incident' | 'timeZone'> & { breach: NonNullable<Props['breach']> }) {
  const by = formatMoment(breach.authorityBy, timeZone);
  if (incident.authorityToldAt !== null)
    return (
      <Banner tone="success" title={`The authority was told on ${formatMoment(incident.authorityToldAt, timeZone)}`} />
    );
  const title =
    breach.hoursLeft < 0
      ? `The authority should have been told by ${by}`
      : `${breach.hoursLeft} hours left to tell the authority, until ${by}`;
  return (
    <Banner tone={breach.hoursLeft < 24 ? 'critical' : 'warning'} title={title}>
      <p>Drafts in five languages stand below. If people are at high risk, they must be told as well.</p>
    </Banner>
  );
}

function factsOf(incident: IncidentRow, timeZone: string): string[] {
  return [
    `Opened ${formatMoment(incident.openedAt, timeZone)}, severity ${incident.severity}`,
    ...(incident.timesSeen > 1
      ? [`Seen ${incident.timesSeen} times, last ${formatMoment(incident.seenAt, timeZone)}`]
      : []),
    ...(Object.keys(incident.findings).length > 0 ? [`Counted: ${figuresText(incident.findings)}`] : []),
    ...(incident.state === 'open' ? [`To be taken on by ${formatMoment(incident.answerBy, timeZone)}`] : []),
    ...(incident.escalations > 0 ? [`Alerted again ${incident.escalations} times, because nobody took it on`] : []),
    ...(incident.acknowledgedBy === null ? [] : [`Taken on by ${formatActor(incident.acknowledgedBy)}`]),
    ...(incident.isDryRun ? ['Dry run: the timeline says what would have been stopped'] : []),
    ...(incident.closedAt === null
      ? []
      : [
          `Closed ${formatMoment(incident.closedAt, timeZone)} with a ${incident.controlKind ?? ''}: ${incident.controlText ?? ''}`,
        ]),
  ];
}

function FactsCard({ incident, timeZone, canAct }: { incident: IncidentRow; timeZone: string; canAct: boolean }) {
  const answering = useFetcher<ActionResult>();
  const facts = factsOf(incident, timeZone);
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What is known
        </Text>
        {facts.map((fact) => (
          <Text as="p" key={fact}>
            {fact}
          </Text>
        ))}
        <ResultBanner result={answering.data} />
        {canAct ? (
          <InlineStack gap="300">
            {incident.state === 'open' ? (
              <Button
                variant="primary"
                loading={answering.state !== 'idle'}
                onClick={() => answering.submit({ intent: 'acknowledge' }, { method: 'post' })}
              >
                I take this on
              </Button>
            ) : null}
            {incident.breachAt === null ? (
              <Button onClick={() => answering.submit({ intent: 'breach' }, { method: 'post' })}>
                Data of people leaked: start the 72 hours
              </Button>
            ) : null}
          </InlineStack>
        ) : null}
      </BlockStack>
    </Card>
  );
}

function TimelineCard({ timeline, timeZone, canAct }: Pick<Props, 'timeline' | 'timeZone'> & { canAct: boolean }) {
  const noting = useFetcher<ActionResult>();
  const [text, setText] = useState('');
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Timeline
        </Text>
        <ol className="rows">
          {timeline.map((event) => (
            <li key={event.sequence}>
              <span>
                <strong>{eventTitle(event.kind)}</strong>, {formatMoment(event.at, timeZone)},{' '}
                {formatActor(event.actor)}
              </span>
              {detailsOf(event) === '' ? null : <Text as="p">{detailsOf(event)}</Text>}
              {event.note === null ? null : <Text as="p">{event.note}</Text>}
            </li>
          ))}
        </ol>
        <ResultBanner result={noting.data} />
        {canAct ? (
          <BlockStack gap="200">
            <TextField
              label="Add a note"
              multiline={2}
              value={text}
              onChange={setText}
              maxLength={2_000}
              autoComplete="off"
            />
            <InlineStack>
              <Button
                loading={noting.state !== 'idle'}
                onClick={() => noting.submit({ intent: 'note', text }, { method: 'post' })}
              >
                Add
              </Button>
            </InlineStack>
          </BlockStack>
        ) : null}
      </BlockStack>
    </Card>
  );
}

function detailsOf({ kind, details }: TimelineRow): string {
  if (!['contained', 'would-contain', 'lifted'].includes(kind)) return figuresText(details);
  const { kind: step, ...rest } = details;
  const { subject, clientId } = rest;
  const whom =
    typeof subject === 'string' ? subjectWords(subject) : typeof clientId === 'string' ? `Key ${clientId}` : '';
  return `${controlSentence(String(step))}${whom === '' ? '' : `: ${whom}`}`;
}
