import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, Card, Checkbox, InlineStack, Select, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { formatCode } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { DetectorRow } from '#app/components/admin/security/shapes.ts';
import { severityTones } from '#app/components/admin/security/words.ts';
import type { DetectorChoice, DetectorId, PlaybookAction } from '#app/domain/security/detectors.ts';

const actionWords: Record<PlaybookAction, string> = {
  escalate: 'Alert people',
  throttle: 'Slow down who asks, and alert',
  revoke: 'Revoke the key or shut out who asks, and alert',
  pause: 'Pause rewards, or stop the person, and alert',
  challenge: 'Hold the member’s rewards for a look, and alert',
};

type Choices = Record<DetectorId, DetectorChoice>;
type Result = ActionResult & { secret?: string | null };
type Props = {
  detectors: DetectorRow[];
  alerts: { url: string | null; email: string | null };
  canChange: boolean;
};

/** What is watched, how strictly, what is done about it, and who is told. Saved together. */
export function DetectorsCard({ detectors, alerts, canChange }: Props) {
  const saving = useFetcher<Result>();
  const [choices, setChoices] = useState(
    () => Object.fromEntries(detectors.map(({ id, choice }) => [id, choice])) as Choices,
  );
  const [told, setTold] = useState({ url: alerts.url ?? '', email: alerts.email ?? '' });
  const save = () =>
    saving.submit(
      { intent: 'settings', detectors: JSON.stringify(choices), alertUrl: told.url, alertEmail: told.email },
      { method: 'post' },
    );
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What is watched
        </Text>
        <ul className="rows">
          {detectors.map((detector) => (
            <Detector
              key={detector.id}
              detector={detector}
              choice={choices[detector.id]}
              isDisabled={!canChange}
              onChange={(choice) => setChoices((before) => ({ ...before, [detector.id]: choice }))}
            />
          ))}
        </ul>
        <AlertFields alerts={told} onChange={setTold} problems={saving.data?.problems ?? {}} isDisabled={!canChange} />
        <ResultBanner result={saving.data} />
        {saving.data?.secret == null ? null : <Secret label="Secret that signs alerts" secret={saving.data.secret} />}
        {canChange ? (
          <InlineStack>
            <Button variant="primary" loading={saving.state !== 'idle'} onClick={save}>
              Save
            </Button>
          </InlineStack>
        ) : (
          <Text as="p" tone="subdued">
            An owner of the shop can change this.
          </Text>
        )}
      </BlockStack>
    </Card>
  );
}

type AlertProps = {
  alerts: { url: string; email: string };
  onChange: (alerts: AlertProps['alerts']) => void;
  problems: Record<string, string>;
  isDisabled: boolean;
};

function AlertFields({ alerts, onChange, problems, isDisabled }: AlertProps) {
  return (
    <>
      <Text as="h2" variant="headingMd">
        Who is told
      </Text>
      <TextField
        label="Address that alerts are sent to (webhook)"
        type="url"
        placeholder="https://"
        helpText="Signed as Standard Webhooks says. Alerts name ids and figures, never people."
        value={alerts.url}
        onChange={(url) => onChange({ ...alerts, url })}
        maxLength={500}
        disabled={isDisabled}
        autoComplete="off"
        error={problems['alertUrl'] ?? false}
      />
      <TextField
        label="E-mail address for alerts"
        type="email"
        value={alerts.email}
        onChange={(email) => onChange({ ...alerts, email })}
        maxLength={320}
        disabled={isDisabled}
        autoComplete="email"
        error={problems['alertEmail'] ?? false}
      />
    </>
  );
}

/** Something that is told once. */
export function Secret({ label, secret }: { label: string; secret: string }) {
  return (
    <BlockStack gap="100">
      <Text as="p">{`${label}. Copy it now: it is not shown again.`}</Text>
      <code className="shown-secret">{secret}</code>
    </BlockStack>
  );
}

type DetectorProps = {
  detector: DetectorRow;
  choice: DetectorChoice;
  isDisabled: boolean;
  onChange: (choice: DetectorChoice) => void;
};

function Detector({ detector, choice, isDisabled, onChange }: DetectorProps) {
  const { id, title, counts, severity, actions, threshold } = detector;
  const isFixed = threshold.min === threshold.max;
  return (
    <li>
      <div className="row-line">
        <Checkbox
          label={title}
          helpText={counts.replaceAll('#', String(choice.threshold || '…'))}
          checked={choice.isOn}
          disabled={isDisabled}
          onChange={(isOn) => onChange({ ...choice, isOn })}
        />
        <Badge tone={severityTones[severity]}>{formatCode(severity)}</Badge>
      </div>
      <div className={isFixed ? 'detector-fields detector-fixed' : 'detector-fields'}>
        {isFixed ? null : (
          <TextField
            label="From"
            type="number"
            min={threshold.min}
            max={threshold.max}
            value={String(choice.threshold || '')}
            disabled={isDisabled || !choice.isOn}
            onChange={(text) => onChange({ ...choice, threshold: Number.parseInt(text, 10) || 0 })}
            autoComplete="off"
            id={`${id}-threshold`}
          />
        )}
        <Select
          label="What is done"
          options={actions.map((action) => ({ value: action, label: actionWords[action] }))}
          value={choice.action}
          disabled={isDisabled || !choice.isOn}
          onChange={(value) =>
            onChange({ ...choice, action: actions.find((action) => action === value) ?? choice.action })
          }
          id={`${id}-action`}
        />
        <Select
          label="Mode"
          options={[
            { value: 'act', label: 'Do it' },
            { value: 'dry-run', label: 'Only say so (dry run)' },
          ]}
          value={choice.mode}
          disabled={isDisabled || !choice.isOn}
          onChange={(value) => onChange({ ...choice, mode: value === 'act' ? 'act' : 'dry-run' })}
          id={`${id}-mode`}
        />
      </div>
    </li>
  );
}
