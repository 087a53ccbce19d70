import { ChoiceField, MoneyField, NumberField, WordsField } from '#app/components/admin/fields.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { UnitChoice } from '#app/components/admin/program/unit-choice.tsx';
import type { EarnRule, EventRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = Editing<EarnRule> & { document: ProgramDocument; currency: string };

/** `Give [1] [Points] for every [EUR 1.00] spent`, and the like for items, orders and occasions. */
export function RuleSentence(props: Props) {
  const { value: rule, path, problems, document, onChange } = props;
  const units = (
    <div className="sentence-unit">
      <UnitChoice
        document={document}
        label="What is given"
        value={rule.unit}
        error={problems[`${path}.unit`]}
        onChange={(unit) => onChange({ ...rule, unit })}
      />
    </div>
  );
  if (rule.kind === 'spend')
    return <SpendSentence {...props} rule={rule} units={units} onChange={(changed) => onChange(changed)} />;
  return (
    <div className="sentence">
      <span className="word">Give</span>
      <Amount
        value={rule.amount}
        error={problems[`${path}.amount`]}
        onChange={(amount) => onChange({ ...rule, amount })}
      />
      {units}
      {rule.kind === 'event' ? (
        <Occasion rule={rule} path={path} problems={problems} onChange={onChange} />
      ) : (
        <span className="word">{rule.kind === 'item' ? 'for every item bought' : 'for every paid order'}</span>
      )}
    </div>
  );
}

function Amount({
  value,
  error,
  onChange,
}: {
  value: number;
  error: string | undefined;
  onChange: (value: number) => void;
}) {
  return (
    <div className="sentence-number">
      <NumberField
        label="How many are given"
        isLabelHidden
        min={1}
        max={1_000_000}
        value={value}
        error={error}
        onChange={onChange}
      />
    </div>
  );
}

type SpendRule = Extract<EarnRule, { kind: 'spend' }>;
type SpendProps = Pick<Props, 'path' | 'problems' | 'currency'> & {
  rule: SpendRule;
  units: React.ReactNode;
  onChange: (rule: SpendRule) => void;
};

/** The rate in the shop's own currency, or the first there is; the others stand among the extras. */
function SpendSentence({ rule, path, problems, currency, units, onChange }: SpendProps) {
  const index = mainRateIndex(rule, currency);
  const rate = rule.rates[index];
  if (rate === undefined) return null;
  const at = `${path}.rates.${index}`;
  const change = (part: Partial<typeof rate>) =>
    onChange({ ...rule, rates: rule.rates.with(index, { ...rate, ...part }) });
  return (
    <div className="sentence">
      <span className="word">Give</span>
      <Amount value={rate.amount} error={problems[`${at}.amount`]} onChange={(amount) => change({ amount })} />
      {units}
      <span className="word">for every</span>
      <div className="sentence-money">
        <MoneyField
          label="Money spent"
          isLabelHidden
          minor={rate.perMinor}
          currency={rate.currency}
          error={problems[`${at}.perMinor`]}
          onChange={(perMinor) => change({ perMinor })}
        />
      </div>
      <span className="word">spent</span>
    </div>
  );
}

/** Which rate the sentence shows. */
export function mainRateIndex(rule: SpendRule, currency: string): number {
  return Math.max(
    0,
    rule.rates.findIndex((rate) => rate.currency === currency),
  );
}

const occasions = [
  { value: 'sign-up', label: 'joining' },
  { value: 'birthday', label: 'a birthday' },
  { value: 'review', label: 'a review' },
  { value: 'custom', label: 'an event of the API' },
] as const;

type OccasionProps = Pick<Props, 'path' | 'problems'> & { rule: EventRule; onChange: (rule: EventRule) => void };

function Occasion({ rule, path, problems, onChange }: OccasionProps) {
  const { eventName, ...rest } = rule;
  return (
    <>
      <span className="word">for</span>
      <div className="sentence-choice">
        <ChoiceField
          label="Occasion"
          isLabelHidden
          options={occasions}
          value={rule.event}
          onChange={(event) =>
            onChange(event === 'custom' ? { ...rest, event, eventName: eventName ?? '' } : { ...rest, event })
          }
        />
      </div>
      {rule.event === 'custom' ? (
        <div className="sentence-choice">
          <WordsField
            label="Name of the event"
            isLabelHidden
            helpText="As your developer sends it, such as app-opened."
            value={eventName ?? ''}
            lengthMax={32}
            error={problems[`${path}.eventName`]}
            onChange={(changed) => onChange({ ...rest, eventName: changed })}
          />
        </div>
      ) : null}
    </>
  );
}
