import { Form } from '@remix-run/react';
import { BlockStack, Button, Card, InlineStack, Page } from '@shopify/polaris';
import { useState } from 'react';

import { isDesignSound, Previews } from '#app/components/admin/card-step.tsx';
import { DesignFields } from '#app/components/admin/design-fields.tsx';
import { useIsUploadingLogo } from '#app/components/admin/logo-field.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useIsSubmitting } from '#app/components/admin/use-form.ts';
import { focusFirstProblem } from '#app/components/admin/wizard-shell.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = {
  design: CardDesign;
  designNumber: number | null;
  document: ProgramDocument;
  result: ActionResult | undefined;
};

/** The designer: fields on the left, the card in both wallets on the right. */
export function CardView({ design: saved, designNumber, document, result }: Props) {
  const [design, setDesign] = useState(saved);
  const isSaving = useIsSubmitting();
  const isUploading = useIsUploadingLogo();
  const subtitle = designNumber === null ? 'Not published yet' : `Design ${designNumber} is on the cards`;
  return (
    <Page title="Card" subtitle={subtitle}>
      <Form
        method="post"
        noValidate
        onSubmit={(event) => {
          if (isDesignSound(design) && !isUploading) return;
          event.preventDefault();
          focusFirstProblem(event.currentTarget);
        }}
      >
        <input type="hidden" name="design" value={JSON.stringify(design)} />
        <BlockStack gap="400">
          <ResultBanner result={result} />
          <div className="two-columns">
            <Card>
              <BlockStack gap="400">
                <DesignFields design={design} problems={result?.problems ?? {}} onChange={setDesign} />
                <InlineStack align="end">
                  <Button submit variant="primary" loading={isSaving}>
                    Publish the design
                  </Button>
                </InlineStack>
              </BlockStack>
            </Card>
            <div className="previews">
              <Previews document={document} design={design} />
            </div>
          </div>
        </BlockStack>
      </Form>
    </Page>
  );
}
