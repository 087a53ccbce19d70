import { BlockStack, Button, InlineStack } from '@shopify/polaris';

import { ChoiceField, MoneyField, NumberField, WordsField } from '#app/components/admin/fields.tsx';
import { type Editing, without } from '#app/components/admin/program/editing.ts';
import { RemoveIcon } from '#app/components/admin/program/icons.tsx';
import type { EarnRule, Rounding } from '#app/domain/programs/earn-rules.ts';

const roundings: { value: Rounding; label: string }[] = [
  { value: 'floor', label: 'down' },
  { value: 'nearest-even', label: 'to the nearest, halves to the even one' },
  { value: 'ceil', label: 'up' },
];

/** The rule's name, how it rounds, and its rates in other currencies. */
export function RuleExtras({ value: rule, path, problems, onChange }: Editing<EarnRule>) {
  return (
    <BlockStack gap="300">
      <div className="short-field">
        <WordsField
          label="Name of the rule"
          helpText="Where it explains why a member has so many. Empty for the usual name."
          value={rule.name ?? ''}
          lengthMax={60}
          error={problems[`${path}.name`]}
          onChange={(name) => onChange(name === '' ? without(rule, 'name') : { ...rule, name })}
        />
      </div>
      {rule.kind === 'spend' ? <SpendExtras rule={rule} path={path} problems={problems} onChange={onChange} /> : null}
    </BlockStack>
  );
}

type SpendRule = Extract<EarnRule, { kind: 'spend' }>;
type SpendProps = Pick<Editing<EarnRule>, 'path' | 'problems'> & {
  rule: SpendRule;
  onChange: (rule: SpendRule) => void;
};

const ratesMax = 20;

function SpendExtras({ rule, path, problems, onChange }: SpendProps) {
  const { rates } = rule;
  return (
    <>
      <div className="short-field">
        <ChoiceField
          label="Round what an order gives"
          options={roundings}
          value={rule.rounding}
          onChange={(rounding) => onChange({ ...rule, rounding })}
        />
      </div>
      {rates.map((rate, index) => (
        // A rate has nothing but its currency, which is being typed.
        <div className="sentence" key={index}>
          <div className="sentence-number">
            <WordsField
              label={`Currency ${index + 1}`}
              value={rate.currency}
              lengthMax={3}
              error={problems[`${path}.rates.${index}.currency`]}
              onChange={(typed) =>
                onChange({ ...rule, rates: rates.with(index, { ...rate, currency: typed.toUpperCase() }) })
              }
            />
          </div>
          <div className="sentence-number">
            <NumberField
              label="Gives"
              min={1}
              max={1_000_000}
              value={rate.amount}
              error={problems[`${path}.rates.${index}.amount`]}
              onChange={(amount) => onChange({ ...rule, rates: rates.with(index, { ...rate, amount }) })}
            />
          </div>
          <div className="sentence-money">
            <MoneyField
              key={rate.currency}
              label="For every"
              minor={rate.perMinor}
              currency={rate.currency}
              error={problems[`${path}.rates.${index}.perMinor`]}
              onChange={(perMinor) => onChange({ ...rule, rates: rates.with(index, { ...rate, perMinor }) })}
            />
          </div>
          {rates.length === 1 ? null : (
            <div className="beside-label">
              <Button
                variant="tertiary"
                icon={RemoveIcon}
                onClick={() => onChange({ ...rule, rates: rates.toSpliced(index, 1) })}
                accessibilityLabel={`Remove the rate for ${rate.currency}`}
              />
            </div>
          )}
        </div>
      ))}
      <InlineStack>
        <Button
          variant="plain"
          disabled={rates.length >= ratesMax}
          onClick={() => onChange({ ...rule, rates: [...rates, { currency: '', amount: 1, perMinor: 100 }] })}
        >
          Add a currency
        </Button>
      </InlineStack>
    </>
  );
}
