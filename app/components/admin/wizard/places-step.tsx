import { BlockStack, Button, Checkbox, InlineStack, Text } from '@shopify/polaris';
import { useState } from 'react';

import type { SignUpPlace } from '#app/components/admin/form-shapes.ts';
import { PosterPreview } from '#app/components/admin/poster-preview.tsx';
import type { StepProps } from '#app/components/admin/wizard/step-props.ts';
import { WizardShell } from '#app/components/admin/wizard/wizard-shell.tsx';

const places: { place: SignUpPlace; label: string; helpText: string }[] = [
  {
    place: 'checkout',
    label: 'After checkout',
    helpText:
      'An invitation on the thank-you and order-status pages. Add the block “Loyalty sign-up” in the checkout editor.',
  },
  {
    place: 'link',
    label: 'Join link and QR poster',
    helpText: 'One address for your website, newsletter, window and counter.',
  },
  { place: 'pos', label: 'At the till', helpText: 'Staff add members from the Stampwell tile in Shopify POS.' },
];

/** Where shoppers can join. Shared by the wizard and the program page. */
export function PlaceFields({
  chosen,
  onChange,
}: {
  chosen: SignUpPlace[];
  onChange: (chosen: SignUpPlace[]) => void;
}) {
  return (
    <BlockStack gap="300">
      {places.map(({ place, label, helpText }) => (
        <Checkbox
          key={place}
          label={label}
          helpText={helpText}
          checked={chosen.includes(place)}
          onChange={(isChosen) =>
            onChange(
              places
                .map((entry) => entry.place)
                .filter((entry) => (entry === place ? isChosen : chosen.includes(entry))),
            )
          }
        />
      ))}
    </BlockStack>
  );
}

/** The join address as a link and as a code that can be scanned from the screen. */
export function JoinLink({ joinUrl, joinCode }: { joinUrl: string; joinCode: string | null }) {
  return (
    <InlineStack gap="400" blockAlign="center">
      {joinCode === null ? null : (
        // The drawing comes from our own encoder, which writes nothing but paths.
        <div
          className="poster-code"
          role="img"
          aria-label="QR code of the join page"
          dangerouslySetInnerHTML={{ __html: joinCode }}
        />
      )}
      <BlockStack gap="200" inlineAlign="start">
        <Text as="p">
          <span className="mono">{joinUrl}</span>
        </Text>
        <Button url={`${joinUrl}/poster`} external>
          Open the poster to print
        </Button>
      </BlockStack>
    </InlineStack>
  );
}

export function PlacesStep({ setup, result }: StepProps) {
  const [chosen, setChosen] = useState(setup.places);
  return (
    <WizardShell
      step="places"
      title="Where can shoppers join?"
      intro="Joining takes one tap, and nothing is ticked for them."
      payload={{ places: chosen.join(',') }}
      canContinue
      onRefused={() => undefined}
      result={result}
    >
      <BlockStack gap="500">
        <PlaceFields chosen={chosen} onChange={setChosen} />
        {chosen.includes('link') && setup.joinUrl !== null ? (
          <div className="bring-in">
            {setup.joinCode === null ? null : (
              <PosterPreview document={setup.document} design={setup.design} joinCode={setup.joinCode} />
            )}
            <JoinLink joinUrl={setup.joinUrl} joinCode={null} />
          </div>
        ) : null}
      </BlockStack>
    </WizardShell>
  );
}
