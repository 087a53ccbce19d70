import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, FormLayout, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { ChoiceField } from '#app/components/admin/fields.tsx';
import { formatCount } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { roleChoices, roleLabel } from '#app/components/admin/staff/staff-shapes.ts';
import type { SettingsRow } from '#app/components/admin/staff/staff-shapes.ts';
import { StepUpField } from '#app/components/admin/step-up-field.tsx';

const tillChoices = [
  { value: 'open', label: 'Everybody who uses Shopify POS' },
  { value: 'listed', label: 'Only people on the list above' },
] as const;

const isDefaultRole = (value: string): value is SettingsRow['defaultRole'] =>
  ['manager', 'marketer', 'support', 'viewer'].includes(value);

/** How others come in, and which rewards need a manager. */
export function AccessSettingsCard({ settings, mayWrite }: { settings: SettingsRow; mayWrite: boolean }) {
  const fetcher = useFetcher<ActionResult>();
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          How others come in
        </Text>
        <ResultBanner result={fetcher.data} />
        {mayWrite ? <SettingsForm settings={settings} fetcher={fetcher} /> : <SettingsWords settings={settings} />}
      </BlockStack>
    </Card>
  );
}

function SettingsWords({ settings }: { settings: SettingsRow }) {
  const above = (cost: number | null) =>
    cost === null ? 'no reward' : `rewards that cost more than ${formatCount(cost)}`;
  return (
    <ul className="plain-list">
      <li>Somebody new in the admin is a {roleLabel(settings.defaultRole).toLowerCase()}.</li>
      <li>
        {settings.isTillOpen ? 'Everybody who uses Shopify POS may serve.' : 'Only people on the list may serve.'}
      </li>
      <li>A manager approves {above(settings.tillCostMax)} at a till.</li>
      <li>A manager approves {above(settings.apiCostMax)} through the API.</li>
    </ul>
  );
}

type FormProps = { settings: SettingsRow; fetcher: ReturnType<typeof useFetcher<ActionResult>> };

function SettingsForm({ settings, fetcher }: FormProps) {
  const [role, setRole] = useState(settings.defaultRole);
  const [till, setTill] = useState<'open' | 'listed'>(settings.isTillOpen ? 'open' : 'listed');
  const [tillCost, setTillCost] = useState(textOf(settings.tillCostMax));
  const [apiCost, setApiCost] = useState(textOf(settings.apiCostMax));
  const [pin, setPin] = useState('');
  const problems = fetcher.data?.problems ?? {};
  const send = () => {
    const fields = { defaultRole: role, till, tillCostMax: tillCost, apiCostMax: apiCost, pin };
    fetcher.submit({ intent: 'settings', ...fields }, { method: 'post' });
    setPin('');
  };
  return (
    <FormLayout>
      <FormLayout.Group>
        <ChoiceField
          label="Somebody new in the admin is a"
          options={roleChoices.filter(({ value }) => isDefaultRole(value))}
          value={role}
          onChange={(next) => (isDefaultRole(next) ? setRole(next) : undefined)}
        />
        <ChoiceField label="Who serves at tills" options={tillChoices} value={till} onChange={setTill} />
      </FormLayout.Group>
      <FormLayout.Group>
        <CostField
          label="At a till, a manager approves rewards above"
          value={tillCost}
          onChange={setTillCost}
          error={problems['tillCostMax']}
        />
        <CostField
          label="Through the API, a manager approves rewards above"
          value={apiCost}
          onChange={setApiCost}
          error={problems['apiCostMax']}
        />
      </FormLayout.Group>
      <StepUpField value={pin} onChange={setPin} />
      <Button onClick={send} loading={fetcher.state !== 'idle'}>
        Save
      </Button>
    </FormLayout>
  );
}

const textOf = (cost: number | null) => (cost === null ? '' : String(cost));

type CostProps = { label: string; value: string; onChange: (digits: string) => void; error: string | undefined };

function CostField({ label, value, onChange, error }: CostProps) {
  return (
    <TextField
      label={label}
      inputMode="numeric"
      autoComplete="off"
      placeholder="No limit"
      suffix="points or stamps"
      maxLength={10}
      value={value}
      onChange={(typed) => onChange(typed.replaceAll(/\D/g, ''))}
      {...(error === undefined ? {} : { error })}
    />
  );
}
