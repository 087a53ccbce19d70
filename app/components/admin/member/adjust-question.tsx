import { BlockStack, Modal, Select, Text } from '@shopify/polaris';
import { useState } from 'react';

import { NumberField, WordsField } from '#app/components/admin/fields.tsx';
import type { MemberDetail } from '#app/components/admin/member/member-shapes.ts';

type Props = {
  balances: MemberDetail['balances'];
  isBusy: boolean;
  problem: string | undefined;
  onClose: () => void;
  onSend: (fields: Record<string, string>) => void;
};

const amountMax = 100_000;

/** Asks for amount and reason. One opening has one key, so a double click or a lost answer books once. */
export function AdjustQuestion({ balances, isBusy, problem, onClose, onSend }: Props) {
  const [unit, setUnit] = useState(balances[0]?.unit ?? '');
  const [direction, setDirection] = useState('add');
  const [amount, setAmount] = useState(1);
  const [reason, setReason] = useState('');
  const [isRevealed, setRevealed] = useState(false);
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const isAmountSound = Number.isSafeInteger(amount) && amount >= 1 && amount <= amountMax;
  const isReasonSound = reason.trim() !== '';
  const send = () => {
    setRevealed(true);
    if (!isAmountSound || !isReasonSound) return;
    onSend({
      intent: 'adjust',
      unit,
      amount: String(direction === 'add' ? amount : -amount),
      reason: reason.trim(),
      idempotencyKey,
    });
  };
  return (
    <Modal
      open
      onClose={onClose}
      title="Adjust the balance"
      primaryAction={{ content: 'Adjust', onAction: send, loading: isBusy }}
      secondaryActions={[{ content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="400">
          <Problem problem={problem} />
          <Select
            label="What"
            options={balances.map(({ unit: value, label }) => ({ value, label }))}
            value={unit}
            onChange={setUnit}
          />
          <Select
            label="Do"
            options={[
              { value: 'add', label: 'Add' },
              { value: 'take', label: 'Take away' },
            ]}
            value={direction}
            onChange={setDirection}
          />
          <NumberField
            label="How many"
            min={1}
            max={amountMax}
            value={amount}
            error={isRevealed && !isAmountSound ? 'Enter a whole number from 1 to 100,000.' : undefined}
            onChange={setAmount}
          />
          <WordsField
            label="Reason"
            helpText="Kept with the booking for ever. Do not write anything personal."
            value={reason}
            lengthMax={200}
            error={isRevealed && !isReasonSound ? 'Say why, so that others understand it later.' : undefined}
            onChange={setReason}
          />
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

function Problem({ problem }: { problem: string | undefined }) {
  if (problem === undefined) return null;
  return (
    <div role="alert">
      <Text as="p" tone="critical">
        {problem}
      </Text>
    </div>
  );
}
