import { useFetcher } from '@remix-run/react';
import { BlockStack, Modal, Text } from '@shopify/polaris';
import { useEffect, useState } from 'react';

import { showToast } from '#app/components/admin/app-bridge.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { StepUpField } from '#app/components/admin/step-up-field.tsx';

type Props = {
  title: string;
  /** What the button says. */
  action: string;
  words: string;
  fields: Record<string, string>;
  onClose: () => void;
};

/** Asks for the PIN before something is done that cannot be taken back by a click. */
export function PinConfirmation({ title, action, words, fields, onClose }: Props) {
  const fetcher = useFetcher<ActionResult>();
  const [pin, setPin] = useState('');
  const { data, state } = fetcher;
  useEffect(() => {
    if (state !== 'idle' || data?.tone !== 'success') return;
    showToast(data.title);
    onClose();
  }, [data, state, onClose]);
  return (
    <Modal
      open
      onClose={onClose}
      title={title}
      primaryAction={{
        content: action,
        destructive: true,
        loading: state !== 'idle',
        onAction: () => fetcher.submit({ ...fields, pin }, { method: 'post' }),
      }}
      secondaryActions={[{ content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="300">
          <Text as="p">{words}</Text>
          <StepUpField value={pin} onChange={setPin} error={data?.tone === 'critical' ? data.title : undefined} />
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
