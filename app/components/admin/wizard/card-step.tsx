import { Text } from '@shopify/polaris';
import { useState } from 'react';

import { DesignFields, readable } from '#app/components/admin/card/design-fields.tsx';
import { useIsUploadingLogo } from '#app/components/admin/card/logo-field.tsx';
import type { StepProps } from '#app/components/admin/wizard/step-props.ts';
import { useSystemMark } from '#app/components/admin/system-mark.ts';
import { WizardShell } from '#app/components/admin/wizard/wizard-shell.tsx';
import { ApplePreview, GooglePreview } from '#app/components/card/card-preview.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { plainSample, sampleContent } from '#app/domain/cards/sample-content.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export function CardStep({ setup, result }: StepProps) {
  const [design, setDesign] = useState(setup.design);
  const isUploading = useIsUploadingLogo();
  return (
    <WizardShell
      step="card"
      title="How does the card look?"
      intro="This is what shoppers carry in Apple Wallet and Google Wallet."
      payload={{ design: JSON.stringify(design) }}
      canContinue={isDesignSound(design) && !isUploading}
      onRefused={() => undefined}
      result={result}
      aside={<Previews document={setup.document} design={design} />}
    >
      <DesignFields design={design} problems={result?.problems ?? {}} onChange={setDesign} />
    </WizardShell>
  );
}

const hexColor = /^#[0-9a-f]{6}$/;

/** Colours must be whole and the shop must have a name; the fields themselves say so while typing. */
function isDesignSound(design: CardDesign): boolean {
  const colors = [design.backgroundColor, design.foregroundColor, design.labelColor];
  return colors.every((color) => hexColor.test(color)) && design.organizationName.trim() !== '';
}

/** Both wallets, side by side in meaning and one below the other on screen. */
export function Previews({ document, design }: { document: ProgramDocument; design: CardDesign }) {
  const drawn = readable(design);
  const content = sampleContent(document, drawn, { ...plainSample, systemMark: useSystemMark() });
  return (
    <>
      <Text as="h2" variant="headingSm">
        Apple Wallet
      </Text>
      <ApplePreview content={content} design={drawn} />
      <Text as="h2" variant="headingSm">
        Google Wallet
      </Text>
      <GooglePreview content={content} design={drawn} />
    </>
  );
}
