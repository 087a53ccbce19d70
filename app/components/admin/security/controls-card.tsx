import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, Card, InlineStack, Link, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { formatActor, formatMoment } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { ControlRow } from '#app/components/admin/security/shapes.ts';
import { controlSentence, subjectWords } from '#app/components/admin/security/words.ts';

const reasonMax = 500;

type Props = { controls: ControlRow[]; timeZone: string; canChange: boolean };

/** What is stopped now, and the switch that stops all rewards. */
export function ControlsCard({ controls, timeZone, canChange }: Props) {
  const isPaused = controls.some(({ kind }) => kind === 'pause-redemptions');
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Stopped now
        </Text>
        {controls.length === 0 ? (
          <Text as="p" tone="subdued">
            Nothing. Stamps are given and rewards handed over everywhere.
          </Text>
        ) : (
          <ul className="rows">
            {controls.map((control) => (
              <Control key={control.controlId} control={control} timeZone={timeZone} canChange={canChange} />
            ))}
          </ul>
        )}
        {isPaused || !canChange ? null : <PauseForm />}
      </BlockStack>
    </Card>
  );
}

function Control({ control, timeZone, canChange }: { control: ControlRow; timeZone: string; canChange: boolean }) {
  const lifting = useFetcher<ActionResult>();
  const { controlId, kind, subject, reason, setBy, setAt, until, incidentId } = control;
  const end = until === null ? 'until somebody lifts it' : `until ${formatMoment(until, timeZone)}`;
  return (
    <li>
      <div className="row-line">
        <span>
          <strong>{controlSentence(kind)}</strong>: {subjectWords(subject)}
        </span>
        <Badge tone="warning">Stopped</Badge>
      </div>
      <Text as="p" tone="subdued">
        {`${formatActor(setBy)}, ${formatMoment(setAt, timeZone)}, ${end}. ${reason} `}
        {incidentId === null ? null : <Link url={`/app/incidents/${incidentId}`}>Incident</Link>}
      </Text>
      <ResultBanner result={lifting.data} />
      {canChange ? (
        <InlineStack>
          <Button
            loading={lifting.state !== 'idle'}
            accessibilityLabel={`Let go on: ${controlSentence(kind)}, ${subjectWords(subject)}`}
            onClick={() => lifting.submit({ intent: 'lift', controlId }, { method: 'post' })}
          >
            Let go on
          </Button>
        </InlineStack>
      ) : null}
    </li>
  );
}

function PauseForm() {
  const pausing = useFetcher<ActionResult>();
  const [reason, setReason] = useState('');
  return (
    <BlockStack gap="200">
      <ResultBanner result={pausing.data} />
      <TextField
        label="Why rewards are to be paused"
        helpText="Stamps and points go on. At the till and on card pages people read that rewards are paused for the moment."
        value={reason}
        onChange={setReason}
        maxLength={reasonMax}
        autoComplete="off"
      />
      <InlineStack>
        <Button
          tone="critical"
          loading={pausing.state !== 'idle'}
          onClick={() => pausing.submit({ intent: 'pause', reason }, { method: 'post' })}
        >
          Pause all rewards
        </Button>
      </InlineStack>
    </BlockStack>
  );
}
