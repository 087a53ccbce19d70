import { BlockStack, Card, Text } from '@shopify/polaris';

import { WordsField } from '#app/components/admin/fields.tsx';
import type { SignUpPlace } from '#app/components/admin/form-shapes.ts';
import { JoinLink, PlaceFields } from '#app/components/admin/wizard/places-step.tsx';
import type { SectionProps } from '#app/components/admin/program/editing.ts';
import { SectionFrame } from '#app/components/admin/program/section-frame.tsx';

type Props = SectionProps & {
  places: SignUpPlace[];
  joinUrl: string | null;
  joinCode: string | null;
  onPlaces: (places: SignUpPlace[]) => void;
};

/** The program's name, and where shoppers join. */
export function JoinSection({ document, problems, places, joinUrl, joinCode, onChange, onPlaces }: Props) {
  return (
    <SectionFrame title="Name and joining" intro="Shoppers see the name when they join and on their card.">
      <Card>
        <div className="short-field">
          <WordsField
            label="Name of the program"
            value={document.name}
            lengthMax={40}
            error={problems['name']}
            onChange={(name) => onChange({ ...document, name })}
          />
        </div>
      </Card>
      <Card>
        <BlockStack gap="300">
          <Text as="h3" variant="headingSm">
            Where shoppers join
          </Text>
          <PlaceFields chosen={places} onChange={onPlaces} />
        </BlockStack>
      </Card>
      {joinUrl === null ? null : (
        <Card>
          <JoinLink joinUrl={joinUrl} joinCode={joinCode} />
        </Card>
      )}
    </SectionFrame>
  );
}
