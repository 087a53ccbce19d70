import { BlockStack, Card, RangeSlider, Text } from '@shopify/polaris';
import { useState } from 'react';

import type { TextLanguage } from '#app/components/admin/card/texts-part.tsx';
import { useDrawnPictures } from '#app/components/admin/card/use-drawn-pictures.ts';
import { ChoiceField } from '#app/components/admin/fields.tsx';
import { useSystemMark } from '#app/components/admin/system-mark.ts';
import { AppleBack, ApplePreview, GoogleDetails, GooglePreview } from '#app/components/card/card-preview.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { languageNames } from '#app/domain/cards/design-changes.ts';
import { plainSample, sampleContent } from '#app/domain/cards/sample-content.ts';
import { type Language, languages } from '#app/domain/members/languages.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

const grounds = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;
type Ground = (typeof grounds)[number]['value'];

const states = [
  { value: 'used', label: 'In use' },
  { value: 'void', label: 'No longer valid' },
] as const;
type State = (typeof states)[number]['value'];

type Shown = { share: number; ground: Ground; state: State };

type Props = {
  document: ProgramDocument;
  /** A sound design. */
  design: CardDesign;
  /** The language that is being written; the preview speaks it. */
  language: TextLanguage;
  onLanguage: (language: TextLanguage) => void;
};

/** Both wallets side by side, drawn from the very content that is issued, for a sample member. */
export function PreviewPanel({ document, design, language, onLanguage }: Props) {
  const [shown, setShown] = useState<Shown>({ share: plainSample.share, ground: 'light', state: 'used' });
  const spoken: Language = language === 'own' ? 'en' : language;
  const isVoid = shown.state === 'void';
  const { share } = shown;
  const sample = { ...plainSample, language: spoken, share, isVoid, systemMark: useSystemMark() };
  const content = sampleContent(document, design, sample);
  const drawn = useDrawnPictures(design, content.stamps);
  return (
    <section aria-label="Preview">
      <Card>
        <BlockStack gap="400">
          <Controls
            document={document}
            shown={shown}
            language={spoken}
            onShown={(part) => setShown({ ...shown, ...part })}
            onLanguage={onLanguage}
          />
          <div className={`wallet-ground wallet-ground-${shown.ground}`}>
            <figure>
              <figcaption>Apple Wallet</figcaption>
              <ApplePreview content={content} design={design} {...(drawn === null ? {} : { drawn })} />
              <details>
                <summary>Back of the card</summary>
                <AppleBack content={content} />
              </details>
            </figure>
            <figure>
              <figcaption>Google Wallet</figcaption>
              <GooglePreview content={content} design={design} {...(drawn === null ? {} : { drawn })} />
              <details>
                <summary>Details of the card</summary>
                <GoogleDetails content={content} />
              </details>
            </figure>
          </div>
          <Text as="p" tone="subdued">
            Fonts and spacing are the phone’s own. Try the card on a phone before you publish it.
          </Text>
        </BlockStack>
      </Card>
    </section>
  );
}

type ControlProps = {
  document: ProgramDocument;
  shown: Shown;
  language: Language;
  onShown: (part: Partial<Shown>) => void;
  onLanguage: (language: Language) => void;
};

const languageOptions = languages.map((value) => ({ value, label: languageNames[value] }));

function Controls({ document, shown, language, onShown, onLanguage }: ControlProps) {
  const needed = document.units.find((unit) => unit.kind === 'stamp')?.stampsNeeded ?? null;
  // Points run in tenths of the way to the dearest reward.
  const steps = needed ?? 10;
  const value = Math.round(shown.share * steps);
  return (
    <div className="preview-controls">
      <RangeSlider
        label={needed === null ? 'Points on the card' : `Stamps on the card: ${value} of ${needed}`}
        min={0}
        max={steps}
        value={value}
        onChange={(chosen) => onShown({ share: Number(chosen) / steps })}
      />
      <ChoiceField label="Language" options={languageOptions} value={language} onChange={onLanguage} />
      <ChoiceField
        label="Phone’s background"
        options={grounds}
        value={shown.ground}
        onChange={(ground) => onShown({ ground })}
      />
      <ChoiceField label="Card" options={states} value={shown.state} onChange={(state) => onShown({ state })} />
    </div>
  );
}
