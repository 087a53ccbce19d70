import { BlockStack, Checkbox, Modal, Text } from '@shopify/polaris';
import { useState } from 'react';

import { ChoiceField, WordsField } from '#app/components/admin/fields.tsx';
import { reasonNames } from '#app/components/admin/privacy/case-words.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { caseReasons } from '#app/domain/privacy/case.ts';
import type { CaseReason } from '#app/domain/privacy/case.ts';

export type PrivacyRequest = 'access' | 'rectification' | 'restriction' | 'lift-restriction' | 'objection' | 'erasure';

type Props = {
  request: PrivacyRequest;
  isBusy: boolean;
  answer: ActionResult | undefined;
  onClose: () => void;
  onSend: (fields: Record<string, string>) => void;
};

type Words = { title: string; action: string; lines: string[] };

const words: Record<PrivacyRequest, Words> = {
  access: {
    title: 'Make a copy of their data?',
    action: 'Make the copy',
    lines: [
      'Everything held about this person, as a document and as a table. It is kept for 30 days on the Privacy page.',
    ],
  },
  rectification: {
    title: 'Correct their details',
    action: 'Correct',
    lines: [
      'What you leave empty stays as it is. A new address is not used for messages before its owner confirmed it.',
    ],
  },
  restriction: {
    title: 'Stop using this data?',
    action: 'Stop using it',
    lines: [
      'The data is kept, and nothing is done with it: the card is frozen, nothing is collected, redeemed, sent or told to integrations, and nothing expires.',
      'What they buy meanwhile is counted when you lift this again.',
    ],
  },
  'lift-restriction': {
    title: 'Use this data again?',
    action: 'Use it again',
    lines: ['The card works again, and what was bought meanwhile is counted. Tell the member before you do this.'],
  },
  objection: {
    title: 'End marketing and profiling?',
    action: 'End it',
    lines: [
      'Every consent to marketing and statistics is withdrawn, on all channels. The card itself goes on working.',
    ],
  },
  erasure: {
    title: 'Erase this member?',
    action: 'Erase member',
    lines: [
      'Name, addresses and everything that leads to this person are deleted, here and in both wallets. Their balance is lost.',
      'Figures stay, without a name, because accounts must still add up. You get a signed certificate.',
    ],
  },
};

const fields = [
  { name: 'name', label: 'Name', lengthMax: 120 },
  { name: 'email', label: 'E-mail address', lengthMax: 254 },
  { name: 'phone', label: 'Phone number', lengthMax: 32 },
  { name: 'birthday', label: 'Birthday (month-day, such as 02-29)', lengthMax: 5 },
] as const;

/** Says what will happen, asks why, and, before what cannot be undone, whether it is meant. */
export function PrivacyQuestion({ request, isBusy, answer, onClose, onSend }: Props) {
  const [reason, setReason] = useState<CaseReason>(caseReasons[0]);
  const [isConfirmed, setConfirmed] = useState(false);
  const [corrections, setCorrections] = useState<Record<string, string>>({});
  const { title, action, lines } = words[request];
  const isErasure = request === 'erasure';
  const send = () => onSend({ reason, ...corrections, ...(isConfirmed && { confirmed: 'yes' }) });
  return (
    <Modal
      open
      onClose={onClose}
      title={title}
      primaryAction={{
        content: action,
        onAction: send,
        loading: isBusy,
        destructive: isErasure,
        disabled: isErasure && !isConfirmed,
      }}
      secondaryActions={[{ content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="300">
          <Problem text={answer?.title} />
          {lines.map((line) => (
            <Text as="p" key={line}>
              {line}
            </Text>
          ))}
          {request === 'rectification'
            ? fields.map(({ name, label, lengthMax }) => (
                <WordsField
                  key={name}
                  label={label}
                  lengthMax={lengthMax}
                  value={corrections[name] ?? ''}
                  error={answer?.problems?.[name]}
                  onChange={(text) => setCorrections({ ...corrections, [name]: text })}
                />
              ))
            : null}
          <ChoiceField
            label="Why"
            options={caseReasons.map((value) => ({ value, label: reasonNames[value] }))}
            value={reason}
            onChange={setReason}
          />
          {isErasure ? (
            <Checkbox label="I know that this cannot be undone" checked={isConfirmed} onChange={setConfirmed} />
          ) : null}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

function Problem({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <div role="alert">
      <Text as="p" tone="critical">
        {text}
      </Text>
    </div>
  );
}
