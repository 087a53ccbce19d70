import { Button, InlineStack } from '@shopify/polaris';

import { WordsField } from '#app/components/admin/fields.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { RemoveIcon } from '#app/components/admin/program/icons.tsx';

type Hours = { from: string; to: string }[];

const timesMax = 12;

/** Times of a day on the shop's clock. Typed as text, because the end of a day, 24:00, is no time to a browser. */
export function HoursField({ value: hours, path, problems, onChange }: Editing<Hours>) {
  return (
    <div className="hours">
      {hours.map(({ from, to }, index) => (
        // Times have nothing that names them, and are edited in place.
        <div className="sentence" key={index}>
          <div className="sentence-number">
            <WordsField
              label={`Time ${index + 1} begins at`}
              isLabelHidden
              value={from}
              lengthMax={5}
              error={problems[`${path}.${index}.from`]}
              onChange={(changed) => onChange(hours.with(index, { from: changed, to }))}
            />
          </div>
          <span className="word">and</span>
          <div className="sentence-number">
            <WordsField
              label={`Time ${index + 1} ends at`}
              isLabelHidden
              value={to}
              lengthMax={5}
              error={problems[`${path}.${index}.to`]}
              onChange={(changed) => onChange(hours.with(index, { from, to: changed }))}
            />
          </div>
          {hours.length === 1 ? null : (
            <Button
              variant="tertiary"
              icon={RemoveIcon}
              onClick={() => onChange(hours.toSpliced(index, 1))}
              accessibilityLabel={`Remove time ${index + 1}`}
            />
          )}
        </div>
      ))}
      <InlineStack>
        <Button
          variant="plain"
          disabled={hours.length >= timesMax}
          onClick={() => onChange([...hours, { from: '17:00', to: '19:00' }])}
        >
          Add another time
        </Button>
      </InlineStack>
    </div>
  );
}
