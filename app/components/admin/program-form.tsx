import { Form } from '@remix-run/react';
import { BlockStack, Button, Card, Checkbox, InlineStack, Select, Text } from '@shopify/polaris';
import { useState } from 'react';

import { PointFields, StampFields } from '#app/components/admin/earn-fields.tsx';
import { NumberField, WordsField } from '#app/components/admin/fields.tsx';
import type { Setup } from '#app/components/admin/form-shapes.ts';
import { PlaceFields } from '#app/components/admin/places-step.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { RewardFields } from '#app/components/admin/reward-fields.tsx';
import { withStamps } from '#app/components/admin/rule-step.tsx';
import { useIsSubmitting } from '#app/components/admin/use-form.ts';
import { useProblems } from '#app/components/admin/use-problems.ts';
import { focusFirstProblem } from '#app/components/admin/wizard-shell.tsx';
import type { OutlineProblems } from '#app/domain/programs/outline-problems.ts';
import type { ProgramOutline } from '#app/domain/programs/program-outline.ts';

type Props = { setup: Setup; result: ActionResult | undefined };

/** Edits the draft. Nothing here touches what is live until it is published. */
export function ProgramForm({ setup, result }: Props) {
  const [outline, setOutline] = useState(setup.outline);
  const [places, setPlaces] = useState(setup.places);
  const { problems, isSound, reveal } = useProblems(outline, result);
  return (
    <Form
      method="post"
      noValidate
      onSubmit={(event) => {
        if (isSound) return;
        event.preventDefault();
        reveal();
        focusFirstProblem(event.currentTarget);
      }}
    >
      <input type="hidden" name="intent" value="save" />
      <input type="hidden" name="outline" value={JSON.stringify(outline)} />
      <input type="hidden" name="places" value={places.join(',')} />
      <Card>
        <BlockStack gap="600">
          <WordsField
            label="Name of the program"
            value={outline.name}
            lengthMax={40}
            error={problems['name']}
            onChange={(name) => setOutline({ ...outline, name })}
          />
          {outline.stamps ? (
            <StampFields
              stamps={outline.stamps}
              problems={problems}
              onChange={(stamps) => setOutline(withStamps(outline, stamps))}
            />
          ) : null}
          {outline.points ? (
            <PointFields
              points={outline.points}
              currency={setup.currency}
              problems={problems}
              onChange={(points) => setOutline({ ...outline, points })}
            />
          ) : null}
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              Rewards
            </Text>
            <RewardFields
              outline={outline}
              currency={setup.currency}
              problems={problems}
              onChange={(rewards) => setOutline({ ...outline, rewards })}
            />
          </BlockStack>
          <AgingFields outline={outline} problems={problems} onChange={setOutline} />
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              Where shoppers join
            </Text>
            <PlaceFields chosen={places} onChange={setPlaces} />
          </BlockStack>
          <SaveButton />
        </BlockStack>
      </Card>
    </Form>
  );
}

function SaveButton() {
  const isSaving = useIsSubmitting('save');
  return (
    <InlineStack align="end">
      <Button submit loading={isSaving}>
        Save draft
      </Button>
    </InlineStack>
  );
}

type AgingProps = { outline: ProgramOutline; problems: OutlineProblems; onChange: (outline: ProgramOutline) => void };

const debtOptions = [
  { label: 'goes below zero and is repaid by the next orders', value: 'carry' },
  { label: 'stops at zero; the loss is recorded', value: 'write-off' },
];

function AgingFields({ outline, problems, onChange }: AgingProps) {
  const { expiryMonths, debtPolicy } = outline;
  return (
    <BlockStack gap="300">
      <Text as="h2" variant="headingMd">
        Expiry and refunds
      </Text>
      <Checkbox
        label="What members collect expires"
        checked={expiryMonths !== null}
        onChange={(expires) => onChange({ ...outline, expiryMonths: expires ? 12 : null })}
      />
      {expiryMonths === null ? null : (
        <div className="sentence-choice">
          <NumberField
            label="Months after earning"
            min={1}
            max={120}
            value={expiryMonths}
            error={problems['expiryMonths']}
            onChange={(months) => onChange({ ...outline, expiryMonths: months })}
          />
        </div>
      )}
      <Select
        label="When a refund takes back what was already spent, the balance"
        options={debtOptions}
        value={debtPolicy}
        onChange={(value) => onChange({ ...outline, debtPolicy: value === 'write-off' ? 'write-off' : 'carry' })}
      />
    </BlockStack>
  );
}
