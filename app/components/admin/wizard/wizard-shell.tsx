import { Form, useNavigationType } from '@remix-run/react';
import { BlockStack, Box, Button, Card, InlineStack, Page, ProgressBar, Text } from '@shopify/polaris';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useIsSubmitting } from '#app/components/admin/use-form.ts';
import { wizardSteps } from '#app/components/admin/wizard/wizard-steps.ts';
import type { WizardStep } from '#app/components/admin/wizard/wizard-steps.ts';

/** Cards reach the edges of a small screen; what stands outside of them must not. */
const gutter = { xs: '400', sm: '0' } as const;

type Props = {
  step: WizardStep;
  title: string;
  intro: string;
  /** What the step posts, by field name. */
  payload: Record<string, string>;
  canContinue: boolean;
  onRefused: () => void;
  result: ActionResult | undefined;
  children: ReactNode;
  aside?: ReactNode;
};

/** One screen of the wizard: where you are, the form, and the way on and back. */
export function WizardShell({ step, title, intro, payload, canContinue, onRefused, result, children, aside }: Props) {
  const index = wizardSteps.indexOf(step);
  const before = wizardSteps[index - 1];
  const isLast = index === wizardSteps.length - 1;
  return (
    <Page narrowWidth={aside === undefined}>
      <Form
        method="post"
        noValidate
        onSubmit={(event) => {
          if (canContinue) return;
          event.preventDefault();
          onRefused();
          focusFirstProblem(event.currentTarget);
        }}
      >
        {Object.entries(payload).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <BlockStack gap="400">
          <Box paddingInline={gutter}>
            <WizardHeading index={index} title={title} intro={intro} />
          </Box>
          <ResultBanner result={result} />
          <div className={aside === undefined ? '' : 'two-columns'}>
            <Card>{children}</Card>
            {aside === undefined ? null : <div className="previews">{aside}</div>}
          </div>
          <Box paddingBlockEnd="800" paddingInline={gutter}>
            <WizardButtons before={before} isLast={isLast} />
          </Box>
        </BlockStack>
      </Form>
    </Page>
  );
}

/** A new screen is announced by moving the focus to its heading. */
function WizardHeading({ index, title, intro }: { index: number; title: string; intro: string }) {
  const heading = useRef<HTMLDivElement>(null);
  const navigationType: string = useNavigationType();
  useEffect(() => {
    if (navigationType !== 'POP') heading.current?.focus();
  }, [navigationType]);
  return (
    <BlockStack gap="200">
      <Text as="p" tone="subdued">
        Step {index + 1} of {wizardSteps.length}
      </Text>
      <ProgressBar
        size="small"
        tone="primary"
        progress={((index + 1) / wizardSteps.length) * 100}
        ariaLabelledBy="wizard-title"
      />
      <div ref={heading} tabIndex={-1} id="wizard-title">
        <Text as="h1" variant="headingLg">
          {title}
        </Text>
      </div>
      <Text as="p">{intro}</Text>
    </BlockStack>
  );
}

function WizardButtons({ before, isLast }: { before: WizardStep | undefined; isLast: boolean }) {
  const isSubmitting = useIsSubmitting();
  return (
    <InlineStack align="space-between">
      {before === undefined ? <span /> : <Button url={`/app/welcome/${before}`}>Back</Button>}
      <Button submit variant="primary" loading={isSubmitting}>
        {isLast ? 'Go live' : 'Next'}
      </Button>
    </InlineStack>
  );
}

/** Once React has drawn the messages, so that a screen reader reads the field together with its advice. */
export function focusFirstProblem(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
