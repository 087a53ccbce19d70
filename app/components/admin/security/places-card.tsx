import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, FormLayout, InlineStack, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { PlaceRow } from '#app/components/admin/security/shapes.ts';

const empty = { locationId: '', name: '', latitude: '', longitude: '' };
const fields = [
  { name: 'name', label: 'Name', helpText: 'As your team calls it.' },
  {
    name: 'locationId',
    label: 'Location id',
    helpText: 'The number in the address of the location in Shopify’s settings.',
  },
  { name: 'latitude', label: 'Latitude', helpText: 'Such as 52.52.' },
  { name: 'longitude', label: 'Longitude', helpText: 'Such as 13.405.' },
] as const;

/** Where the tills stand: a card cannot be in two of them at once. */
export function PlacesCard({ places, canChange }: { places: PlaceRow[]; canChange: boolean }) {
  const saving = useFetcher<ActionResult>();
  const [place, setPlace] = useState(empty);
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Where your tills stand
        </Text>
        <Text as="p" tone="subdued">
          With two places or more, a card that is used in both faster than anybody travels is held back for a look.
        </Text>
        {places.length === 0 ? null : (
          <ul className="rows">
            {places.map(({ locationId, name, latitude, longitude }) => (
              <li key={locationId}>
                <div className="row-line">
                  <span>
                    <strong>{name}</strong>, {locationId}, {latitude}, {longitude}
                  </span>
                  {canChange ? (
                    <Button
                      accessibilityLabel={`Remove ${name}`}
                      onClick={() => saving.submit({ intent: 'remove-place', locationId }, { method: 'post' })}
                    >
                      Remove
                    </Button>
                  ) : null}
                </div>
              </li>
            ))}
          </ul>
        )}
        <ResultBanner result={saving.data} />
        {canChange ? (
          <FormLayout>
            <FormLayout.Group>
              {fields.map(({ name, label, helpText }) => (
                <TextField
                  key={name}
                  label={label}
                  helpText={helpText}
                  value={place[name]}
                  onChange={(value) => setPlace((before) => ({ ...before, [name]: value }))}
                  maxLength={100}
                  autoComplete="off"
                />
              ))}
            </FormLayout.Group>
            <InlineStack>
              <Button
                loading={saving.state !== 'idle'}
                onClick={() => saving.submit({ intent: 'save-place', ...place }, { method: 'post' })}
              >
                Save this place
              </Button>
            </InlineStack>
          </FormLayout>
        ) : null}
      </BlockStack>
    </Card>
  );
}
