import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, Card, FormLayout, InlineStack, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { formatMoment } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { PersonRow } from '#app/components/admin/staff/staff-shapes.ts';

/** The PIN of the person at the screen: it shows that it is them, for exports, role changes, and approvals at a till. */
export function OwnPinCard({ person, timeZone }: { person: PersonRow; timeZone: string }) {
  const fetcher = useFetcher<ActionResult>();
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            Your PIN
          </Text>
          <Badge tone={person.hasPin ? 'success' : 'attention'}>{person.hasPin ? 'Set' : 'Not set'}</Badge>
        </InlineStack>
        <Text as="p">
          Exports, new keys and changes of roles ask for it. Managers and owners type it at a till, after their number{' '}
          <strong>{person.number}</strong>, to approve a costly reward.
        </Text>
        <ResultBanner result={fetcher.data} />
        <PinForm fetcher={fetcher} mustKnow={person.hasPin && !person.isPinForgotten} />
        {person.hasPin && !person.isPinForgotten ? (
          <ForgottenPin fetcher={fetcher} resetAt={person.pinResetAt} timeZone={timeZone} />
        ) : null}
      </BlockStack>
    </Card>
  );
}

type Fetcher = ReturnType<typeof useFetcher<ActionResult>>;

/** An owner can take a PIN away at once; whoever has nobody to ask waits a day, so that a thief at the screen is seen. */
function ForgottenPin({ fetcher, resetAt, timeZone }: { fetcher: Fetcher; resetAt: Date | null; timeZone: string }) {
  const send = (off: 'yes' | 'no') => fetcher.submit({ intent: 'reset-pin', off }, { method: 'post' });
  if (resetAt === null)
    return (
      <InlineStack>
        <Button variant="plain" onClick={() => send('no')}>
          I forgot my PIN
        </Button>
      </InlineStack>
    );
  return (
    <InlineStack gap="200" blockAlign="center">
      <Text as="p">You can choose a new PIN from {formatMoment(resetAt, timeZone)} on, without the current one.</Text>
      <Button onClick={() => send('yes')}>Call it off</Button>
    </InlineStack>
  );
}

const nothingTyped = { current: '', next: '', repeated: '' };

function PinForm({ fetcher, mustKnow }: { fetcher: Fetcher; mustKnow: boolean }) {
  const [typed, setTyped] = useState(nothingTyped);
  const [isTried, setTried] = useState(false);
  const [answered, setAnswered] = useState<ActionResult | undefined>(undefined);
  const { data, state } = fetcher;
  const isSame = typed.next === typed.repeated;
  // What was typed goes with an answer that it was good.
  if (data !== answered) {
    setAnswered(data);
    if (data?.tone === 'success') {
      setTyped(nothingTyped);
      setTried(false);
    }
  }
  const type = (part: Partial<typeof nothingTyped>) => setTyped((before) => ({ ...before, ...part }));
  const send = () => {
    setTried(true);
    const { current, next } = typed;
    if (isSame) fetcher.submit({ intent: 'set-pin', current, next }, { method: 'post' });
  };
  return (
    <FormLayout>
      <FormLayout.Group>
        {mustKnow ? (
          <PinInput
            label="Current PIN"
            autoComplete="current-password"
            value={typed.current}
            onChange={(current) => type({ current })}
          />
        ) : null}
        <PinInput
          label="New PIN, 6 to 10 digits"
          autoComplete="new-password"
          value={typed.next}
          onChange={(next) => type({ next })}
        />
        <PinInput
          label="New PIN again"
          autoComplete="new-password"
          value={typed.repeated}
          onChange={(repeated) => type({ repeated })}
          error={isTried && !isSame ? 'The two are not the same.' : undefined}
        />
      </FormLayout.Group>
      <Button onClick={send} loading={state !== 'idle'}>
        {mustKnow ? 'Change PIN' : 'Set PIN'}
      </Button>
    </FormLayout>
  );
}

type InputProps = {
  label: string;
  autoComplete: 'current-password' | 'new-password';
  value: string;
  onChange: (digits: string) => void;
  error?: string | undefined;
};

function PinInput({ label, autoComplete, value, onChange, error }: InputProps) {
  return (
    <TextField
      label={label}
      type="password"
      inputMode="numeric"
      autoComplete={autoComplete}
      maxLength={10}
      value={value}
      onChange={(typed) => onChange(typed.replaceAll(/\D/g, ''))}
      {...(error === undefined ? {} : { error })}
    />
  );
}
