import { BlockStack, Button, Checkbox, Text } from '@shopify/polaris';

import { type PartProps, withItem } from '#app/components/admin/card/designer-parts.ts';
import { ChoiceCards } from '#app/components/admin/choice-cards.tsx';
import { ChoiceField, WordsField } from '#app/components/admin/fields.tsx';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';

const privacyChoices = [
  { value: 'opaque', title: 'No name', text: 'Whoever finds the phone learns nothing about its owner.' },
  { value: 'first-name', title: 'First name', text: 'Enough to greet somebody at the till.' },
  { value: 'full-name', title: 'Whole name', text: 'Where staff must be able to tell people apart.' },
] as const;

const barcodeChoices = [
  { value: 'static', title: 'Stays the same', text: 'Works everywhere, also printed.' },
  { value: 'rotating', title: 'Changes every half minute', text: 'A screenshot is worthless. Google Wallet only.' },
] as const;

const actionKinds = [
  { value: 'website', label: 'Website' },
  { value: 'menu', label: 'Menu or offers' },
  { value: 'order', label: 'Order' },
] as const;

type Action = CardDesign['poster']['actions'][number];

/** How much the card shows of a person, the barcode, and what iOS 27 adds. */
export function ExtrasPart({ design, problems, onChange }: PartProps) {
  return (
    <BlockStack gap="500">
      <BlockStack gap="200">
        <Text as="h2" variant="headingSm">
          Name on the card
        </Text>
        <ChoiceCards
          legend="Name on the card"
          name="privacy"
          choices={privacyChoices}
          value={design.privacy}
          onChange={(privacy) => onChange({ ...design, privacy })}
        />
      </BlockStack>
      <BlockStack gap="200">
        <Text as="h2" variant="headingSm">
          Barcode in Google Wallet
        </Text>
        <ChoiceCards
          legend="Barcode in Google Wallet"
          name="googleBarcode"
          choices={barcodeChoices}
          value={design.googleBarcode}
          onChange={(googleBarcode) => onChange({ ...design, googleBarcode })}
        />
      </BlockStack>
      <Poster design={design} problems={problems} onChange={onChange} />
    </BlockStack>
  );
}

function Poster({ design, problems, onChange }: PartProps) {
  const { poster } = design;
  const change = (part: Partial<CardDesign['poster']>) => onChange({ ...design, poster: { ...poster, ...part } });
  return (
    <BlockStack gap="300">
      <Text as="h2" variant="headingSm">
        Poster for iOS 27
      </Text>
      <Checkbox
        label="Also send the card as a poster"
        helpText="Newer iPhones show the large picture. Older ones go on showing the card as it is."
        checked={poster.isOn}
        onChange={(isOn) => change({ isOn })}
      />
      {poster.isOn ? (
        <>
          {poster.actions.map((action, index) => (
            <ActionForm
              key={index}
              action={action}
              number={index + 1}
              problemOf={(name) => problems[`poster.actions.${index}.${name}`]}
              onChange={(changed) => change({ actions: withItem(poster.actions, index, changed) })}
              onRemove={() => change({ actions: poster.actions.toSpliced(index, 1) })}
            />
          ))}
          <div>
            <Button
              disabled={poster.actions.length >= limits.actionsMax}
              onClick={() => change({ actions: [...poster.actions, { kind: 'website', title: '', url: '' }] })}
            >
              Add a button
            </Button>
          </div>
        </>
      ) : null}
    </BlockStack>
  );
}

type ActionProps = {
  action: Action;
  number: number;
  problemOf: (name: string) => string | undefined;
  onChange: (action: Action) => void;
  onRemove: () => void;
};

function ActionForm({ action, number, problemOf, onChange, onRemove }: ActionProps) {
  const { kind, title, url } = action;
  return (
    <PartFrame id={`action-${number}`} kind="button" title={title || `Button ${number}`} onRemove={onRemove}>
      <div className="field-pair">
        <ChoiceField
          label="What it does"
          options={actionKinds}
          value={kind === 'place' ? 'website' : kind}
          onChange={(chosen) => onChange({ ...action, kind: chosen })}
        />
        <WordsField
          label="Words"
          value={title}
          lengthMax={limits.linkLabelMax}
          error={problemOf('title')}
          onChange={(words) => onChange({ ...action, title: words })}
        />
      </div>
      <WordsField
        label="Web address"
        type="url"
        placeholder="https://"
        value={url ?? ''}
        lengthMax={500}
        error={problemOf('url')}
        onChange={(typed) => onChange({ ...action, url: typed.trim() })}
      />
    </PartFrame>
  );
}
