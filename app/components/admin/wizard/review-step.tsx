import { BlockStack, Checkbox, Link, Text } from '@shopify/polaris';
import { useState } from 'react';

import { Previews } from '#app/components/admin/wizard/card-step.tsx';
import { ProgramSummary } from '#app/components/admin/program/program-summary.tsx';
import type { StepProps } from '#app/components/admin/wizard/step-props.ts';
import { WizardShell } from '#app/components/admin/wizard/wizard-shell.tsx';

const placeNames = { checkout: 'after checkout', link: 'by link and QR poster', pos: 'at the till' } as const;

export function ReviewStep({ setup, result }: StepProps) {
  const { places, pendingAgreement } = setup;
  const [isAgreed, setIsAgreed] = useState(false);
  const [isReminded, setIsReminded] = useState(false);
  return (
    <WizardShell
      step="review"
      title="Ready to go live?"
      intro="From now on paid orders count. You can change the program at any time; what was earned stays earned."
      payload={{ intent: 'publish', agreement: isAgreed ? String(pendingAgreement) : '' }}
      canContinue={pendingAgreement === null || isAgreed}
      onRefused={() => setIsReminded(true)}
      result={result}
      aside={<Previews document={setup.document} design={setup.design} />}
    >
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {setup.document.name}
        </Text>
        <ProgramSummary document={setup.document} currency={setup.currency} />
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            Joining
          </Text>
          <Text as="p">
            {places.length === 0
              ? 'Nobody can join yet: choose at least one place in the step before.'
              : `Shoppers join ${places.map((place) => placeNames[place]).join(', ')}.`}
          </Text>
        </BlockStack>
        {pendingAgreement === null ? null : (
          <Checkbox
            label={
              <>
                I accept the{' '}
                <Link url="/app/trust" target="_blank">
                  data processing agreement
                </Link>{' '}
                (version {pendingAgreement})
              </>
            }
            helpText="It says which data of your shoppers is kept, for what, and who works for us."
            checked={isAgreed}
            onChange={setIsAgreed}
            error={isReminded && !isAgreed ? 'Please accept the agreement to go live' : false}
          />
        )}
      </BlockStack>
    </WizardShell>
  );
}
