import { MoneyField, NumberField } from '#app/components/admin/fields.tsx';
import { ChipsField } from '#app/components/admin/program/chips-field.tsx';
import { ConditionShell } from '#app/components/admin/program/condition-shell.tsx';
import { chipWords, conditionWords } from '#app/components/admin/program/condition-words.ts';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { HoursField } from '#app/components/admin/program/hours-field.tsx';
import { TickGroup } from '#app/components/admin/program/tick-group.tsx';
import { channelNames, weekdayNames } from '#app/domain/programs/condition-sentences.ts';
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { type ConditionKey, conditionPath } from '#app/domain/programs/rule-conditions.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

type Props = Editing<EarnRule> & {
  condition: ConditionKey;
  document: ProgramDocument;
  currency: string;
  isNew: boolean;
  onRemove: () => void;
};

/** One condition or limit of a rule. */
export function ConditionRow(props: Props) {
  const { condition, isNew, onRemove } = props;
  const { title, label } = conditionWords[condition];
  return (
    <ConditionShell title={title} label={label} isNew={isNew} onRemove={onRemove}>
      <ConditionFields {...props} />
    </ConditionShell>
  );
}

const channels = (['online', 'pos', 'draft', 'api'] as const).map((value) => ({ value, label: channelNames[value] }));
const weekdays = weekdayNames.map((name, index) => ({ value: index + 1, label: name.slice(0, 3) }));

const limits = ['perOrder', 'perDay', 'perMember', 'coolDownHours'] as const;
const ticked = ['channels', 'weekdays', 'tierIds'] as const;

function ConditionFields(props: Props) {
  const { condition, value: rule, path, problems, document, currency, onChange } = props;
  const error = problems[`${path}.${conditionPath(condition)}`];
  const { conditions } = rule;
  const change = (part: Partial<Conditions>) => onChange({ ...rule, conditions: { ...conditions, ...part } });
  const limit = limits.find((key) => key === condition);
  if (limit !== undefined)
    return <LimitField limit={limit} rule={rule} error={error} document={document} onChange={onChange} />;
  const choice = ticked.find((key) => key === condition);
  if (choice !== undefined)
    return <TickedField choice={choice} conditions={conditions} error={error} document={document} onChange={change} />;
  if (condition === 'hours')
    return (
      <HoursField
        value={conditions.hours ?? []}
        path={`${path}.conditions.hours`}
        problems={problems}
        onChange={(hours) => change({ hours })}
      />
    );
  if (condition === 'firstOrder') return <span className="word">of a member earns by this rule</span>;
  if (condition === 'minimumMinor')
    return (
      <MoneyField
        label="Minimum"
        isLabelHidden
        minor={conditions.minimumMinor ?? Number.NaN}
        currency={currency}
        error={error}
        onChange={(minimumMinor) => change({ minimumMinor })}
      />
    );
  return <ListField condition={condition} rule={rule} error={error} onChange={onChange} />;
}

type TickedProps = {
  choice: (typeof ticked)[number];
  conditions: Conditions;
  error: string | undefined;
  document: ProgramDocument;
  onChange: (part: Partial<Conditions>) => void;
};

function TickedField({ choice, conditions, error, document, onChange }: TickedProps) {
  if (choice === 'channels')
    return (
      <TickGroup
        legend="Channels"
        options={channels}
        values={conditions.channels ?? []}
        error={error}
        onChange={(values) => onChange({ channels: values })}
      />
    );
  if (choice === 'weekdays')
    return (
      <TickGroup
        legend="Weekdays"
        options={weekdays}
        values={conditions.weekdays ?? []}
        error={error}
        onChange={(values) => onChange({ weekdays: values })}
      />
    );
  return (
    <TickGroup
      legend="Tiers"
      options={document.tiers?.levels.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      values={conditions.tierIds ?? []}
      error={error}
      onChange={(tierIds) => onChange({ tierIds })}
    />
  );
}

type FieldProps = { rule: EarnRule; error: string | undefined; onChange: (rule: EarnRule) => void };
type Limit = 'perOrder' | 'perDay' | 'perMember' | 'coolDownHours';

function LimitField({
  limit,
  rule,
  error,
  document,
  onChange,
}: FieldProps & { limit: Limit; document: ProgramDocument }) {
  const unit = document.units.find((candidate) => candidate.id === rule.unit);
  const isPause = limit === 'coolDownHours';
  const value = (isPause ? rule.coolDownHours : rule.caps?.[limit]) ?? Number.NaN;
  return (
    <div className="sentence">
      <div className="sentence-number">
        <NumberField
          label={isPause ? 'Hours until it counts again' : conditionWords[limit].label}
          isLabelHidden
          min={1}
          max={isPause ? 8_760 : 1_000_000_000}
          value={value}
          error={error}
          onChange={(changed) =>
            onChange(
              isPause ? { ...rule, coolDownHours: changed } : { ...rule, caps: { ...rule.caps, [limit]: changed } },
            )
          }
        />
      </div>
      <span className="word">{isPause ? 'hours' : countedUnit(2, unit).replace(/^2 /, '')}</span>
    </div>
  );
}

function ListField({ condition, rule, error, onChange }: FieldProps & { condition: ConditionKey }) {
  const words = chipWords[condition];
  if (words === undefined) return null;
  const values = new Map(Object.entries(rule.conditions)).get(condition);
  const { noun, picker } = words;
  return (
    <ChipsField
      label={words.label}
      helpText={words.helpText}
      values={Array.isArray(values) ? values.map(String) : []}
      error={error}
      {...(picker === undefined ? {} : { picker })}
      {...(noun === undefined ? {} : { format: (value: string) => `${noun} ${value}` })}
      {...(condition === 'currencies' ? { tidy: (text: string) => text.toUpperCase() } : {})}
      onChange={(changed) => onChange({ ...rule, conditions: { ...rule.conditions, [condition]: changed } })}
    />
  );
}
