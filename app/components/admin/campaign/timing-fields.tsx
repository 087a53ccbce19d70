import { BlockStack, Card, Checkbox, InlineGrid, Text, TextField } from '@shopify/polaris';

import type { EditorProps } from '#app/components/admin/campaign/campaign-shapes.ts';
import { ChoiceField, MomentField, NumberField } from '#app/components/admin/fields.tsx';
import { campaignLimits } from '#app/domain/campaigns/campaign.ts';

const usualQuiet = { from: '21:00', until: '08:00' };

type Props = EditorProps & { timeZone: string; suggestedStart: string };

/** When it comes, when it goes, when it may not come, and how often at most. */
export function TimingFields({ content, onChange, problems, timeZone, suggestedStart }: Props) {
  const { startsAt, endsAt, perWeekMax } = content;
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          When
        </Text>
        <InlineGrid columns={{ xs: 1, sm: 2 }} gap="400">
          <ChoiceField
            label="Starts"
            options={[
              { value: 'now', label: 'At once' },
              { value: 'then', label: 'At a time' },
            ]}
            value={startsAt === null ? 'now' : 'then'}
            onChange={(kind) => onChange({ ...content, startsAt: kind === 'now' ? null : suggestedStart })}
          />
          {startsAt === null ? null : (
            <MomentField
              label="Starts at"
              helpText={`On the clock of your shop (${timeZone}).`}
              value={startsAt}
              error={problems['startsAt']}
              onChange={(moment) => onChange({ ...content, startsAt: moment })}
            />
          )}
        </InlineGrid>
        <MomentField
          label="Leaves the cards at"
          helpText={`On the clock of your shop (${timeZone}); at most ${campaignLimits.daysMax} days after the start.`}
          value={endsAt}
          error={problems['endsAt']}
          onChange={(moment) => onChange({ ...content, endsAt: moment })}
        />
        <QuietFields content={content} onChange={onChange} problems={problems} />
        <NumberField
          label="Messages a member gets in a week, at most"
          helpText="Of all campaigns together, this one included. Never more than three a day."
          min={1}
          max={campaignLimits.perWeekMax}
          value={perWeekMax}
          error={problems['perWeekMax']}
          onChange={(most) => onChange({ ...content, perWeekMax: most })}
        />
      </BlockStack>
    </Card>
  );
}

function QuietFields({ content, onChange, problems }: EditorProps) {
  const { quietHours } = content;
  return (
    <BlockStack gap="200">
      <Checkbox
        label="Quiet hours"
        helpText="On each member’s own clock. What would come then waits until they are over."
        checked={quietHours !== null}
        onChange={(isOn) => onChange({ ...content, quietHours: isOn ? usualQuiet : null })}
      />
      {quietHours === null ? null : (
        <InlineGrid columns={2} gap="400">
          {(['from', 'until'] as const).map((end) => {
            const error = problems[`quietHours.${end}`];
            return (
              <TextField
                key={end}
                label={end === 'from' ? 'From' : 'Until'}
                type="time"
                autoComplete="off"
                value={quietHours[end]}
                onChange={(time) => onChange({ ...content, quietHours: { ...quietHours, [end]: time } })}
                {...(error === undefined ? {} : { error })}
              />
            );
          })}
        </InlineGrid>
      )}
    </BlockStack>
  );
}
