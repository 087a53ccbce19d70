import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, Text } from '@shopify/polaris';
import { useState } from 'react';

import { ChoiceField, WordsField } from '#app/components/admin/fields.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { monthHours } from '#app/components/admin/retention/period-words.ts';

type Props = { hours: number | null; leastMonths: number; mostMonths: number; canChange: boolean };

const reasonLengthMax = 200;
const yearsOffered = [1, 2, 3, 4, 5, 7, 10];

/** Whether people who stopped coming are erased, and after how long. */
export function InactiveMembers({ hours, leastMonths, mostMonths, canChange }: Props) {
  const choosing = useFetcher<{ result: ActionResult }>();
  const [chosen, setChosen] = useState(String(hours ?? ''));
  const [reason, setReason] = useState('');
  const [isRevealed, setRevealed] = useState(false);
  const options = [
    { value: '', label: 'Keep them' },
    ...yearsOffered
      .filter((years) => years * 12 >= leastMonths && years * 12 <= mostMonths)
      .map((years) => ({
        value: String(years * 12 * monthHours),
        label: `Erase after ${years} year${years === 1 ? '' : 's'}`,
      })),
  ];
  const send = () => {
    setRevealed(true);
    if (reason.trim() === '') return;
    choosing.submit({ class: 'inactive members', hours: chosen, reason: reason.trim() }, { method: 'post' });
  };
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Members who stopped coming
        </Text>
        <Text as="p" tone="subdued">
          Who neither earned nor spent for this long is erased as if they had asked: card, profile and consents go, what
          is owed stays in your books without a name. Each erasure leaves a case with receipts under Privacy.
        </Text>
        <ResultBanner result={choosing.data?.result} />
        <div className="short-field">
          <ChoiceField label="When nothing happened" options={options} value={chosen} onChange={setChosen} />
        </div>
        {canChange && chosen !== String(hours ?? '') ? (
          <>
            <WordsField
              label="Why"
              value={reason}
              onChange={setReason}
              lengthMax={reasonLengthMax}
              error={isRevealed && reason.trim() === '' ? 'Say in a few words why.' : undefined}
            />
            <div>
              <Button
                variant="primary"
                {...(chosen === '' ? {} : { tone: 'critical' as const })}
                loading={choosing.state !== 'idle'}
                onClick={send}
              >
                {chosen === '' ? 'Keep them from now on' : 'Erase them from now on'}
              </Button>
            </div>
          </>
        ) : null}
      </BlockStack>
    </Card>
  );
}
