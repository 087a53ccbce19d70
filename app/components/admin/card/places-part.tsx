import { BlockStack, Button, Text } from '@shopify/polaris';

import { freeId, type PartProps, withItem } from '#app/components/admin/card/designer-parts.ts';
import { PlaceTimes } from '#app/components/admin/card/place-times.tsx';
import { CoordinateField } from '#app/components/admin/card/coordinate-field.tsx';
import { WordsField } from '#app/components/admin/fields.tsx';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import type { CardPlace } from '#app/domain/cards/card-design.ts';
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';

/** Where the card comes up by itself on the lock screen, and when. */
export function PlacesPart({ design, problems, onChange }: PartProps) {
  const { places } = design;
  const add = () => {
    const id = freeId('place', places);
    const place: CardPlace = {
      id,
      name: '',
      latitude: Number.NaN,
      longitude: Number.NaN,
      relevantText: '',
      relevantDates: [],
    };
    onChange({ ...design, places: [...places, place] });
  };
  return (
    <BlockStack gap="400">
      <Text as="p" tone="subdued">
        Near one of these places the phone offers the card on its lock screen. Where the phone is stays on the phone.
      </Text>
      {places.map((place, index) => (
        <PartFrame
          key={place.id}
          id={place.id}
          kind="place"
          title={place.name || `Place ${index + 1}`}
          onRemove={() => onChange({ ...design, places: places.toSpliced(index, 1) })}
        >
          <PlaceForm
            place={place}
            problemOf={(path) => problems[`places.${index}.${path}`]}
            onChange={(changed) => onChange({ ...design, places: withItem(places, index, changed) })}
          />
        </PartFrame>
      ))}
      <div>
        <Button disabled={places.length >= limits.placesMax} onClick={add}>
          Add a place
        </Button>
      </div>
    </BlockStack>
  );
}

type FormProps = {
  place: CardPlace;
  problemOf: (path: string) => string | undefined;
  onChange: (place: CardPlace) => void;
};

function PlaceForm({ place, problemOf, onChange }: FormProps) {
  return (
    <BlockStack gap="300">
      <WordsField
        label="Name of the place"
        value={place.name}
        lengthMax={limits.placeNameMax}
        isCounted
        error={problemOf('name')}
        onChange={(name) => onChange({ ...place, name })}
      />
      <div className="field-pair">
        <CoordinateField
          label="Latitude"
          helpText="From 90 (north) to −90 (south), such as 52.5200."
          value={place.latitude}
          error={problemOf('latitude')}
          onChange={(latitude) => onChange({ ...place, latitude })}
        />
        <CoordinateField
          label="Longitude"
          helpText="From −180 (west) to 180 (east), such as 13.4050."
          value={place.longitude}
          error={problemOf('longitude')}
          onChange={(longitude) => onChange({ ...place, longitude })}
        />
      </div>
      <WordsField
        label="Words on the lock screen"
        helpText="Empty says the shop’s name."
        value={place.relevantText}
        lengthMax={limits.relevantTextMax}
        isCounted
        error={problemOf('relevantText')}
        onChange={(relevantText) => onChange({ ...place, relevantText })}
      />
      <PlaceTimes
        times={place.relevantDates}
        problemOf={(path) => problemOf(`relevantDates.${path}`)}
        onChange={(relevantDates) => onChange({ ...place, relevantDates })}
      />
    </BlockStack>
  );
}
