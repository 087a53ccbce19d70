import { BlockStack, Card, ChoiceList, InlineGrid, Text, TextField } from '@shopify/polaris';

import { type EditorProps, languageNames } from '#app/components/admin/campaign/campaign-shapes.ts';
import { ChoiceField, NumberField } from '#app/components/admin/fields.tsx';
import { anybody, type Audience, type Segment } from '#app/domain/campaigns/campaign.ts';
import { languages } from '#app/domain/members/languages.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

const balanceMax = 1_000_000_000;

/** An audience of this kind when nothing more is said. */
function emptyAudience(kind: Audience['kind']): Audience {
  if (kind === 'segment') return { kind, segment: anybody };
  return kind === 'member' ? { kind, memberId: '' } : { kind };
}

type Props = EditorProps & { document: ProgramDocument };

/** Who gets the message. */
export function AudienceFields({ content, onChange, problems, document }: Props) {
  const { audience } = content;
  const set = (next: Audience) => onChange({ ...content, audience: next });
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Who gets it
        </Text>
        <ChoiceField
          label="To"
          options={[
            { value: 'all', label: 'All members' },
            { value: 'segment', label: 'Some members' },
            { value: 'member', label: 'One member' },
          ]}
          value={audience.kind}
          onChange={(kind) => set(emptyAudience(kind))}
        />
        {audience.kind === 'member' ? (
          <TextField
            label="Member id"
            helpText="The end of the address of the member’s page."
            autoComplete="off"
            value={audience.memberId}
            onChange={(memberId) => set({ kind: 'member', memberId: memberId.trim() })}
            {...(problems['audience.memberId'] === undefined ? {} : { error: problems['audience.memberId'] })}
          />
        ) : null}
        {audience.kind === 'segment' ? (
          <SegmentFields
            segment={audience.segment}
            onChange={(segment) => set({ kind: 'segment', segment })}
            problems={problems}
            document={document}
          />
        ) : null}
      </BlockStack>
    </Card>
  );
}

type SegmentProps = {
  segment: Segment;
  onChange: (segment: Segment) => void;
  problems: Record<string, string>;
  document: ProgramDocument;
};

function SegmentFields({ segment, onChange, problems, document }: SegmentProps) {
  const levels = document.tiers?.levels ?? [];
  return (
    <BlockStack gap="400">
      <Text as="p" tone="subdued">
        Everything you choose must hold. What you leave empty does not matter.
      </Text>
      {levels.length === 0 ? null : (
        <ChoiceList
          allowMultiple
          title="Tier"
          choices={levels.map(({ id, name }) => ({ value: id, label: name }))}
          selected={segment.tiers}
          onChange={(tiers) => onChange({ ...segment, tiers })}
        />
      )}
      <ChoiceList
        allowMultiple
        title="Language"
        choices={languages.map((language) => ({ value: language, label: languageNames[language] }))}
        selected={segment.languages}
        onChange={(chosen) =>
          onChange({ ...segment, languages: languages.filter((language) => chosen.includes(language)) })
        }
      />
      <BalanceFields segment={segment} onChange={onChange} problems={problems} document={document} />
      <ActivityFields segment={segment} onChange={onChange} problems={problems} document={document} />
      <InlineGrid columns={{ xs: 1, sm: 2 }} gap="400">
        <DayField
          label="Joined from"
          value={segment.enrolledFrom}
          error={problems['audience.segment.enrolledFrom']}
          onChange={(enrolledFrom) => onChange({ ...segment, enrolledFrom })}
        />
        <DayField
          label="Joined until"
          value={segment.enrolledUntil}
          error={problems['audience.segment.enrolledUntil']}
          onChange={(enrolledUntil) => onChange({ ...segment, enrolledUntil })}
        />
      </InlineGrid>
    </BlockStack>
  );
}

function BalanceFields({ segment, onChange, problems, document }: SegmentProps) {
  const { balance } = segment;
  const bound = (value: number) => (Number.isNaN(value) ? null : value);
  return (
    <InlineGrid columns={{ xs: 1, sm: 3 }} gap="400">
      <ChoiceField
        label="Balance of"
        options={[{ value: '', label: 'Anything' }, ...document.units.map(({ id, label }) => ({ value: id, label }))]}
        value={balance?.unit ?? ''}
        onChange={(unit) =>
          onChange({ ...segment, balance: unit === '' ? null : { min: null, max: null, ...balance, unit } })
        }
      />
      {balance === null ? null : (
        <>
          <NumberField
            label="At least"
            min={-balanceMax}
            max={balanceMax}
            value={balance.min ?? Number.NaN}
            error={problems['audience.segment.balance.min']}
            onChange={(min) => onChange({ ...segment, balance: { ...balance, min: bound(min) } })}
          />
          <NumberField
            label="At most"
            min={-balanceMax}
            max={balanceMax}
            value={balance.max ?? Number.NaN}
            error={problems['audience.segment.balance.max']}
            onChange={(max) => onChange({ ...segment, balance: { ...balance, max: bound(max) } })}
          />
        </>
      )}
    </InlineGrid>
  );
}

const activityDays = 30;

function ActivityFields({ segment, onChange, problems }: SegmentProps) {
  const { activity } = segment;
  return (
    <InlineGrid columns={{ xs: 1, sm: 3 }} gap="400">
      <ChoiceField
        label="Activity"
        options={[
          { value: 'any', label: 'Anything' },
          { value: 'active', label: 'Earned or spent' },
          { value: 'quiet', label: 'Neither earned nor spent' },
        ]}
        value={activity?.kind ?? 'any'}
        onChange={(kind) =>
          onChange({ ...segment, activity: kind === 'any' ? null : { kind, days: activity?.days ?? activityDays } })
        }
      />
      {activity === null ? null : (
        <NumberField
          label="In the last days"
          min={1}
          max={730}
          value={activity.days}
          error={problems['audience.segment.activity.days']}
          onChange={(days) => onChange({ ...segment, activity: { ...activity, days } })}
        />
      )}
    </InlineGrid>
  );
}

type DayProps = {
  label: string;
  value: string | null;
  error: string | undefined;
  onChange: (value: string | null) => void;
};

function DayField({ label, value, error, onChange }: DayProps) {
  return (
    <TextField
      label={label}
      type="date"
      autoComplete="off"
      value={value ?? ''}
      onChange={(typed) => onChange(typed === '' ? null : typed)}
      {...(error === undefined ? {} : { error })}
    />
  );
}
