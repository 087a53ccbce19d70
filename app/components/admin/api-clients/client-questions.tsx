import type { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Modal, Select, Text } from '@shopify/polaris';
import { useState } from 'react';

import type { ClientResult, ClientRow } from '#app/components/admin/api-clients/api-client-shapes.ts';
import { WordsField } from '#app/components/admin/fields.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import { StepUpField } from '#app/components/admin/step-up-field.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';

type Props = { client: ClientRow; fetcher: ReturnType<typeof useFetcher<ClientResult>> };

const overlaps = [
  { value: '24', label: 'For a day' },
  { value: '1', label: 'For an hour' },
  { value: '168', label: 'For a week' },
  { value: '0', label: 'Not at all: it may have leaked' },
];

/** Exchanges a secret, with a while in which the old one works as well. */
export function RotateQuestion({ client, fetcher }: Props) {
  const asking = useQuestion(fetcher.data, ({ tone }) => tone === 'success');
  const [overlapHours, setOverlapHours] = useState('24');
  const [pin, setPin] = useState('');
  const [before, setBefore] = useState(fetcher.data);
  const open = () => {
    setBefore(fetcher.data);
    asking.open();
  };
  const send = () =>
    fetcher.submit({ intent: 'rotate', clientId: client.clientId, overlapHours, pin }, { method: 'post' });
  return (
    <>
      <Button onClick={open} accessibilityLabel={`New secret: ${client.name}`}>
        New secret
      </Button>
      <Modal
        open={asking.isOpen}
        onClose={asking.close}
        title={`New secret for ${client.name}`}
        primaryAction={{ content: 'Make a new secret', onAction: send, loading: fetcher.state !== 'idle' }}
        secondaryActions={[{ content: 'Cancel', onAction: asking.close }]}
      >
        <Modal.Section>
          <BlockStack gap="400">
            <ResultBanner result={fetcher.data === before ? null : fetcher.data} />
            <Select
              label="The old secret goes on working"
              options={overlaps}
              value={overlapHours}
              onChange={setOverlapHours}
            />
            <StepUpField value={pin} onChange={setPin} />
          </BlockStack>
        </Modal.Section>
      </Modal>
    </>
  );
}

/** Shuts a client out for good. */
export function RevokeQuestion({ client, fetcher }: Props) {
  const asking = useQuestion(fetcher.data, () => true);
  const [reason, setReason] = useState('');
  const send = () => fetcher.submit({ intent: 'revoke', clientId: client.clientId, reason }, { method: 'post' });
  return (
    <>
      <Button tone="critical" onClick={asking.open} accessibilityLabel={`Revoke: ${client.name}`}>
        Revoke
      </Button>
      <Modal
        open={asking.isOpen}
        onClose={asking.close}
        title={`Revoke ${client.name}?`}
        primaryAction={{ content: 'Revoke', onAction: send, loading: fetcher.state !== 'idle', destructive: true }}
        secondaryActions={[{ content: 'Cancel', onAction: asking.close }]}
      >
        <Modal.Section>
          <BlockStack gap="400">
            <Text as="p">
              It is refused from its next call on, and cannot be brought back. Tills, the storefront and other clients
              are not touched.
            </Text>
            <WordsField
              label="Why"
              value={reason}
              onChange={setReason}
              lengthMax={200}
              helpText="It stands in the audit."
            />
          </BlockStack>
        </Modal.Section>
      </Modal>
    </>
  );
}
