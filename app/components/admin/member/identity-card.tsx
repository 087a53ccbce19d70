import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, InlineStack, Modal, Text } from '@shopify/polaris';
import { useState } from 'react';

import { WordsField } from '#app/components/admin/fields.tsx';
import type { MemberRow } from '#app/components/admin/member/members-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';

type Identity = { name: string | null; email: string | null; phone: string | null };
type Answer = ActionResult & { identity?: Identity };

type Props = {
  member: Pick<MemberRow, 'nameMasked' | 'emailMasked' | 'phoneMasked'>;
  mayUnmask: boolean;
};

const reasonLengthMax = 200;
const reasonMin = 5;

/** Who a member is: recognisable, and in full only for who says why. What was shown is gone with the page. */
export function IdentityCard({ member, mayUnmask }: Props) {
  const unmasking = useFetcher<Answer>();
  const question = useQuestion(unmasking.data, (answer) => answer.tone === 'success');
  const shown = unmasking.data?.identity ?? null;
  const { name, email, phone } = shown ?? maskedOf(member);
  const rows: [string, string | null][] = [
    ['Name', name],
    ['E-mail', email],
    ['Phone', phone],
  ];
  const isKnown = rows.some(([, value]) => value !== null);
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Who this is
        </Text>
        {isKnown ? <IdentityRows rows={rows} /> : <Text as="p">This member gave no name and no address.</Text>}
        {isKnown && mayUnmask && shown === null ? (
          <InlineStack>
            <Button onClick={question.open}>Show in full</Button>
          </InlineStack>
        ) : null}
      </BlockStack>
      {question.isOpen ? (
        <UnmaskQuestion
          isBusy={unmasking.state !== 'idle'}
          problem={unmasking.data?.tone === 'critical' ? unmasking.data.title : undefined}
          onClose={question.close}
          onSend={(reason) => unmasking.submit({ intent: 'unmask', reason }, { method: 'post' })}
        />
      ) : null}
    </Card>
  );
}

function maskedOf({ nameMasked: name, emailMasked: email, phoneMasked: phone }: Props['member']): Identity {
  return { name, email, phone };
}

function IdentityRows({ rows }: { rows: [string, string | null][] }) {
  return (
    <ul className="rows" aria-live="polite">
      {rows.map(([label, value]) => (
        <li key={label}>
          <InlineStack align="space-between" gap="200">
            <Text as="span" tone="subdued">
              {label}
            </Text>
            <span>{value ?? 'not given'}</span>
          </InlineStack>
        </li>
      ))}
    </ul>
  );
}

type QuestionProps = {
  isBusy: boolean;
  problem: string | undefined;
  onClose: () => void;
  onSend: (reason: string) => void;
};

function UnmaskQuestion({ isBusy, problem, onClose, onSend }: QuestionProps) {
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const isMissing = reason.trim().length < reasonMin;
  const error = isTried && isMissing ? 'Say why, in a few words.' : problem;
  return (
    <Modal
      open
      onClose={onClose}
      title="Show this member in full?"
      primaryAction={{
        content: 'Show',
        loading: isBusy,
        onAction: () => (isMissing ? setTried(true) : onSend(reason.trim())),
      }}
      secondaryActions={[{ content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="300">
          <Text as="p">Your name, the time and your reason are kept in the audit log, where others can see them.</Text>
          <WordsField
            label="Why you need to see it"
            placeholder="They called about a missing stamp"
            lengthMax={reasonLengthMax}
            value={reason}
            onChange={setReason}
            error={error}
          />
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
