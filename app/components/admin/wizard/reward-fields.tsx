import { BlockStack, Button, InlineGrid, InlineStack, Select, Text } from '@shopify/polaris';

import { MoneyField, NumberField, WordsField } from '#app/components/admin/fields.tsx';
import type { OutlineProblems } from '#app/domain/programs/outline-problems.ts';
import type { Benefit } from '#app/domain/programs/rewards.ts';
import type { ProgramOutline, RewardOutline } from '#app/domain/programs/program-outline.ts';

const rewardsMax = 50;

const benefitOptions: { label: string; value: Benefit['kind'] }[] = [
  { label: 'Staff hand something over', value: 'custom' },
  { label: 'Money off the order', value: 'amount-off' },
  { label: 'Percentage off the order', value: 'percent-off' },
  { label: 'A free product', value: 'free-product' },
];

function benefitOf(kind: string, currency: string): Benefit {
  if (kind === 'amount-off') return { kind, amountMinor: 500, currency };
  if (kind === 'percent-off') return { kind, percent: 10 };
  if (kind === 'free-product') return { kind, productId: '' };
  return { kind: 'custom', instructions: 'Hand over one item of the shopper’s choice for free.' };
}

type ListProps = {
  outline: ProgramOutline;
  currency: string;
  problems: OutlineProblems;
  onChange: (rewards: RewardOutline[]) => void;
};

/** The rewards of a program, one below the other. */
export function RewardFields({ outline, currency, problems, onChange }: ListProps) {
  const { rewards, stamps, points } = outline;
  const add = () => {
    const key = `reward-${Date.now().toString(36)}`;
    const counts = stamps ? 'stamp' : 'point';
    onChange([
      ...rewards,
      { key, counts, name: '', cost: stamps?.needed ?? 100, benefit: benefitOf('custom', currency) },
    ]);
  };
  return (
    <BlockStack gap="500">
      {rewards.map((reward, index) => (
        <RewardField
          key={reward.key}
          reward={reward}
          path={`rewards.${index}`}
          currency={currency}
          problems={problems}
          hasBoth={stamps !== null && points !== null}
          onChange={(changed) => onChange(rewards.with(index, changed))}
          onRemove={() => onChange(rewards.toSpliced(index, 1))}
        />
      ))}
      <InlineStack>
        <Button onClick={add} disabled={rewards.length >= rewardsMax}>
          Add a reward
        </Button>
      </InlineStack>
    </BlockStack>
  );
}

type RewardProps = {
  reward: RewardOutline;
  path: string;
  currency: string;
  problems: OutlineProblems;
  hasBoth: boolean;
  onChange: (reward: RewardOutline) => void;
  onRemove: () => void;
};

function RewardField({ reward, path, currency, problems, hasBoth, onChange, onRemove }: RewardProps) {
  const change = (part: Partial<RewardOutline>) => onChange({ ...reward, ...part });
  const unitOptions = [
    { label: 'stamps', value: 'stamp' },
    { label: 'points', value: 'point' },
  ];
  return (
    <BlockStack gap="300">
      <InlineStack align="space-between" blockAlign="center">
        <Text as="h3" variant="headingSm">
          {reward.name.trim() === '' ? 'New reward' : reward.name}
        </Text>
        <Button
          variant="plain"
          tone="critical"
          onClick={onRemove}
          accessibilityLabel={`Remove the reward ${reward.name}`}
        >
          Remove
        </Button>
      </InlineStack>
      <InlineGrid columns={{ xs: 1, sm: 2 }} gap="300">
        <WordsField
          label="Name"
          helpText="Shoppers read this on their card."
          value={reward.name}
          lengthMax={60}
          error={problems[`${path}.name`]}
          onChange={(name) => change({ name })}
        />
        <NumberField
          label={`Costs how many ${hasBoth ? 'of them' : `${reward.counts}s`}`}
          min={1}
          max={1_000_000}
          value={reward.cost}
          error={problems[`${path}.cost`]}
          onChange={(cost) => change({ cost })}
        />
        {hasBoth ? (
          <Select
            label="Paid with"
            options={unitOptions}
            value={reward.counts}
            onChange={(value) => change({ counts: value === 'point' ? 'point' : 'stamp' })}
          />
        ) : null}
        <Select
          label="What it is"
          options={benefitOptions}
          value={reward.benefit.kind}
          onChange={(kind) => change({ benefit: benefitOf(kind, currency) })}
        />
        <BenefitValue
          benefit={reward.benefit}
          error={problems[`${path}.value`]}
          onChange={(benefit) => change({ benefit })}
          key={reward.benefit.kind}
        />
      </InlineGrid>
    </BlockStack>
  );
}

type BenefitProps = { benefit: Benefit; error: string | undefined; onChange: (benefit: Benefit) => void };

function BenefitValue({ benefit, error, onChange }: BenefitProps) {
  if (benefit.kind === 'amount-off')
    return (
      <MoneyField
        label="How much off"
        minor={benefit.amountMinor}
        currency={benefit.currency}
        error={error}
        onChange={(amountMinor) => onChange({ ...benefit, amountMinor })}
      />
    );
  if (benefit.kind === 'percent-off')
    return (
      <NumberField
        label="How much off"
        suffix="%"
        min={1}
        max={100}
        value={benefit.percent}
        error={error}
        onChange={(percent) => onChange({ ...benefit, percent })}
      />
    );
  if (benefit.kind === 'free-product')
    return (
      <WordsField
        label="Product number"
        value={benefit.productId}
        lengthMax={20}
        error={error}
        onChange={(productId) => onChange({ ...benefit, productId })}
      />
    );
  if (benefit.kind !== 'custom') return null;
  return (
    <WordsField
      label="What staff do"
      value={benefit.instructions}
      lengthMax={200}
      error={error}
      onChange={(instructions) => onChange({ ...benefit, instructions })}
    />
  );
}
