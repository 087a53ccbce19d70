import { BlockStack, Button, InlineStack, Text } from '@shopify/polaris';

import { withItem } from '#app/components/admin/card/designer-parts.ts';
import { MomentField } from '#app/components/admin/fields.tsx';
import { RemoveIcon } from '#app/components/admin/program/icons.tsx';
import type { CardPlace } from '#app/domain/cards/card-design.ts';
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';

type Times = CardPlace['relevantDates'];

type Props = { times: Times; problemOf: (path: string) => string | undefined; onChange: (times: Times) => void };

/** Times at which the card comes up there, such as an event. Read and shown in UTC, because phones are anywhere. */
export function PlaceTimes({ times, problemOf, onChange }: Props) {
  return (
    <BlockStack gap="200">
      <Text as="p">Times at which the card comes up</Text>
      {times.map((time, index) => (
        // Times have no name of their own; their place in the list is who they are.
        <InlineStack key={index} gap="200" blockAlign="start">
          <MomentField
            label={`From (UTC), time ${index + 1}`}
            value={shown(time.startsAt)}
            error={problemOf(`${index}.startsAt`)}
            onChange={(typed) => onChange(withItem(times, index, { ...time, startsAt: stored(typed) }))}
          />
          <MomentField
            label={`Until (UTC), time ${index + 1}`}
            value={shown(time.endsAt)}
            error={problemOf(`${index}.endsAt`)}
            onChange={(typed) => onChange(withItem(times, index, { ...time, endsAt: stored(typed) }))}
          />
          <div className="beside-label">
            <Button
              variant="tertiary"
              icon={RemoveIcon}
              accessibilityLabel={`Remove time ${index + 1}`}
              onClick={() => onChange(times.toSpliced(index, 1))}
            />
          </div>
        </InlineStack>
      ))}
      <div>
        <Button
          size="slim"
          disabled={times.length >= limits.relevantDatesMax}
          onClick={() => onChange([...times, { startsAt: '', endsAt: '' }])}
        >
          Add a time
        </Button>
      </div>
    </BlockStack>
  );
}

/** `2026-12-24T18:00:00Z` ↔ `2026-12-24T18:00`, as the field wants it. */
function shown(moment: string): string {
  return moment.slice(0, 16);
}

function stored(typed: string): string {
  return typed === '' ? '' : `${typed}:00Z`;
}
