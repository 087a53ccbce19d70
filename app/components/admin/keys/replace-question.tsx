import type { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Modal, Text } from '@shopify/polaris';
import { type ReactNode, useState } from 'react';

import { WordsField } from '#app/components/admin/fields.tsx';
import { type ActionResult, ResultBanner } from '#app/components/admin/result-banner.tsx';
import { StepUpField } from '#app/components/admin/step-up-field.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';

const reasonMax = 200;

type Props = {
  intent: string;
  title: string;
  /** What happens, in words for somebody who does this once a year. */
  explanation: string;
  fetcher: ReturnType<typeof useFetcher<ActionResult>>;
  isDisabled: boolean;
  /** Further fields, and what they send. */
  children?: ReactNode;
  fields?: Record<string, string>;
};

/** Asks why, and for the PIN of who asks, before a key is replaced. */
export function ReplaceQuestion({ intent, title, explanation, fetcher, isDisabled, children, fields }: Props) {
  const asking = useQuestion(fetcher.data, ({ tone }) => tone === 'success');
  const [reason, setReason] = useState('');
  const [pin, setPin] = useState('');
  const send = () => fetcher.submit({ intent, reason, pin, ...fields }, { method: 'post' });
  return (
    <>
      <Button onClick={asking.open} disabled={isDisabled}>
        {title}
      </Button>
      <Modal
        open={asking.isOpen}
        onClose={asking.close}
        title={`${title}?`}
        primaryAction={{ content: title, onAction: send, loading: fetcher.state !== 'idle' }}
        secondaryActions={[{ content: 'Cancel', onAction: asking.close }]}
      >
        <Modal.Section>
          <BlockStack gap="400">
            <ResultBanner result={fetcher.data?.tone === 'critical' ? fetcher.data : null} />
            <Text as="p">{explanation}</Text>
            {children}
            <WordsField
              label="Why"
              value={reason}
              onChange={setReason}
              lengthMax={reasonMax}
              helpText="It stands in the audit."
            />
            <StepUpField value={pin} onChange={setPin} />
          </BlockStack>
        </Modal.Section>
      </Modal>
    </>
  );
}
