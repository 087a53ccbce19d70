import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, InlineStack, Select, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { IncidentRow } from '#app/components/admin/security/shapes.ts';

const steps = [
  { value: 'revoke-key', label: 'Revoke a key at once', needs: 'Key (swc_…)', prefix: 'api:' },
  { value: 'throttle-client', label: 'Slow a key down', needs: 'Key (swc_…)', prefix: 'api:' },
  {
    value: 'pause-staff',
    label: 'Stop a person at the till',
    needs: 'Shopify user id of the person',
    prefix: 'staff:',
  },
  { value: 'pause-location', label: 'Pause a till', needs: 'Location id of the till', prefix: 'location:' },
  { value: 'challenge-member', label: 'Look at a member before rewards', needs: 'Member id', prefix: 'member:' },
  { value: 'pause-redemptions', label: 'Pause all rewards', needs: null, prefix: '' },
  { value: 'drop-sessions', label: 'Drop our access to Shopify until somebody opens the app', needs: null, prefix: '' },
] as const;

/** What can be stopped by a button. Everything else goes on. */
export function ContainCard({ incident }: { incident: IncidentRow }) {
  const stopping = useFetcher<ActionResult>();
  const suggested = steps.find(({ prefix }) => prefix !== '' && incident.subject.startsWith(prefix)) ?? steps[5];
  const [chosen, setChosen] = useState<string>(suggested.value);
  const [target, setTarget] = useState(incident.subject.slice(suggested.prefix.length).replace(/^shop$/, ''));
  const [reason, setReason] = useState('');
  const step = steps.find(({ value }) => value === chosen) ?? suggested;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Stop it
        </Text>
        <ResultBanner result={stopping.data} />
        <Select
          label="What to stop"
          options={steps.map(({ value, label }) => ({ value, label }))}
          value={chosen}
          onChange={setChosen}
        />
        {step.needs === null ? null : (
          <TextField label={step.needs} value={target} onChange={setTarget} maxLength={64} autoComplete="off" />
        )}
        <TextField label="Why" value={reason} onChange={setReason} maxLength={500} autoComplete="off" />
        <InlineStack>
          <Button
            tone="critical"
            loading={stopping.state !== 'idle'}
            onClick={() => stopping.submit({ intent: 'contain', step: step.value, target, reason }, { method: 'post' })}
          >
            Stop it now
          </Button>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
