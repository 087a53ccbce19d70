import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Modal } from '@shopify/polaris';
import { useState } from 'react';

import { NumberField, WordsField } from '#app/components/admin/fields.tsx';
import { classInWords } from '#app/components/admin/retention/class-words.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';

type Row = { class: string; hours: number; bounds: { least: number; most: number } | null; isChosen: boolean };

const dayHours = 24;
const reasonLengthMax = 200;

/** Asks for a period in days, and why. */
export function PeriodQuestion({ row }: { row: Row }) {
  const choosing = useFetcher<{ result: ActionResult }>();
  const answer = choosing.data?.result;
  const question = useQuestion(answer, ({ tone }) => tone === 'success');
  const name = classInWords(row.class);
  const words = row.isChosen ? 'Chosen, change' : 'Change';
  return (
    <>
      <Button variant="plain" onClick={question.open} accessibilityLabel={`${words}: ${name}`}>
        {words}
      </Button>
      {question.isOpen ? (
        <Question
          row={row}
          isBusy={choosing.state !== 'idle'}
          answer={answer}
          onClose={question.close}
          onSend={(fields) => choosing.submit({ class: row.class, ...fields }, { method: 'post' })}
        />
      ) : null}
    </>
  );
}

type QuestionProps = {
  row: Row;
  isBusy: boolean;
  answer: ActionResult | undefined;
  onClose: () => void;
  onSend: (fields: Record<string, string>) => void;
};

function Question({ row, isBusy, answer, onClose, onSend }: QuestionProps) {
  const [days, setDays] = useState(row.hours / dayHours);
  const [reason, setReason] = useState('');
  const [isRevealed, setRevealed] = useState(false);
  const problems = problemsOf(row, { days, reason });
  const send = (hours: string, isSound: boolean) => {
    setRevealed(true);
    if (isSound && problems.reason === undefined) onSend({ hours, reason: reason.trim() });
  };
  const backToUsual = { content: 'Back to the usual period', onAction: () => send('', true) };
  return (
    <Modal
      open
      onClose={onClose}
      title={classInWords(row.class)}
      primaryAction={{
        content: 'Save',
        loading: isBusy,
        onAction: () => send(String(days * dayHours), problems.days === undefined),
      }}
      secondaryActions={[...(row.isChosen ? [backToUsual] : []), { content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="300">
          <ResultBanner result={answer?.tone === 'success' ? null : answer} />
          <NumberField
            label="Keep for, in days"
            value={days}
            onChange={setDays}
            min={boundsInDays(row).least}
            max={boundsInDays(row).most}
            helpText={`From ${boundsInDays(row).least} to ${boundsInDays(row).most} days.`}
            error={isRevealed ? problems.days : undefined}
          />
          <WordsField
            label="Why"
            value={reason}
            onChange={setReason}
            lengthMax={reasonLengthMax}
            helpText="It stands in the audit log for twelve months: name nobody."
            error={isRevealed ? problems.reason : undefined}
          />
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

function boundsInDays({ bounds, hours }: Row): { least: number; most: number } {
  return { least: (bounds?.least ?? hours) / dayHours, most: (bounds?.most ?? hours) / dayHours };
}

function problemsOf(row: Row, typed: { days: number; reason: string }): { days?: string; reason?: string } {
  const { least, most } = boundsInDays(row);
  const areDaysSound = Number.isSafeInteger(typed.days) && typed.days >= least && typed.days <= most;
  return {
    ...(areDaysSound ? {} : { days: `Choose from ${least} to ${most}.` }),
    ...(typed.reason.trim() === '' ? { reason: 'Say in a few words why.' } : {}),
  };
}
